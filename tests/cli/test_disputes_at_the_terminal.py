"""`perks disputes …`: what compliance staff sees and does at a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from perks_engine.services.access import Actor, Role
from tests.cli.command_line import Desk


@pytest.fixture
def received(phone_desk: Desk) -> str:
    """Ana received her phone; the claim."""
    claim = phone_desk.granted("ana")
    now = datetime.now(UTC).isoformat()
    rows = (f"{claim},ship,{now},T1", f"{claim},deliver,{now},T1")
    phone_desk.well("fulfillment", "record", phone_desk.records(*rows), "--by", "warehouse")
    return claim


def test_a_dispute_is_listed_shown_and_settled(phone_desk: Desk, received: str) -> None:
    assert phone_desk.well("disputes", "list").out == "no dispute is open\n"
    text = "she wrote that the parcel was empty"
    made = phone_desk.json("disputes", "open", received, "--text", text, "--by", "mara")
    dispute = str(made["dispute"])

    listed = phone_desk.well("disputes", "list").lines
    columns = ("dispute", "state", "brand", "person", "cause", "known at", "open days", "due at")
    assert listed[0].split() == " ".join(columns).split()
    assert listed[1].split()[:5] == [dispute, "open", "northwind-phones", "ana", "staff"]
    shown = phone_desk.well("disputes", "show", dispute).lines
    assert shown[0].startswith(f"{dispute}: open for 0 days, to be answered by 20")
    assert f"  says: {text}" in shown

    settle = ("disputes", "settle", dispute, "--outcome", "upheld", "--reason", "the scale says so, too")
    told = phone_desk.perks(*settle, "--by", "mara")
    assert (told.code, told.err) == (
        1,
        "perks: who gave rise to a dispute cannot settle it; somebody else has to\n",
    )
    told = phone_desk.perks(*settle, "--by", "noor", "--at", "2026-01-01T00:00Z")
    assert (told.code, told.err) == (2, "perks: --at and --evidence belong to --correct; add it\n")
    told = phone_desk.well(*settle, "--by", "noor")
    assert told.lines[0].startswith(f"{dispute}: upheld after 0 days, on 20")
    assert "  settled by noor: the scale says so, too" in told.lines
    assert told.lines[-1] == "  corrected by entry 5"
    told = phone_desk.perks(*settle, "--by", "noor")
    assert told.code == 1
    assert told.err.startswith("perks: it is settled already: upheld on 20")

    assert phone_desk.well("disputes", "list").out == "no dispute is open\n"
    [one] = phone_desk.json("disputes", "list", "--all", "--brand", "northwind-phones")["disputes"]
    assert one["reason"] == "the scale says so, too"
    assert phone_desk.json("disputes", "list", "--all", "--brand", "other")["disputes"] == []
    letters = phone_desk.json("messages")["messages"]
    assert [one["subject"] for one in letters[:2]] == [
        "You were right about Northwind One",
        "We look into Northwind One",
    ]


def test_a_file_is_saved(phone_desk: Desk, received: str, tmp_path: Path) -> None:
    dispute = str(phone_desk.json("disputes", "open", received, "--text", "empty", "--by", "mara")["dispute"])
    phone_desk.environment["PERKS_FILES"] = str(tmp_path / "given")
    with phone_desk.engine() as engine:
        actor = Actor("mara", Role.COMPLIANCE, ("*",))
        given = engine.dispute_files.give(actor, dispute, "mail.txt", "", b"it was empty", "key")
    shown = phone_desk.well("disputes", "show", dispute).out
    assert f"  file {given['file']}: mail.txt, text/plain, 12 bytes\n" in shown
    told = phone_desk.well("disputes", "file", dispute, str(given["file"]), "-o", "mail.txt")
    assert told.out == "text/plain, 12 bytes, written to mail.txt\n"
    assert Path("mail.txt").read_bytes() == b"it was empty"


def test_what_is_not_there_is_told(phone_desk: Desk) -> None:
    for words in (("show", "dsp_x"), ("settle", "dsp_x", "--outcome", "rejected", "--reason", "no")):
        told = phone_desk.perks("disputes", *words)
        assert (told.code, told.err) == (2, "perks: there is no dispute dsp_x that you can see\n")
    told = phone_desk.perks("disputes", "open", "clm_x", "--text", "x")
    assert (told.code, told.err) == (2, "perks: there is no claim clm_x of your brands\n")
