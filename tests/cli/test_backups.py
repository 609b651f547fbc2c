"""Backing up and restoring the embedded database: whole, looked through, or not at all."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perks_engine.delivery.log_files import add_key
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from tests.cli.command_line import Desk, Told
from tests.engine_room import PHONE

COMPLIANCE = Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,))
BRICK = b"a brick in the kitchen of the person"


@pytest.fixture
def lived(phone_desk: Desk) -> Desk:
    """Ana's claim is sealed and its head published, a letter waits, and files lie in their folder."""
    add_key(phone_desk.folder / "log.key", "shop.example/log")
    phone_desk.environment |= {
        "PERKS_LOG_KEY": "log.key",
        "PERKS_LOG_HEADS": "heads.txt",
        "PERKS_ERASURES": "outside/erasures.jsonl",
        "PERKS_FILES": "given",
    }
    phone_desk.granted("ana")
    return phone_desk


def seal(desk: Desk) -> None:
    with desk.engine() as engine:
        keyed = engine.settings.model_copy(
            update={"log_key": desk.folder / "log.key", "log_heads": desk.folder / "heads.txt"}
        )
        engine.settings = keyed
        engine.sealing.seal()


def restored(desk: Desk, *options: str, file: str = "b.tar") -> Told:
    """Into another database and other folders."""
    desk.environment["PERKS_FILES"] = "given-again"
    told = desk.perks("restore", file, "--database", "again.db", "--json", *options)
    if told.code:
        assert not (desk.folder / "again.db").exists(), "nothing is half done"
        assert not (desk.folder / "given-again").exists()
        assert list(desk.folder.glob(".perks-*")) == []
    return told


def code(told: Told) -> str:
    return str(told.data["error"]["code"])


def test_there_and_back(lived: Desk) -> None:
    seal(lived)
    with sqlite3.connect(lived.database) as writer:
        writer.execute("BEGIN IMMEDIATE")  # somebody is writing at this moment, and goes on
        writer.execute("UPDATE person SET name = 'not committed'")
        made = lived.json("backup", "b.tar")
        writer.rollback()
    assert (made["checked_log"], made["sealed_entries"], made["schema"]) == (True, 2, "0002")
    assert (lived.folder / "b.tar").stat().st_mode & 0o777 == 0o600
    again = restored(lived, "--erasures", "outside/erasures.jsonl")
    assert again.code == 2, "the file of erasures has to be there"
    again = restored(lived, "--nobody-erased")
    assert again.code == 0, again
    assert again.data["letters_set_aside"] == 2
    for words in ("verify", "heads"):
        assert lived.perks("ledger", words, "--database", "again.db").code == 0
    assert "not committed" not in lived.well("person", "show", "ana", "--database", "again.db").out
    dead = lived.json("messages", "list", "--state", "dead", "--database", "again.db")["messages"]
    assert sorted(one["kind"] for one in dead) == ["disclosure_instruction", "grant"]
    # It serves on: the next claim is decided and granted over the restored ledger.
    assert lived.perks("claim", PHONE, "ben", "--key", "k", "--database", "again.db").code == 1
    for file in ("again.db", "b.tar"):
        told = lived.perks("restore", "b.tar", "--database", file, "--nobody-erased", "--json")
        assert (told.code, code(told)) == (2, "restore.taken")
    assert code(lived.perks("backup", "b.tar", "--json")) == "backup.taken"


def test_who_was_erased_since_is_not_brought_back(lived: Desk) -> None:
    """Not by the database, not by a file; who came after is not touched, and it works twice."""
    claim = str(lived.json("claim", PHONE, "ana", "--key", "key of ana")["claim"])
    now = datetime.now(UTC).isoformat()
    rows = (f"{claim},ship,{now},T1", f"{claim},deliver,{now},T1")
    lived.well("fulfillment", "record", lived.records(*rows), "--by", "warehouse")
    with lived.engine() as engine:
        opened = engine.disputing.open_for(COMPLIANCE, claim, "the box held a brick", "key")
        engine.dispute_files.give(COMPLIANCE, opened["dispute"], "brick.txt", "text/plain", BRICK, "key 2")
    lived.well("backup", "b.tar")
    lived.well("person", "erase", "ana")
    stones = (lived.folder / "outside" / "erasures.jsonl").read_text(encoding="utf-8")
    assert "ana" not in stones
    assert len(stones.splitlines()) == 2
    lived.well("person", "erase", "ana")
    assert (lived.folder / "outside" / "erasures.jsonl").read_text(encoding="utf-8") == stones
    assert restored(lived, "--nobody-erased", file="b.tar").code == 0
    assert lived.perks("person", "show", "ana", "--database", "again.db").code == 0, "the backup had her"
    assert BRICK in [one.read_bytes() for one in (lived.folder / "given-again").iterdir() if one.is_file()]
    (lived.folder / "again.db").rename(lived.folder / "first.db")
    (lived.folder / "given-again").rename(lived.folder / "first-files")
    told = restored(lived)
    assert (told.code, told.data["erased_again"], told.data["files"]) == (0, 1, 0)
    assert lived.perks("person", "show", "ana", "--database", "again.db").code == 2
    assert lived.perks("person", "show", "ben", "--database", "again.db").code == 0
    left = (lived.folder / "again.db").read_bytes()
    for value in (b"ana.handle", b"the box held a brick"):
        assert value in (lived.folder / "first.db").read_bytes()
        assert value not in left
    assert lived.perks("ledger", "verify", "--database", "again.db").code in (0, 1)


def test_a_hold_of_the_backup_is_told(lived: Desk) -> None:
    hold = lived.json("person", "hold", "ana", "--why", "a court asks for it")["hold"]
    lived.well("backup", "b.tar")
    lived.well("person", "lift", hold, "--why", "it asks no more")
    lived.well("person", "erase", "ana")
    told = restored(lived)
    assert (told.code, told.data["erased_again"], told.data["held"]) == (0, 0, 1)


def test_a_log_that_was_published_further(lived: Desk) -> None:
    seal(lived)
    lived.well("backup", "b.tar")
    lived.person("cy")
    lived.granted("cy")
    seal(lived)
    told = restored(lived, "--nobody-erased")
    assert (told.code, code(told)) == (1, "restore.behind")
    told = restored(lived, "--nobody-erased", "--older-log")
    assert (told.code, told.data["published_beyond"]) == (0, 1)


def test_a_ledger_that_does_not_hold_is_neither_kept_nor_restored(lived: Desk) -> None:
    seal(lived)
    with sqlite3.connect(lived.database) as connection:
        connection.execute("DROP TRIGGER IF EXISTS log_leaf_update")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            if "log_leaf" in name:
                connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE log_leaf SET data = replace(data, 'reserve', 'ship')")
    told = lived.perks("backup", "b.tar", "--json")
    assert (told.code, code(told)) == (1, "backup.ledger")
    assert not (lived.folder / "b.tar").exists()
    assert list(lived.folder.glob("*.part")) == []


def test_without_its_key_a_sealed_ledger_is_not_looked_through(lived: Desk) -> None:
    seal(lived)
    del lived.environment["PERKS_LOG_KEY"]
    told = lived.perks("backup", "b.tar", "--json")
    assert (told.code, code(told)) == (1, "log.no_key")


def _changed(file: Path, change: str) -> None:
    data = bytearray(file.read_bytes())
    if change == "cut off":
        data = data[: len(data) // 2]
    elif change == "a bit":
        data[-200_000] ^= 1
    elif change == "another file":
        data = bytearray(b"not a backup at all, but some text\n" * 100)
    elif change == "empty":
        data = bytearray()
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("cut off", "it is damaged"),
        ("a bit", "it is damaged: perks.db is not what was backed up"),
        ("another file", "this is no backup; `perks backup FILE` makes one"),
        ("empty", "this is no backup; `perks backup FILE` makes one"),
    ],
)
def test_what_is_no_backup_is_refused(lived: Desk, change: str, words: str) -> None:
    lived.well("backup", "b.tar")
    _changed(lived.folder / "b.tar", change)
    told = restored(lived, "--nobody-erased")
    assert (told.code, code(told)) == (2, "file")
    assert words in told.data["error"]["message"]


def _with_manifest(file: Path, **about: str) -> None:
    """The same backup, said to be another."""
    with tarfile.open(file) as archive:
        members = [(one, archive.extractfile(one).read()) for one in archive]  # pyright: ignore[reportOptionalMemberAccess]
    with tarfile.open(file, "w") as archive:
        for entry, data in members:
            told = data
            if entry.name == "manifest.json":
                said = json.loads(data)
                told = json.dumps({**said, "about": said["about"] | about}).encode()
            entry.size = len(told)
            archive.addfile(entry, io.BytesIO(told))


def test_a_backup_of_a_newer_engine(lived: Desk) -> None:
    lived.well("backup", "b.tar")
    _with_manifest(lived.folder / "b.tar", schema="0099", engine="9.0")
    told = restored(lived, "--nobody-erased")
    assert (told.code, code(told)) == (2, "restore.newer")
    assert "made by a newer engine (9.0, schema 0099; this one knows 0002)" in told.data["error"]["message"]


def test_a_backup_of_an_older_schema(lived: Desk) -> None:
    lived.well("backup", "b.tar")
    _with_manifest(lived.folder / "b.tar", schema="0001")
    told = restored(lived, "--nobody-erased")
    assert (told.code, code(told)) == (2, "restore.older")
    assert "bring it up with --migrate" in told.data["error"]["message"]
    assert restored(lived, "--nobody-erased", "--migrate").code == 0


def test_whom_it_would_bring_back_has_to_be_said(lived: Desk) -> None:
    lived.well("backup", "b.tar")
    told = restored(lived)
    assert (told.code, code(told)) == (2, "restore.erasures")
    (lived.folder / "text.txt").write_text("some text\n", encoding="utf-8")
    told = restored(lived, "--erasures", "text.txt")
    assert (told.code, told.data["error"]["message"]) == (
        2,
        "text.txt:1: no line of a file of erasures; name the one of PERKS_ERASURES",
    )


def test_it_is_for_the_embedded_database(desk: Desk) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    (desk.folder / "b.tar").write_bytes(b"")
    told = desk.perks("restore", "b.tar", "--nobody-erased", "--database", url, "--json")
    assert (told.code, code(told)) == (2, "backup.database")
