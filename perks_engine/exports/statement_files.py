"""A statement as JSON that can be checked without this engine's database: written, and verified."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.merkle import EMPTY_ROOT, leaf_hash, verify_inclusion
from perks_engine.domain.notes import Head, NoteError, VerifierKey, open_note
from perks_engine.domain.phrase import Phrase, phrase, word
from perks_engine.domain.statements import (
    FORMAT,
    Stated,
    StatementKind,
    Subject,
    SubjectKind,
    subject_of,
)
from perks_engine.exports.proof_files import (
    at_line,
    line_faults,
    of_the_wrong_type,
    opened_head,
)
from perks_engine.exports.reading import ProofFileError, given_proof, read_document, strange_names
from perks_engine.services.stating import Statement, digest_of

ATTACHED = "statement.json"
"""The name of the JSON within a PDF."""
_NAMES = (
    *("format", "says", "statement", "subject", "issued_at", "head", "count", "held", "lines", "signature"),
)
_OF_SUBJECT = ("commitment", "kind", "value", "salt")
MOST_PDF_BYTES = 50_000_000
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def statement_json(statement: Statement) -> str:
    """One JSON object: what is stated, the lines with their proofs, and the signature over all of it. Who
    takes `value` and `salt` out of `subject` can show the statement without the address."""
    stated = statement.stated
    data = {
        "format": FORMAT,
        "says": stated.words(),
        "statement": stated.kind.value,
        "subject": {
            "commitment": stated.subject,
            "kind": statement.subject.kind.value,
            "value": statement.subject.value,
            "salt": statement.salt.hex(),
        },
        "issued_at": stated.issued_at,
        "head": statement.head.note if statement.head else None,
        "count": stated.count,
        "held": stated.held,
        "lines": [line.proved_row() for line in statement.lines],
        "signature": statement.signature,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """What a file turned out to be: `faults` is empty where all of it holds. `subject` is None where the
    file does not open its commitment."""

    says: Phrase
    kind: str
    subject: Subject | None
    issued_at: str
    lines: int
    head: Head | None
    faults: tuple[Phrase, ...]


def is_statement(data: bytes) -> bool:
    """Whether a file is a statement, as JSON or as a PDF that holds one; not yet whether it is a good one."""
    try:
        found = json.loads(statement_text(data))
    except (ValueError, RecursionError):
        return data.startswith(b"%PDF-")
    return isinstance(found, dict) and found.get("format") == FORMAT


def statement_text(data: bytes) -> str:
    """The JSON of a statement, from within its PDF where it is one. Raises `ProofFileError`."""
    if not data.startswith(b"%PDF-"):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ProofFileError(phrase("it is neither JSON in UTF-8 nor a PDF")) from error
    marker = f'"format": "{FORMAT}"'.encode()
    found = [text for text in _streams(data[:MOST_PDF_BYTES]) if marker in text]
    if not found:
        raise ProofFileError(
            phrase("the PDF holds no statements; expected one, as {name} in it", name=ATTACHED)
        )
    if len(found) > 1:
        raise ProofFileError(
            phrase(
                "the PDF holds {count} statements; expected one, as {name} in it",
                count=len(found),
                name=ATTACHED,
            )
        )
    try:
        return found[0].decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProofFileError(phrase("it is neither JSON in UTF-8 nor a PDF")) from error


def _streams(data: bytes) -> Iterator[bytes]:
    for found in _STREAM.finditer(data):
        unpacking = zlib.decompressobj()
        try:
            yield unpacking.decompress(found[1], MOST_PDF_BYTES)
        except zlib.error:
            yield found[1]


def verify_statement(text: str, key: VerifierKey, about: str | None = None) -> VerifiedStatement:
    """Check a statement by the log's public key, with nothing else at hand. `about` is the address or handle
    that it is said to be about, or a person's id.

    Raises `ProofFileError` where the file is no statement.
    """
    data = _parsed(text)
    rows: list[dict[str, Any]] = data["lines"]
    head, faults = opened_head(data, key)
    digest = digest_of(rows)
    faults += [*strange_names(data, _NAMES), *strange_names(data["subject"], _OF_SUBJECT)]
    for number, row in enumerate(rows, start=1):
        proof, ended_proof = row.pop("proof", None), row.pop("ended_proof", None)
        found = [*line_faults(row, proof, head), *_ended_faults(row, ended_proof, head)]
        faults += [at_line(number, fault) for fault in found]
    entries = [str(row.get("ledger_entry")) for row in rows]
    if len(set(entries)) < len(entries):
        faults.append(phrase("an entry of the ledger stands on more than one line"))
    subject, more = _subject(data["subject"], about)
    stated = Stated(
        origin=key.name,
        kind=StatementKind.RECEIPT if rows else StatementKind.NO_RECORD,
        about=_kind(data["subject"]),
        subject=str(data["subject"].get("commitment")),
        size=head.size if head else 0,
        root=head.root if head else EMPTY_ROOT,
        issued_at=data["issued_at"],
        count=len(rows),
        held=sum(row.get("ended") is None for row in rows),
        digest=digest,
    )
    faults += more + _stated_faults(data, stated, key)
    return VerifiedStatement(
        stated.phrase(), stated.kind.value, subject, stated.issued_at, len(rows), head, tuple(faults)
    )


def _kind(subject: Mapping[str, Any]) -> SubjectKind:
    try:
        return SubjectKind(subject.get("kind"))
    except ValueError as error:
        raise ProofFileError(
            phrase("its subject is of no kind that there is; the file was damaged")
        ) from error


def _stated_faults(data: Mapping[str, Any], stated: Stated, key: VerifierKey) -> list[Phrase]:
    faults: list[Phrase] = []
    try:
        if open_note(data["signature"], [key]) != stated.text():
            faults.append(
                phrase(
                    "the signature is one over another statement: its head, its subject, its day or its "
                    "lines were changed, added or removed"
                )
            )
    except NoteError as error:
        faults.append(phrase("the signature over the statement: {why}", why=error.why))
    if data["says"] != stated.words():
        faults.append(phrase("its words are not what was signed, which is: {words}", words=stated.words()))
    if data["statement"] != stated.kind.value:
        faults.append(
            phrase(
                "it calls itself a statement of {said}, and is one of {kind}",
                said=word(data["statement"]),
                kind=word(stated.kind.value),
            )
        )
    for name, wanted in (("count", stated.count), ("held", stated.held)):
        if data[name] != wanted:
            faults.append(
                phrase(
                    "'{name}' is {said}, and its lines make it {found}",
                    name=name,
                    said=data[name],
                    found=wanted,
                )
            )
    return faults


def _subject(data: Mapping[str, Any], about: str | None) -> tuple[Subject | None, list[Phrase]]:
    """Whom the statement is about, where its commitment is opened."""
    if "value" not in data and "salt" not in data:
        closed = Phrase("--about; it does not open its commitment, so nobody can tell whom it is about")
        return None, [closed] if about else []
    try:
        subject = Subject(_kind(data), str(data["value"]))
        opened = subject.committed(bytes.fromhex(data["salt"]))
    except (KeyError, ValueError, TypeError):
        return None, [phrase("its subject cannot be read")]
    if opened != data.get("commitment"):
        return None, [phrase("its subject is not the one that was signed: it was made for somebody else")]
    if about is None or subject in (subject_of(about), Subject(SubjectKind.PERSON, about)):
        return subject, []
    return subject, [
        phrase("it is about {subject}, and not about {about}", subject=subject.value, about=about)
    ]


def _ended_faults(row: Mapping[str, Any], proof: Any, head: Head | None) -> Iterator[Phrase]:
    """What is wrong with the entry that ended a receipt, if one did."""
    ended = row.get("ended")
    if ended is None:
        if proof is not None:
            yield phrase("it has a proof of its end, and no end")
        return
    try:
        given = given_proof(proof)
        sealed = given.sealed.public
        says = {
            "ledger_entry": (ended["ledger_entry"], sealed.get("entry_id")),
            "move": (ended["move"], sealed.get("move")),
            "ended_at": (ended["ended_at"], sealed.get("occurred_at")),
            "recorded_at": (ended["recorded_at"], sealed.get("recorded_at")),
        }
    except (KeyError, TypeError, ValueError):
        yield phrase("the proof of its end cannot be read")
        return
    leaf = leaf_hash(given.leaf.encode())
    if head is None or not verify_inclusion(leaf, given.position, head.size, given.path, head.root):
        yield phrase("the entry that ended it is not in the log that the head is of")
    for name, (shown, kept) in says.items():
        if shown != kept:
            yield phrase(
                "its end: {name} is {shown}, and {sealed} was sealed",
                name=name,
                shown=str(shown),
                sealed=str(kept),
            )
    if sealed.get("corrects") != row.get("ledger_entry"):
        yield phrase("the entry that is said to have ended it corrects another one")


def _parsed(text: str) -> dict[str, Any]:
    data = read_document(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProofFileError(phrase("it is no statement of this engine"))
    kinds = {
        "says": str,
        "statement": str,
        "subject": dict,
        "issued_at": str,
        "count": int,
        "held": int,
        "lines": list,
        "signature": str,
    }
    for name, kind in kinds.items():
        if type(data.get(name)) is not kind:
            raise of_the_wrong_type(name)
    if not all(isinstance(row, dict) for row in data["lines"]):
        raise ProofFileError(phrase("a line is no object; the file was damaged"))
    return data
