"""A statement as JSON that can be checked without this engine's database: written, and verified."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.leaves import Leaf
from perks_engine.domain.merkle import EMPTY_ROOT, leaf_hash, verify_inclusion
from perks_engine.domain.notes import Head, NoteError, VerifierKey, open_note
from perks_engine.domain.statements import (
    FORMAT,
    Stated,
    StatementKind,
    Subject,
    SubjectKind,
    subject_of,
)
from perks_engine.exports.proof_files import ProofFileError, line_faults, opened_head, proof_json
from perks_engine.services.stating import Statement, digest_of

ATTACHED = "statement.json"
"""The name of the JSON within a PDF."""
MOST_PDF_BYTES = 50_000_000
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def statement_json(statement: Statement) -> str:
    """One JSON object: what is stated, the lines with their proofs, and the signature over all of it. Who
    takes `value` and `salt` out of `subject` can show the statement without the address."""
    stated, lines = statement.stated, []
    for line in statement.lines:
        row = line.row()
        row["proof"] = proof_json(line.proof)
        row["ended_proof"] = proof_json(line.ended.proof) if line.ended else None
        lines.append(row)
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
        "lines": lines,
        "signature": statement.signature,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """What a file turned out to be: `faults` is empty where all of it holds. `subject` is None where the
    file does not open its commitment."""

    says: str
    kind: str
    subject: Subject | None
    issued_at: str
    lines: int
    head: Head | None
    faults: tuple[str, ...]


def is_statement(data: bytes) -> bool:
    """Whether a file is a statement, as JSON or as a PDF that holds one; not yet whether it is a good one."""
    try:
        found = json.loads(statement_text(data))
    except (ProofFileError, ValueError):
        return data.startswith(b"%PDF-")
    return isinstance(found, dict) and found.get("format") == FORMAT


def statement_text(data: bytes) -> str:
    """The JSON of a statement, from within its PDF where it is one. Raises `ProofFileError`."""
    if not data.startswith(b"%PDF-"):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ProofFileError("it is neither JSON in UTF-8 nor a PDF") from error
    marker = f'"format": "{FORMAT}"'.encode()
    found = [text for text in _streams(data[:MOST_PDF_BYTES]) if marker in text]
    if len(found) != 1:
        raise ProofFileError(
            f"the PDF holds {len(found) or 'no'} statements; expected one, as {ATTACHED} in it"
        )
    return found[0].decode("utf-8")


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
    for number, row in enumerate(rows, start=1):
        proof, ended_proof = row.pop("proof", None), row.pop("ended_proof", None)
        found = [*line_faults(row, proof, head), *_ended_faults(row, ended_proof, head)]
        faults += [f"line {number}: {fault}" for fault in found]
    entries = [str(row.get("ledger_entry")) for row in rows]
    if len(set(entries)) < len(entries):
        faults.append("an entry of the ledger stands on more than one line")
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
        digest=digest_of(rows),
    )
    faults += more + _stated_faults(data, stated, key)
    return VerifiedStatement(
        stated.words(), stated.kind.value, subject, stated.issued_at, len(rows), head, tuple(faults)
    )


def _kind(subject: Mapping[str, Any]) -> SubjectKind:
    try:
        return SubjectKind(subject.get("kind"))
    except ValueError as error:
        raise ProofFileError("its subject is of no kind that there is; the file was damaged") from error


def _stated_faults(data: Mapping[str, Any], stated: Stated, key: VerifierKey) -> list[str]:
    faults: list[str] = []
    try:
        if open_note(data["signature"], [key]) != stated.text():
            faults.append(
                "the signature is one over another statement: its head, its subject, its day or its lines "
                "were changed, added or removed"
            )
    except NoteError as error:
        faults.append(f"the signature over the statement: {error}")
    if data["says"] != stated.words():
        faults.append(f"its words are not what was signed, which is: {stated.words()}")
    if data["statement"] != stated.kind.value:
        faults.append(f"it calls itself a statement of {data['statement']}, and is one of {stated.kind}")
    for name, wanted in (("count", stated.count), ("held", stated.held)):
        if data[name] != wanted:
            faults.append(f"'{name}' is {data[name]}, and its lines make it {wanted}")
    return faults


def _subject(data: Mapping[str, Any], about: str | None) -> tuple[Subject | None, list[str]]:
    """Whom the statement is about, where its commitment is opened."""
    if "value" not in data and "salt" not in data:
        wanted = "; it does not open its commitment, so nobody can tell whom it is about"
        return None, [f"--about{wanted}"] if about else []
    try:
        subject = Subject(_kind(data), str(data["value"]))
        opened = subject.committed(bytes.fromhex(data["salt"]))
    except (KeyError, ValueError, TypeError):
        return None, ["its subject cannot be read"]
    if opened != data.get("commitment"):
        return None, ["its subject is not the one that was signed: it was made for somebody else"]
    fits = about is None or subject in (subject_of(about), Subject(SubjectKind.PERSON, about))
    return subject, [] if fits else [f"it is about {subject.value}, and not about {about}"]


def _ended_faults(row: Mapping[str, Any], proof: Any, head: Head | None) -> Iterator[str]:
    """What is wrong with the entry that ended a receipt, if one did."""
    ended = row.get("ended")
    if ended is None:
        if proof is not None:
            yield "it has a proof of its end, and no end"
        return
    try:
        leaf, path = str(proof["leaf"]), [bytes.fromhex(one) for one in proof["path"]]
        told = json.loads(leaf)
        sealed = Leaf(dict(told["public"]), dict(told["commitments"])).public
        included = head is not None and verify_inclusion(
            leaf_hash(leaf.encode()), int(proof["position"]), head.size, path, head.root
        )
        says = {
            "ledger_entry": (ended["ledger_entry"], sealed.get("entry_id")),
            "move": (ended["move"], sealed.get("move")),
            "ended_at": (ended["ended_at"], sealed.get("occurred_at")),
            "recorded_at": (ended["recorded_at"], sealed.get("recorded_at")),
        }
    except (KeyError, TypeError, ValueError):
        yield "the proof of its end cannot be read"
        return
    if not included:
        yield "the entry that ended it is not in the log that the head is of"
    for name, (shown, kept) in says.items():
        if shown != kept:
            yield f"its end: {name} is {shown}, and {kept} was sealed"
    if sealed.get("corrects") != row.get("ledger_entry"):
        yield "the entry that is said to have ended it corrects another one"


def _parsed(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ProofFileError(f"it is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProofFileError("it is no statement of this engine")
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
        if not isinstance(data.get(name), kind):
            raise ProofFileError(f"'{name}' is missing or of the wrong type; the file was damaged")
    if not all(isinstance(row, dict) for row in data["lines"]):
        raise ProofFileError("a line is no object; the file was damaged")
    return data
