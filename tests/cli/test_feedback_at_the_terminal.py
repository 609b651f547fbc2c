"""`perks feedback export`: all of it, as a file or on standard output."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

from perks_engine.services.feedback import Own
from tests.cli.command_line import Desk


def answered(desk: Desk) -> str:
    """A claim of ana's, whose answer was changed once."""
    claim = desk.granted(desk.person("ana"))
    now = datetime.now(UTC).isoformat()
    rows = [f"{claim},{move},{now},T-1" for move in ("ship", "deliver")]
    desk.well("fulfillment", "record", desk.records(*rows))
    desk.well("consents", "give", "ana", "feedback", "email", "--shown", "1", "--why", "by telephone")
    with desk.engine() as engine:
        own = Own("ana", claim)
        engine.recipients.feedback.say(own, 1, "It broke, twice.")
        engine.recipients.feedback.say(own, None, "It broke, twice.")
    return claim


def test_every_version_is_in_the_file(phone_desk: Desk) -> None:
    claim = answered(phone_desk)
    out = phone_desk.folder / "feedback.csv"
    told = phone_desk.well("feedback", "export", "--campaign", "phone-launch-nyc", "-o", out)
    assert told.out == f"2 lines written to {out}\n"
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(one["claim"], one["rating"], one["rating_state"]) for one in rows] == [
        (claim, "1", "given"),
        (claim, "", "cleared"),
    ]
    assert "It broke, twice." in phone_desk.well("feedback", "export").out
    found = phone_desk.json("feedback", "export")
    assert (found["count"], found["feedback"][1]["standing"]) == (2, "current")


def test_what_cannot_be_exported(phone_desk: Desk) -> None:
    told = phone_desk.perks("feedback", "export", "--campaign", "phone-lunch")
    assert (told.code, "there is no campaign 'phone-lunch' on record" in told.err) == (2, True)
    told = phone_desk.perks("feedback", "export", "-o", phone_desk.folder)
    assert (told.code, "is a folder; name a file in it" in told.err) == (2, True)
