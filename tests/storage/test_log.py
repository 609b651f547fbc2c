"""The log seals the ledger as it grows, and finds whatever was done to it afterwards."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perks_engine.delivery.log_files import HeadFile, add_key, read_heads, read_keys, retire_keys
from perks_engine.domain.merkle import inclusion_proof, verify_consistency, verify_inclusion
from perks_engine.domain.notes import NoteError
from perks_engine.services.auditing import Audit
from perks_engine.services.ports import KeyTakenError
from perks_engine.services.sealing import LogKeys, Sealing
from tests.engine_room import Room


@pytest.fixture
def keys(tmp_path: Path) -> LogKeys:
    return add_key(tmp_path / "log.key", "shop.example/log")


@pytest.fixture
def sealing(room: Room, keys: LogKeys, tmp_path: Path) -> Sealing:
    return Sealing(room.engine.store, room.clock, keys, HeadFile(tmp_path / "heads.txt"))


@pytest.fixture
def lively(room: Room) -> Room:
    """A ledger of a supply, three claims, two receipts and a return."""
    room.campaign()
    for name in ("ana", "bo"):
        room.person(name)
        claim = room.received(name)
    room.record(claim, "return", note="it did not fit")
    room.claim(room.person("cy"))
    return room


def audit(room: Room, keys: LogKeys, tmp_path: Path | None = None) -> Audit:
    published = read_heads(tmp_path / "heads.txt") if tmp_path else []
    return room.engine.auditing.audit(keys, published)


def codes(found: Audit) -> set[str]:
    return {finding.code for finding in found.findings}


def test_what_is_sealed_is_sound(lively: Room, sealing: Sealing, keys: LogKeys, tmp_path: Path) -> None:
    assert sealing.seal() == 9
    assert sealing.seal() == 0
    lively.claim(lively.person("di"))
    assert sealing.seal() == 1

    found = audit(lively, keys, tmp_path)
    assert (found.leaves, found.heads, found.unsealed, found.findings) == (10, 2, 0, ())
    assert [sealing.open_head(head).size for head in sealing.heads()] == [10, 9]


def test_every_entry_is_proved_to_be_in_the_log(lively: Room, sealing: Sealing) -> None:
    sealing.seal()
    head = sealing.open_head(sealing.heads(1)[0])
    with lively.engine.store.read() as tx:
        for leaf, _, _ in tx.log.leaves():
            proof = inclusion_proof(leaf.position, head.size, tx.log.node)
            assert verify_inclusion(leaf.hash, leaf.position, head.size, proof, head.root)


def test_a_head_grows_out_of_the_one_before(lively: Room, sealing: Sealing) -> None:
    sealing.seal()
    lively.claim(lively.person("di"))
    sealing.seal()
    after, before = (sealing.open_head(head) for head in sealing.heads())
    proof = sealing.consistency(before.size, after.size)
    assert verify_consistency(before.size, after.size, before.root, after.root, proof)


def test_nobody_can_be_told_from_a_leaf(lively: Room, sealing: Sealing) -> None:
    sealing.seal()
    with lively.engine.store.read() as tx:
        told = " ".join(leaf.data for leaf, _, _ in tx.log.leaves())
    for secret in ("ana", "bo", "cy", "clm_", "it did not fit", "ref deliver", "test staff"):
        assert secret not in told


def test_without_its_salt_a_leaf_goes_on_being_proved(lively: Room, sealing: Sealing, keys: LogKeys) -> None:
    sealing.seal()
    with lively.engine.engine.begin() as connection:
        connection.execute(text("DELETE FROM leaf_salt WHERE position = 3"))
    assert audit(lively, keys).findings == ()


def test_two_sealers_at_once_seal_everything_once(
    lively: Room, keys: LogKeys, sealing: Sealing, tmp_path: Path
) -> None:
    others = [
        Sealing(lively.engine.store, lively.clock, keys, HeadFile(tmp_path / "heads.txt")) for _ in "abc"
    ]
    counts: list[int] = []

    def seal(one: Sealing) -> None:
        try:
            counts.append(one.seal())
        except KeyTakenError:
            counts.append(0)

    threads = [threading.Thread(target=seal, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 9
    assert audit(lively, keys).findings == ()


def test_an_entry_waits_for_every_transaction_that_may_come_before_it(room: Room, keys: LogKeys) -> None:
    room.campaign()
    if room.engine.engine.dialect.name == "sqlite":
        return  # one writer at a time: there the order of numbers is the order of commits
    sealing = Sealing(room.engine.store, room.clock, keys, lambda _head: None)
    sealing.seal()
    bo = room.person("bo")
    with room.engine.store.write() as slow:
        slow.leases.take("a writer that takes its time", "test", room.clock(), room.clock())
        room.claim(bo)
        assert sealing.seal() == 0
    assert sealing.seal() == 1


def change(room: Room, *statements: str) -> None:
    """Do what the database refuses, as somebody with all rights on it could."""
    url = room.engine.engine.url
    if url.get_backend_name() == "postgresql":
        with room.engine.engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
        return
    with closing(sqlite3.connect(str(url.database))) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            file.execute(statement)
        file.commit()


TAMPERED = {
    "an entry's move": (["UPDATE entry SET move = 'confirm' WHERE entry_id = 4"], "ledger.entry_altered"),
    "an entry's person": (["UPDATE entry SET person_id = 'cy' WHERE entry_id = 4"], "ledger.entry_altered"),
    "an entry's time": (
        ["UPDATE entry SET recorded_at = '2026-12-09 00:00:00.000000' WHERE entry_id = 4"],
        "ledger.entry_altered",
    ),
    "an entry's note": (["UPDATE entry SET note = 'other' WHERE note <> ''"], "ledger.entry_altered"),
    "a leaf's data": (
        ["UPDATE log_leaf SET data = replace(data, 'deliver', 'hand_over')"],
        "log.leaf_altered",
    ),
    "a node": (
        ["UPDATE log_node SET hash = (SELECT hash FROM log_leaf WHERE position = 0) WHERE level = 2"],
        "log.node_altered",
    ),
    "a node lost": (["DELETE FROM log_node WHERE level = 3"], "log.node_missing"),
    "a node too many": (
        ["INSERT INTO log_node (level, place, hash) SELECT 5, 0, hash FROM log_node WHERE level = 3"],
        "log.node_unknown",
    ),
    "a head's root": (
        ["UPDATE log_head SET note = replace(note, 'shop.example/log\n9', 'shop.example/log\n8')"],
        "log.head_altered",
    ),
    "a head lost": (["DELETE FROM log_head"], "log.head_missing"),
    "two leaves in another order": (
        [
            "UPDATE log_leaf SET position = 100 WHERE position = 3",
            "UPDATE log_leaf SET position = 3 WHERE position = 4",
            "UPDATE log_leaf SET position = 4 WHERE position = 100",
        ],
        "log.rewritten",
    ),
    "a leaf dropped": (
        ["DELETE FROM leaf_salt WHERE position = 5", "DELETE FROM log_leaf WHERE position = 5"],
        "log.leaf_missing",
    ),
    "the end cut off": (
        [
            "DELETE FROM leaf_salt WHERE position >= 7",
            "DELETE FROM log_leaf WHERE position >= 7",
            "DELETE FROM log_head",
        ],
        "log.cut_off",
    ),
    "the ledger's end cut off": (
        ["DELETE FROM holding WHERE entry_id = 9", "DELETE FROM entry WHERE entry_id = 9"],
        "ledger.entry_missing",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_found(
    lively: Room, sealing: Sealing, keys: LogKeys, tmp_path: Path, what: str
) -> None:
    sealing.seal()
    assert audit(lively, keys, tmp_path).findings == ()
    statements, code = TAMPERED[what]
    change(lively, *statements)
    assert code in codes(audit(lively, keys, tmp_path))


def test_a_log_made_anew_does_not_fit_the_head_that_was_published(
    lively: Room, sealing: Sealing, keys: LogKeys, tmp_path: Path
) -> None:
    sealing.seal()
    kept = read_heads(tmp_path / "heads.txt")
    change(
        lively,
        "UPDATE entry SET move = 'confirm' WHERE entry_id = 4",
        *(f"DELETE FROM {table}" for table in ("leaf_salt", "log_leaf", "log_node", "log_head")),
    )
    Sealing(lively.engine.store, lively.clock, keys, lambda _head: None).seal()

    assert audit(lively, keys).findings == ()
    assert codes(lively.engine.auditing.audit(keys, kept)) == {"log.rewritten"}


def test_keys_are_changed_without_a_gap(
    lively: Room, sealing: Sealing, keys: LogKeys, tmp_path: Path
) -> None:
    sealing.seal()
    file = tmp_path / "log.key"
    both = add_key(file, "ignored, the log keeps its name")
    lively.claim(lively.person("di"))
    Sealing(lively.engine.store, lively.clock, both, HeadFile(tmp_path / "heads.txt")).seal()
    newest = retire_keys(file)
    assert [str(key) for key in newest.signing] == [str(key) for key in read_keys(file).signing]
    lively.claim(lively.person("ed"))
    Sealing(lively.engine.store, lively.clock, newest, HeadFile(tmp_path / "heads.txt")).seal()

    assert audit(lively, newest, tmp_path).findings == ()
    first, second, third = reversed(sealing.heads())
    only_old = Sealing(lively.engine.store, lively.clock, keys, lambda _head: None)
    assert only_old.open_head(first).size < only_old.open_head(second).size
    with pytest.raises(NoteError, match="not with the key that was given"):
        only_old.open_head(third)


@pytest.mark.parametrize("table", ["log_leaf", "log_node", "log_head"])
@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_log_is_only_ever_appended_to(lively: Room, sealing: Sealing, table: str, verb: str) -> None:
    sealing.seal()
    column = {"log_leaf": "data", "log_node": "hash", "log_head": "note"}[table]
    with (
        pytest.raises(IntegrityError, match="append_only"),
        lively.engine.engine.begin() as connection,
    ):
        connection.execute(text(verb.format(table, column)))


def test_a_sealer_that_does_not_run_is_noticed(lively: Room, keys: LogKeys) -> None:
    assert audit(lively, keys).unsealed == 9
    lively.clock.move(minutes=11)
    assert codes(audit(lively, keys)) == {"log.overdue"}
