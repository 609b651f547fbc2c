"""A statement holds offline, as JSON and as PDF, and whatever is done to it is found."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest

from perks_engine.bootstrap import packaged
from perks_engine.delivery.log_files import add_key
from perks_engine.domain.notes import VerifierKey
from perks_engine.domain.statements import FORMAT, Subject, SubjectKind
from perks_engine.exports.reading import ProofFileError
from perks_engine.exports.statement_document import statement_pdf
from perks_engine.exports.statement_files import (
    is_statement,
    statement_json,
    statement_text,
    verify_statement,
)
from tests.engine_room import Room, with_log_key

Data = dict[str, Any]
ANA = Subject(SubjectKind.HANDLE, "ana.handle")
NOBODY = Subject(SubjectKind.EMAIL, "nobody@example.org")


@pytest.fixture
def room(sqlite_room: Room) -> Room:
    """Ana holds one phone and gave another back; what is proved is read from the log alone."""
    with_log_key(sqlite_room)
    sqlite_room.campaign(per_person="2")
    sqlite_room.received(sqlite_room.person("ana"))
    again = sqlite_room.claim("ana", "again")["claim"]
    sqlite_room.record(again, "ship", "deliver")
    sqlite_room.record(again, "return", note="one is enough")
    return sqlite_room


@pytest.fixture
def key(room: Room) -> VerifierKey:
    return room.engine.sealing.keys.verifiers[0]


def made(room: Room, subject: Subject = ANA) -> Data:
    return json.loads(statement_json(room.engine.stating.make(subject)))


def faults_of(data: Data, key: VerifierKey, about: str | None = None) -> tuple[str, ...]:
    return tuple(str(one) for one in verify_statement(json.dumps(data), key, about).faults)


def test_it_holds_with_nothing_but_the_public_key(room: Room, key: VerifierKey) -> None:
    found = verify_statement(json.dumps(made(room)), key, "@ana.handle")
    assert (found.kind, found.lines, found.subject, found.faults) == ("receipt", 2, ANA, ())
    assert str(found.says) == (
        "As of the head over 8 entries of the log shop.example/log, 2 receipts are recorded for this handle: "
        "1 held still, 1 ended by a later entry. Each rests on the entries of the ledger named with it."
    )


def test_no_record_holds_too_and_says_what_it_means(room: Room, key: VerifierKey) -> None:
    found = verify_statement(json.dumps(made(room, NOBODY)), key, "Nobody@Example.org")
    assert (found.kind, found.lines, found.faults) == ("no_record", 0, ())
    assert str(found.says) == (
        "As of the head over 8 entries of the log shop.example/log, no receipt is recorded for this address: "
        "the ledger holds no entry by which anybody who is reached at it received anything. This says "
        "nothing about anybody else, about what was never recorded, or about connections other than a "
        "receipt."
    )


def test_of_an_empty_log_it_says_that_nothing_is_recorded(sqlite_room: Room, tmp_path: Path) -> None:
    with_log_key(sqlite_room)
    data = made(sqlite_room, NOBODY)
    key = sqlite_room.engine.sealing.keys.verifiers[0]
    assert data["head"] is None
    assert faults_of(data, key) == ()


def test_it_can_be_shown_without_the_address(room: Room, key: VerifierKey) -> None:
    data = made(room, NOBODY)
    del data["subject"]["value"], data["subject"]["salt"]
    found = verify_statement(json.dumps(data), key)
    assert (found.subject, found.faults) == (None, ())
    [fault] = faults_of(data, key, "nobody@example.org")
    assert "nobody can tell whom it is about" in fault


def test_it_cannot_be_shown_for_somebody_else(room: Room, key: VerifierKey) -> None:
    assert faults_of(made(room, NOBODY), key, "else@example.org") == (
        "it is about nobody@example.org, and not about else@example.org",
    )


def test_a_pdf_carries_the_statement_and_is_made_the_same_twice(room: Room, key: VerifierKey) -> None:
    statement = room.engine.stating.make(ANA)
    template = packaged("templates") / "reports" / "statement.typ"
    first, second = (statement_pdf(statement, template, str(key)) for _ in range(2))
    assert first == second
    assert is_statement(first)
    assert verify_statement(statement_text(first), key, "ana.handle").faults == ()
    with pytest.raises(ProofFileError, match="the PDF holds no statements"):
        statement_text(first[:2000])


def test_a_pdf_says_who_gives_it_and_can_be_kept_and_read_out(room: Room, key: VerifierKey) -> None:
    more = {"postal_address": "Our Perks | 1 Example Street", "public_url": "https://x.example/"}
    room.engine.settings = room.engine.settings.model_copy(update=more)
    statement = room.engine.stating.make(ANA)
    data = room.engine.statement_document(statement, "fr")

    reader = pypdf.PdfReader(io.BytesIO(data))
    properties, about = reader.metadata, reader.xmp_metadata
    assert properties is not None
    assert about is not None
    assert (properties.title, properties.author) == (
        "Déclaration de réception, shop.example/log",
        "Our Perks",
    )
    assert reader.root_object["/Lang"] == "fr"
    assert (about.pdfaid_part, about.pdfaid_conformance) == ("3", "A")
    text = " ".join(reader.pages[0].extract_text().split())
    for words in (
        "Émise par Our Perks, 1 Example Street",
        "Émise le 2 décembre 2026, 15:00 UTC",
        "celle de 8 écritures, signée le 2 décembre 2026, 15:00 UTC",
        "phone-launch-nyc 449,00 $US 2 décembre 2026 transporteur ref deliver",
        "la page https://x.example/verify.",
        "page 1 sur 1",
    ):
        assert words in text, text
    assert verify_statement(statement_text(data), key, "ana.handle").faults == ()


def line(change: Callable[[Data], Any], number: int = 0) -> Callable[[Data], Any]:
    return lambda data: change(data["lines"][number])


def swap_proofs(data: Data) -> None:
    one, other = data["lines"]
    one["proof"], other["proof"] = other["proof"], one["proof"]


def other_word(data: Data) -> None:
    data["says"] = data["says"].replace("2 receipts are", "no receipt is")


TAMPERED: dict[str, tuple[Callable[[Data], Any], str]] = {
    "another address": (lambda d: d["subject"].update(value="bo.handle"), "it was made for somebody else"),
    "another salt": (lambda d: d["subject"].update(salt="00" * 32), "it was made for somebody else"),
    "another kind of subject": (lambda d: d["subject"].update(kind="email"), "it was made for somebody else"),
    "another commitment": (lambda d: d["subject"].update(commitment="0" * 64), "one over another statement"),
    "a subject of nonsense": (lambda d: d["subject"].update(salt="zz"), "its subject cannot be read"),
    "a line removed": (lambda d: d["lines"].pop(), "'count' is 2, and its lines make it 1"),
    "all lines removed": (lambda d: d["lines"].clear(), "and is one of no_record"),
    "a line doubled": (lambda d: d["lines"].append(dict(d["lines"][0])), "stands on more than one line"),
    "lines in another order": (lambda d: d["lines"].reverse(), "one over another statement"),
    "another person": (line(lambda row: row.update(person="bo")), "person is not the one that was sealed"),
    "another claim": (line(lambda row: row.update(claim="clm_1")), "claim is not the one that was sealed"),
    "another item": (line(lambda row: row.update(item="A pen")), "one over another statement"),
    "another value": (line(lambda row: row.update(fair_market_value="1.00")), "one over another statement"),
    "another brand": (line(lambda row: row.update(brand="other")), "one over another statement"),
    "another day of receipt": (
        line(lambda row: row.update(received_at="2026-01-01T00:00:00Z")),
        "received_at is 2026-01-01T00:00:00Z, and",
    ),
    "other evidence": (line(lambda row: row.update(evidence="person")), "evidence is person, and carrier"),
    "a dispute hidden": (line(lambda row: row.update(standing="disputed")), "one over another statement"),
    "an end taken away": (
        line(lambda row: row.update(ended=None, ended_proof=None), 1),
        "'held' is 1, and its lines make it 2",
    ),
    "an end made up": (
        lambda d: d["lines"][0].update(
            ended=d["lines"][1]["ended"], ended_proof=d["lines"][1]["ended_proof"]
        ),
        "the entry that is said to have ended it corrects another one",
    ),
    "another way of its end": (
        line(lambda row: row["ended"].update(move="void"), 1),
        "move is void, and return",
    ),
    "another day of its end": (
        line(lambda row: row["ended"].update(ended_at="2026-01-01T00:00:00Z"), 1),
        "its end: ended_at is 2026-01-01T00:00:00Z",
    ),
    "the proof of its end changed": (
        line(lambda row: row["ended_proof"]["path"].__setitem__(0, "00" * 32), 1),
        "the entry that ended it is not in the log",
    ),
    "a proof of an end of nonsense": (
        line(lambda row: row.update(ended_proof=3), 1),
        "of its end cannot be read",
    ),
    "an end without one": (
        line(lambda row: row.update(ended_proof=row["proof"])),
        "it has a proof of its end, and no end",
    ),
    "proofs swapped": (swap_proofs, "claim is not the one that was sealed"),
    "a proof taken away": (line(lambda row: row.update(proof=None)), "its entry was not sealed yet"),
    "a path changed": (
        line(lambda row: row["proof"]["path"].__setitem__(0, "00" * 32)),
        "its entry is not in the log",
    ),
    "a leaf changed": (
        line(lambda row: row["proof"].update(leaf='{"public":{},"commitments":{}}')),
        "its entry is not in the log",
    ),
    "another day of issue": (
        lambda d: d.update(issued_at="2020-01-01T00:00:00Z"),
        "one over another statement",
    ),
    "other words": (other_word, "its words are not what was signed"),
    "another kind": (lambda d: d.update(statement="no_record"), "and is one of receipt"),
    "another count": (lambda d: d.update(count=7), "'count' is 7"),
    "another number held": (lambda d: d.update(held=2), "'held' is 2"),
    "a smaller head": (
        lambda d: d.update(head=d["head"].replace("\n8\n", "\n7\n")),
        "the head of the log: the signature by shop.example/log is wrong",
    ),
    "no head": (lambda d: d.update(head=None), "there is no head"),
    "no signature": (
        lambda d: d.update(signature="x"),
        "the signature over the statement: this is no signed",
    ),
    "the head's signature in its place": (
        lambda d: d.update(signature=d["head"]),
        "one over another statement",
    ),
    "a word within the signed text": (
        lambda d: d.update(signature=d["signature"].replace("2 receipts", "0 receipts")),
        "the signature by shop.example/log is wrong",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_done_to_a_statement_is_found(room: Room, key: VerifierKey, what: str) -> None:
    change, fault = TAMPERED[what]
    data = made(room)
    assert faults_of(data, key) == ()
    change(data)
    faults = faults_of(data, key)
    assert any(fault in one for one in faults), faults


def test_a_head_can_stand_neither_for_a_statement_nor_the_other_way(room: Room, key: VerifierKey) -> None:
    data = made(room, NOBODY)
    assert "this is no checkpoint" in "".join(faults_of(data | {"head": data["signature"]}, key))
    assert "one over another statement" in "".join(faults_of(data | {"signature": data["head"]}, key))


def test_a_statement_of_another_head_is_found(room: Room, key: VerifierKey) -> None:
    """Every part is genuine; they do not belong together."""
    before = made(room)
    room.received(room.person("bo"))
    after = made(room)
    assert faults_of(before | {"head": after["head"]}, key)
    assert faults_of(after | {"head": before["head"]}, key)
    assert faults_of(before | {"signature": after["signature"]}, key)


def test_another_log_s_key_opens_nothing(room: Room, key: VerifierKey, tmp_path: Path) -> None:
    other = add_key(tmp_path / "other.key", "other.example/log").verifiers[0]
    faults = faults_of(made(room), other)
    named = f"{key.name}+{key.key_hash.hex()}"
    assert f"the head of the log: it is signed by {named}, not with the key that was given" in faults


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it is not JSON"),
        ("[]", "it is no statement"),
        ('{"format":"perks-engine/disclosure-list/1"}', "it is no statement"),
        (json.dumps({"format": FORMAT}), "'says' is missing"),
    ],
)
def test_what_is_no_statement_is_refused(key: VerifierKey, content: str, why: str) -> None:
    with pytest.raises(ProofFileError, match=why):
        verify_statement(content, key)


def test_after_an_erasure_the_entries_are_still_proved(room: Room, key: VerifierKey) -> None:
    with room.engine.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM leaf_salt")
    assert faults_of(made(room), key) == ()
