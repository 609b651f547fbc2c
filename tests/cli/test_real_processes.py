"""`perks` as a script sees it: two streams, an exit code, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.cli.command_line import Desk, Told
from tests.engine_room import PHONE
from tests.warm_start import Perks


def started(desk: Desk, *arguments: str) -> Perks:
    return Perks(*arguments, folder=desk.folder, environment=os.environ | desk.environment)


def perks(desk: Desk, *arguments: str) -> Told:
    running = started(desk, *arguments)
    out, err = running.communicate()
    return Told(running.wait(), out, err)


def test_the_exit_codes_and_streams_of_a_check(phone_desk: Desk) -> None:
    eligible = perks(phone_desk, "check", PHONE, "ana", "--json")
    assert (eligible.code, eligible.err) == (0, "")
    assert eligible.data["verdict"] == "eligible"
    ineligible = perks(phone_desk, "check", PHONE, "ben", "--json")
    assert (ineligible.code, ineligible.err) == (1, "")
    assert ineligible.data["verdict"] == "ineligible"
    wrong = perks(phone_desk, "check", PHONE, "nobody")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == "perks: nobody is on record as nobody\n"


def test_an_error_in_json_is_all_there_is(phone_desk: Desk) -> None:
    told = perks(phone_desk, "claim", "no-such", "ana", "--key", "k", "--json")
    assert (told.code, told.err) == (2, "")
    assert told.data["error"]["code"] == "campaign.unknown"


def test_a_terminal_that_has_no_check_marks_still_gets_its_answer(phone_desk: Desk) -> None:
    """The interpreter chooses its signs when it starts, so this one is started as users do."""
    told = subprocess.run(
        [sys.executable, "-m", "perks_engine", "check", PHONE, "ben"],
        cwd=phone_desk.folder,
        env=os.environ | phone_desk.environment | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        encoding="ascii",
        timeout=120,
    )
    assert "Traceback" not in told.stderr
    assert (told.returncode, told.stderr) == (1, "")
    assert "[location.outside]" in told.stdout


def test_two_processes_claim_the_last_unit_and_one_gets_it(desk: Desk) -> None:
    desk.open_campaign(quantity="1")
    for person in ("ana", "bo"):
        desk.person(person)
    running = [started(desk, "claim", PHONE, person, "--key", "k", "--json") for person in ("ana", "bo")]
    told = [(*process.communicate(), process.wait()) for process in running]
    assert sorted(code for _, _, code in told) == [0, 1]
    assert [err for _, err, _ in told] == ["", ""]
    assert sorted(json.loads(out)["outcome"] for out, _, _ in told) == ["granted", "refused"]
    assert desk.json("campaign", "show", PHONE)["free_units"] == 0
