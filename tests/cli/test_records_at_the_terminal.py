"""`perks person record|correct|erase|hold|lift|holds|requests|retention|processing`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command_line import Desk


@pytest.fixture
def desk_with_ana(phone_desk: Desk) -> Desk:
    phone_desk.granted("ana")
    return phone_desk


def test_a_record_is_had_corrected_held_and_erased(desk_with_ana: Desk, tmp_path: Path) -> None:
    desk, page = desk_with_ana, tmp_path / "ana.html"
    record = json.loads(desk.well("person", "record", "ana").out)
    assert record["person"] == "ana"
    desk.well("person", "record", "ana", "--format", "html", "-o", page)
    assert "<h1>The record of ana</h1>" in page.read_text(encoding="utf-8")

    told = desk.well("person", "correct", "ana", "--name", "Ana López", "--why", "she wrote")
    assert told.lines == ["corrected: name"]
    again = desk.well("person", "correct", "ana", "--name", "Ana López", "--why", "she wrote")
    assert again.lines == ["it was so already"]
    wrong = desk.perks("person", "correct", "ana", "--email", "nowhere", "--why", "x")
    assert (wrong.code, "email: expected an e-mail address" in wrong.err) == (2, True)

    held = desk.json("person", "hold", "ana", "--why", "a court asked")
    refused = desk.perks("person", "erase", "ana")
    assert (refused.code, "a legal hold is on this record" in refused.err) == (1, True)
    assert desk.json("person", "holds")["holds"][0]["why"] == "a court asked"
    desk.well("person", "lift", held["hold"], "--why", "settled")

    lines = desk.well("person", "erase", "ana").lines
    assert lines[0].startswith("ana is erased, at ")
    assert "  ended: reservations: the units went back to stock: 1" in lines
    assert desk.well("person", "erase", "ana").lines[0].startswith("ana was erased before, at ")
    assert desk.perks("person", "show", "ana").code == 2
    asked = [(one["kind"], one["outcome"]) for one in desk.json("person", "requests")["requests"]]
    assert asked == [("access", "given")] * 2 + [("rectification", "done")] * 2 + [("erasure", "done")]
    assert "ana" not in desk.well("person", "requests").out


def test_what_is_held_and_what_went_can_be_read(desk_with_ana: Desk) -> None:
    assert desk_with_ana.well("person", "processing").out.startswith("# Record of processing")
    assert desk_with_ana.well("person", "retention", "--run").lines == ["nothing was removed yet"]
