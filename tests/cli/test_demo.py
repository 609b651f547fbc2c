"""`perks demo`: what it prints can be pasted, does what it says, and leaves nothing behind."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
from pathlib import Path

import httpx

from tests.cli.demo_stage import Demo, running_demo


def pasted(command: str) -> tuple[int, str]:
    """The status and the body that the command gets, run by a shell as it was printed."""
    done = subprocess.run(
        ["bash", "-c", f"{command} -w '\\n%{{http_code}}'"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


FROM_HERE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


def signed_in(demo: Demo, whose: str) -> str:
    """What somebody sees first who follows their link, in a browser that asked for nothing."""
    [link] = [line.split()[-1] for line in demo.told if line.startswith(f"  {whose}")]
    with httpx.Client(headers=FROM_HERE, timeout=60, follow_redirects=True) as browser:
        assert "Sign in" in browser.get(link).text
        page = browser.post(link)
        assert page.url.path == "/my"
        return page.text


def test_the_three_commands_can_be_pasted_and_tell_the_story(tmp_path: Path, cache: Path) -> None:
    with running_demo(tmp_path, cache) as demo:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", demo.base)
        assert f"  {demo.base}/docs       the API, to try in a browser" in demo.told
        brooklyn, alabama, listing = demo.commands

        assert "Open to you" in signed_in(demo, "Ana in Brooklyn, to whom")
        assert "Not open to you" in signed_in(demo, "Ben in Alabama, to whom")
        for name in ("Mara", "Noor", "Finn", "Cora"):
            [token] = [line.split()[-1] for line in demo.told if line.startswith(f"  {name}, ")]
            answer = httpx.post(f"{demo.base}/sign-in/token", data={"token": token}, headers=FROM_HERE)
            assert answer.status_code == 303, answer.text

        status, body = pasted(brooklyn)
        granted = json.loads(body)
        assert (status, granted["person"], granted["outcome"]) == (201, "ana", "granted")

        status, body = pasted(alabama)
        refused = json.loads(body)
        assert (status, refused["verdict"]) == (403, "ineligible")
        assert [reason["code"] for reason in refused["reasons"]] == ["location.outside"]
        assert "New York City" in refused["reasons"][0]["change"]

        status, body = pasted(listing)
        listed = list(csv.DictReader(body.removeprefix("\ufeff").splitlines()))
        assert (status, [line["person"] for line in listed]) == (200, ["dara"])

        # Pasted once more, the claim has the answer it had.
        assert pasted(brooklyn) == (201, json.dumps(granted, separators=(",", ":")))

        [folder] = tmp_path.glob("perks-demo-*")
        assert demo.stop(signal.SIGINT) == (0, "")
        assert not folder.exists()
