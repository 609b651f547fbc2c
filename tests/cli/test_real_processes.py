"""`python -m perks_engine` as a script sees it: two streams, an exit code, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.cli.command_line import Desk
from tests.engine_room import PHONE


def perks(desk: Desk, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perks_engine", *arguments],
        cwd=desk.folder,
        env=os.environ | desk.environment | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )


def test_the_exit_codes_and_streams_of_a_check(phone_desk: Desk) -> None:
    eligible = perks(phone_desk, "check", PHONE, "ana", "--json")
    assert (eligible.returncode, eligible.stderr) == (0, "")
    assert json.loads(eligible.stdout)["verdict"] == "eligible"
    ineligible = perks(phone_desk, "check", PHONE, "ben", "--json")
    assert (ineligible.returncode, ineligible.stderr) == (1, "")
    assert json.loads(ineligible.stdout)["verdict"] == "ineligible"
    wrong = perks(phone_desk, "check", PHONE, "nobody")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "perks: nobody is on record as nobody\n"


def test_an_error_in_json_is_all_there_is(phone_desk: Desk) -> None:
    told = perks(phone_desk, "claim", "no-such", "ana", "--key", "k", "--json")
    assert (told.returncode, told.stderr) == (2, "")
    assert json.loads(told.stdout)["error"]["code"] == "campaign.unknown"


def test_a_terminal_that_has_no_check_marks_still_gets_its_answer(phone_desk: Desk) -> None:
    told = perks(phone_desk, "check", PHONE, "ben", PYTHONIOENCODING="ascii")
    assert "Traceback" not in told.stderr
    assert (told.returncode, told.stderr) == (1, "")
    assert "[location.outside]" in told.stdout


def test_two_processes_claim_the_last_unit_and_one_gets_it(desk: Desk) -> None:
    desk.open_campaign(quantity="1")
    for person in ("ana", "bo"):
        desk.person(person)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "perks_engine", "claim", PHONE, person, "--key", "k", "--json"],
            cwd=desk.folder,
            env=os.environ | desk.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for person in ("ana", "bo")
    ]
    told = [(*process.communicate(timeout=120), process.returncode) for process in running]
    assert sorted(code for _, _, code in told) == [0, 1]
    assert [err for _, err, _ in told] == ["", ""]
    assert sorted(json.loads(out)["outcome"] for out, _, _ in told) == ["granted", "refused"]
    assert desk.json("campaign", "show", PHONE)["free_units"] == 0
