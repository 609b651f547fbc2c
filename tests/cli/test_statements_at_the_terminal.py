"""`perks statement …` and `perks verify` of what it makes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.command_line import Desk


@pytest.fixture
def keyed(phone_desk: Desk) -> Desk:
    """A key to sign with, and Ana who received her phone; Ben has nothing."""
    phone_desk.well("ledger", "new-key", "keys/log.key", "--name", "shop.example/log")
    claim, now = phone_desk.granted("ana"), datetime.now(UTC).isoformat()
    phone_desk.well(
        "fulfillment", "record", phone_desk.records(f"{claim},ship,{now},T1", f"{claim},deliver,{now},T1")
    )
    return phone_desk


@pytest.mark.parametrize("form", ["json", "pdf"])
def test_a_statement_is_made_and_verified_elsewhere(keyed: Desk, form: str) -> None:
    file = f"ana.{form}"
    told = keyed.well("statement", "make", "--person", "ana", "--format", form, "-o", file)
    key = str(keyed.json("ledger", "heads")["keys"][0])
    assert told.lines[0].endswith(
        "1 held still, 0 ended by a later entry. Each rests on the entries of the ledger named with it."
    )
    assert told.lines[1] == f"written to {file}; check it with: perks verify {file} --key {key}"

    for gone in (keyed.database, Path("keys/log.key")):
        gone.unlink()
    told = keyed.well("verify", file, "--key", key, "--about", "ana")
    assert told.lines[0].startswith("As of the head over 4 entries of the log shop.example/log, 1 receipt is")
    assert told.lines[1].startswith("about person ana, issued 20")
    assert told.lines[1].endswith(": all of it holds")
    told = keyed.perks("verify", file, "--key", key, "--about", "ben")
    assert (told.code, told.out) == (1, f"✗ it is about ana, and not about ben\n{file}: 1 fault\n")


def test_no_record_is_stated_as_such_and_a_changed_one_is_found(keyed: Desk) -> None:
    made = keyed.json("statement", "make", "--person", "ben", "--format", "json", "-o", "ben.json")
    assert (made["statement"], made["receipts"]) == ("no_record", 0)
    data = json.loads(Path("ben.json").read_text(encoding="utf-8"))
    keyed.file("ben.json", json.dumps(data | {"issued_at": "2020-01-01T00:00:00Z"}))
    told = keyed.perks("verify", "ben.json", "--key", made["key"])
    assert told.code == 1
    assert told.lines[0].startswith("✗ the signature is one over another statement")


def test_wrong_use_is_told(keyed: Desk) -> None:
    key = str(keyed.json("ledger", "heads")["keys"][0])
    told = keyed.perks("statement", "make", "--person", "nobody", "-o", "x.pdf")
    assert (told.code, told.err) == (2, "perks: nobody is on record as nobody\n")
    told = keyed.perks("verify", keyed.file("x.pdf", "%PDF-1.7 nothing"), "--key", key)
    assert (told.code, told.err[:58]) == (2, "perks: x.pdf: the PDF holds no statements; expected one, a")
    keyed.well("statement", "make", "--person", "ana", "--format", "json", "-o", "ana.json")
    told = keyed.perks("verify", "ana.json", "--key", "nonsense")
    assert (told.code, told.err[:17]) == (2, "perks: --key: thi")
    told = keyed.perks("verify", keyed.file("list.json", "[]"), "--key", key, "--about", "ana")
    assert (told.code, told.err) == (2, "perks: --about: a list is about nobody; only a statement is\n")


def test_letters_are_sent_when_somebody_asked(keyed: Desk) -> None:
    assert keyed.well("statement", "send").out == "0 requests looked after\n"
    with keyed.engine() as engine:
        engine.statement_requests.ask("stranger@example.org")
    assert keyed.well("statement", "send").out == "1 request looked after\n"
    [letter] = [one for one in keyed.json("messages")["messages"] if one["kind"] == "statement_link"]
    assert letter["to"] == "stranger@example.org"
    assert "http://127.0.0.1:8000/v1/statements/" in letter["text"]
