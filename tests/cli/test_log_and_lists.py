"""`perks ledger …`, exports with proofs and `perks verify`: the log at the terminal."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.command_line import Desk


@pytest.fixture
def keyed(phone_desk: Desk) -> Desk:
    """The open campaign, a key to sign with, and Ana who received her phone."""
    phone_desk.well("ledger", "new-key", "keys/log.key", "--name", "shop.example/log")
    claim = phone_desk.granted("ana")
    phone_desk.well(
        "fulfillment",
        "record",
        phone_desk.records(f"{claim},ship,{just_now()},T1", f"{claim},deliver,{just_now()},T1"),
    )
    return phone_desk


def just_now() -> str:
    """To the microsecond: after the claim, and not ahead."""
    return datetime.now(UTC).isoformat()


def public_key(desk: Desk) -> str:
    return str(desk.json("ledger", "heads")["keys"][0])


def test_a_list_with_proofs_is_verified_elsewhere(keyed: Desk, tmp_path: Path) -> None:
    told = keyed.well(
        *("disclosures", "export", "--brand", "northwind-phones", "--format", "json", "--proofs"),
        *("-o", "list.json"),
    )
    key = public_key(keyed)
    assert told.out.endswith(f"\ncheck it with: perks verify list.json --key {key}\n")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy("list.json", elsewhere)
    for file in (keyed.database, Path("keys/log.key")):
        file.unlink()
    told = keyed.well("verify", elsewhere / "list.json", "--key", key)
    assert told.out.startswith("Disclosure list of northwind-phones as of 20")
    assert told.out.endswith(": 1 line, in the log of 4 entries: all of it holds\n")


def test_a_list_that_was_changed_is_told_with_its_line(keyed: Desk) -> None:
    options = ("--brand", "northwind-phones", "--format", "json", "--proofs", "-o", "list.json")
    keyed.well("disclosures", "export", *options)
    data = json.loads(Path("list.json").read_text(encoding="utf-8"))
    data["lines"][0]["person"] = "ben"
    keyed.file("list.json", json.dumps(data))

    told = keyed.perks("verify", "list.json", "--key", public_key(keyed))
    assert told.code == 1
    assert "✗ line 1: person is not the one that was sealed\n" in told.out
    assert told.out.endswith(": 2 faults\n")


def test_a_key_may_lie_in_a_file(keyed: Desk) -> None:
    options = ("--brand", "northwind-phones", "--format", "json", "--proofs", "-o", "list.json")
    keyed.well("disclosures", "export", *options)
    keyed.file("log.pub", public_key(keyed) + "\n")
    assert keyed.json("verify", "list.json", "--key", "log.pub")["faults"] == []


def test_a_published_head_is_verified(keyed: Desk) -> None:
    options = ("--brand", "northwind-phones", "--format", "json", "--proofs")
    keyed.well("disclosures", "export", *options)
    note = str(keyed.json("ledger", "heads")["heads"][0]["note"])
    key = public_key(keyed)
    told = keyed.well("verify", keyed.file("head.txt", note), "--key", key)
    assert told.out.startswith("a head of the log ")
    assert told.out.endswith(", of 4 entries: signed by this key\n")
    told = keyed.perks("verify", keyed.file("other.txt", note.replace("\n4\n", "\n3\n")), "--key", key)
    assert (told.code, told.out[:2]) == (1, "✗ ")


def test_what_cannot_be_verified_is_wrong_use(keyed: Desk) -> None:
    key = public_key(keyed)
    told = keyed.perks("verify", keyed.file("x.json", "[]"), "--key", key)
    assert told.code == 2
    assert told.err.startswith("perks: x.json: it is no disclosure list with proofs; make one with: perks ")
    told = keyed.perks("verify", "x.json", "--key", key.replace("+", "-"))
    assert (told.code, told.err[:17]) == (2, "perks: --key: thi")
    told = keyed.perks("disclosures", "export", "--brand", "northwind-phones", "--proofs")
    assert (told.code, told.err) == (2, "perks: --proofs: only JSON carries proofs; add --format json\n")


def test_the_ledger_is_verified_and_what_was_done_to_it_is_named(keyed: Desk) -> None:
    keyed.well("disclosures", "export", "--brand", "northwind-phones", "--format", "json", "--proofs")
    assert keyed.well("ledger", "verify").out == "4 entries sealed under 1 head: all of it holds\n"

    with sqlite3.connect(keyed.database) as file:
        file.execute("DROP TRIGGER entry_no_update")
        file.execute("UPDATE entry SET person_id = 'ben' WHERE entry_id = 4")
    told = keyed.perks("ledger", "verify")
    assert told.code == 1
    assert told.out == (
        "✗ leaf 3: entry 4: person is not what was sealed  [ledger.entry_altered]\n"
        "4 entries sealed under 1 head: 1 finding\n"
    )


def test_heads_kept_outside_show_that_the_end_was_cut_off(keyed: Desk) -> None:
    keyed.environment["PERKS_LOG_HEADS"] = "published/heads.txt"
    options = ("--brand", "northwind-phones", "--format", "json", "--proofs")
    keyed.well("disclosures", "export", *options)
    assert keyed.well("ledger", "verify", "--heads", "published/heads.txt").out.endswith(
        "held against 1 published head: all of it holds\n"
    )
    with sqlite3.connect(keyed.database) as file:
        for trigger in ("log_leaf_no_delete", "log_head_no_delete"):
            file.execute(f"DROP TRIGGER {trigger}")
        file.execute("DELETE FROM leaf_salt WHERE position = 3")
        file.execute("DELETE FROM log_leaf WHERE position = 3")
        file.execute("DELETE FROM log_head")
    told = keyed.perks("ledger", "verify", "--heads", "published/heads.txt")
    assert told.code == 1
    assert "✗ published head 4: 4 leaves were signed, the log holds 3  [log.cut_off]\n" in told.out


def test_keys_change_hands(keyed: Desk) -> None:
    first = public_key(keyed)
    listed = ("disclosures", "export", "--brand", "northwind-phones", "--format", "json", "--proofs")
    keyed.well(*listed, "-o", "before.json")
    told = keyed.well("ledger", "new-key", "keys/log.key")
    second = public_key(keyed)
    assert told.out.splitlines()[:2] == [f"signs: {second}", f"signs: {first}"]
    # The new key has signed nothing yet: a list is checked by the one before, until there is another entry.
    assert f"--key {first}" in keyed.well(*listed, "-o", "same.json").out
    assert keyed.well("verify", "same.json", "--key", first).code == 0
    claim = str(keyed.json("disclosures", "export", "--brand", "northwind-phones")["lines"][0]["claim"])
    keyed.well("fulfillment", "record", "--claim", claim, "--move", "return", "--note", "too large")
    assert f"--key {second}" in keyed.well(*listed, "-o", "later.json").out
    for key in (first, second):
        assert keyed.well("verify", "later.json", "--key", key).code == 0
    told = keyed.well("ledger", "retire-key", "keys/log.key")
    assert told.out.splitlines()[:2] == [f"signs: {second}", f"only verifies: {first}"]
    assert Path("keys/log.key").stat().st_mode & 0o077 == 0


def test_without_a_key_it_says_how_to_make_one(phone_desk: Desk) -> None:
    for words in (("ledger", "heads"), ("ledger", "verify")):
        told = phone_desk.perks(*words)
        assert told.code == 1
        assert "make one with `perks ledger new-key FILE` and name it in PERKS_LOG_KEY" in told.err


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("\n", "there is no private key in it; make one with: perks ledger new-key"),
        ("nonsense\n", "bad.key:1: this is no Ed25519 key"),
        ("PRIVATE+KEY+a+00000000+AAAA\n", "bad.key:1: this is no private Ed25519 key"),
    ],
)
def test_a_broken_file_of_keys_is_told_with_its_line(phone_desk: Desk, content: str, why: str) -> None:
    phone_desk.environment["PERKS_LOG_KEY"] = str(phone_desk.file("bad.key", content))
    told = phone_desk.perks("ledger", "heads")
    assert told.code == 2
    assert why in told.err


@pytest.mark.parametrize("form", ["xlsx", "pdf"])
def test_a_list_is_written_as_an_office_wants_it(keyed: Desk, form: str) -> None:
    options = ("--brand", "northwind-phones", "--format", form)
    told = keyed.well("disclosures", "export", *options, "-o", f"list.{form}")
    assert told.out.startswith("1 line as of 20")
    assert Path(f"list.{form}").read_bytes()[:2] in (b"PK", b"%P")

    told = keyed.perks("disclosures", "export", *options, "-o", f"nowhere/list.{form}")
    assert (told.code, told.err) == (2, f"perks: nowhere/list.{form}: No such file or directory\n")
    told = keyed.perks("disclosures", "export", *options)
    assert told.err == f"perks: --output: {form.upper()} is no text; name a file with -o\n"
