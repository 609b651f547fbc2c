"""A disclosure list as JSON that can be checked without this engine's database: written, and verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.codec import canonical_json
from perks_engine.domain.disclosure import Section, accounts_of
from perks_engine.domain.leaves import Leaf, opens
from perks_engine.domain.merkle import EMPTY_ROOT, leaf_hash, verify_inclusion
from perks_engine.domain.notes import Head, NoteError, VerifierKey, open_note, read_head
from perks_engine.domain.phrase import Phrase, phrase, word
from perks_engine.exports.columns import LATEST, as_row
from perks_engine.exports.reading import ProofFileError, given_proof, read_document, strange_names
from perks_engine.exports.titles import title_of
from perks_engine.services.list_views import CHOSEN, chosen_view
from perks_engine.services.proving import ProvedList
from perks_engine.services.views import instant_view

FORMAT = "perks-engine/disclosure-list/2"
_NAMES = ("format", "list", *CHOSEN, "as_of", "columns", "head", "lines", "count", "signature")
_SHOWN_AS = {"person": "person", "claim": "claim", "reference": "reference"}
_SEALED_AS = {
    "ledger_entry": "entry_id",
    "campaign": "campaign",
    "campaign_version": "version",
    "recorded_at": "recorded_at",
}
"""A column of the list, and the name under which the leaf holds the same."""
_ALSO_SEALED: Mapping[str, Mapping[str, str]] = {
    Section.RECEIVED: {"received_at": "occurred_at", "evidence": "evidence"},
    Section.MAY_RECEIVE: {"evidence": "evidence"},
    Section.RETURNED: {"returned_at": "occurred_at"},
}
"""By section, what else an entry of it seals."""


def proved_chunks(proved: ProvedList, columns: str = LATEST) -> Iterator[str]:
    """One JSON object: the list with a proof for each line, the head that they lead to, and at the end a
    signature over all of it."""
    chosen = chosen_view(proved.chosen)
    start: dict[str, Any] = {"format": FORMAT, "list": title_of(proved.chosen), **chosen}
    start |= {"as_of": instant_view(proved.instant), "columns": columns}
    start["head"] = proved.head.note if proved.head else None
    yield json.dumps(start, ensure_ascii=False).removesuffix("}") + ',"lines":['
    digest = hashlib.sha256()
    count = 0
    for one in proved.lines:
        row = {**as_row(one.line, columns), "proof": one.proof.row() if one.proof else None}
        digest.update(canonical_json(row).encode() + b"\n")
        yield ("," if count else "") + "\n" + json.dumps(row, ensure_ascii=False)
        count += 1
    text = _signed_text(proved.origin, start, proved.opened, count, digest.hexdigest())
    yield f'\n],"count":{count},"signature":{json.dumps(proved.sign(text), ensure_ascii=False)}}}\n'


def _signed_text(origin: str, start: Mapping[str, Any], head: Head | None, count: int, digest: str) -> str:
    """What the list says of itself, the head that its proofs lead to, and the hash of its rows with their
    proofs, one for each line."""
    told = {name: start[name] for name in ("list", *CHOSEN, "as_of", "columns") if name in start}
    size, root = (head.size, head.root) if head else (0, EMPTY_ROOT)
    return f"{origin}\n{canonical_json(told)}\nas of {size} {root.hex()}\n{count} lines\nsha256 {digest}\n"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a file turned out to be: `faults` is empty where all of it holds."""

    title: str
    as_of: str
    lines: int
    head: Head | None
    faults: tuple[Phrase, ...]


def verify_list(text: str, key: VerifierKey) -> Verified:
    """Check a list with proofs by the log's public key, with nothing else at hand.

    Raises `ProofFileError` where the file is none.
    """
    data = _parsed(text)
    rows: list[dict[str, Any]] = data["lines"]
    head, faults = opened_head(data, key)
    digest = hashlib.sha256()
    faults += strange_names(data, _NAMES)
    for number, row in enumerate(rows, start=1):
        digest.update(canonical_json(row).encode() + b"\n")
        proof = row.pop("proof", None)
        faults += [at_line(number, fault) for fault in line_faults(row, proof, head)]
    entries = [row.get("ledger_entry") for row in rows]
    if len(set(map(str, entries))) < len(entries):
        faults.append(phrase("an entry of the ledger stands on more than one line"))
    wanted = _signed_text(key.name, data, head, len(rows), digest.hexdigest())
    try:
        if open_note(data["signature"], [key]) != wanted:
            faults.append(
                phrase("the signature is one over another list: lines were changed, added or removed")
            )
    except NoteError as error:
        faults.append(phrase("the signature over the list: {why}", why=error.why))
    if data["count"] != len(rows):
        faults.append(
            phrase("it says that it has {count} lines, and has {found}", count=data["count"], found=len(rows))
        )
    return Verified(data["list"], data["as_of"], len(rows), head, tuple(faults))


def _parsed(text: str) -> dict[str, Any]:
    is_table = not text.lstrip().startswith(("{", "["))
    data = {} if is_table else read_document(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProofFileError(
            phrase(
                "it is no disclosure list with proofs; make one with: "
                "perks disclosures export --format json --proofs"
            )
        )
    kinds = {"list": str, "as_of": str, "lines": list, "count": int, "signature": str}
    for name, kind in kinds.items():
        if type(data.get(name)) is not kind:
            raise of_the_wrong_type(name)
    if not all(isinstance(row, dict) for row in data["lines"]):
        raise ProofFileError(phrase("a line is no object; the file was damaged"))
    return data


def of_the_wrong_type(name: str) -> ProofFileError:
    return ProofFileError(phrase("'{name}' is missing or of the wrong type; the file was damaged", name=name))


def at_line(number: int, fault: Phrase) -> Phrase:
    return phrase("line {number}: {fault}", number=number, fault=fault)


def opened_head(data: Mapping[str, Any], key: VerifierKey) -> tuple[Head | None, list[Phrase]]:
    if data.get("head") is None:
        return None, []
    try:
        head = read_head(open_note(str(data["head"]), [key]))
    except NoteError as error:
        return None, [phrase("the head of the log: {why}", why=error.why)]
    if head.origin == key.name:
        return head, []
    return head, [phrase("the head is one of another log, {origin}", origin=head.origin)]


def line_faults(row: Mapping[str, Any], proof: Any, head: Head | None) -> Iterator[Phrase]:
    if proof is None:
        yield phrase("its entry was not sealed yet when the list was made; export it again")
        return
    if head is None:
        yield phrase("there is no head that its proof could lead to")
        return
    try:
        given = given_proof(proof)
    except ValueError:
        yield phrase("its proof cannot be read")
        return
    sealed = given.sealed
    if not verify_inclusion(leaf_hash(given.leaf.encode()), given.position, head.size, given.path, head.root):
        yield phrase("its entry is not in the log that the head is of")
    section = str(row.get("section", Section.RECEIVED.value))
    targets = accounts_of(Section(section)) if section in _ALSO_SEALED else frozenset[str]()
    for column, name in {**_SEALED_AS, **_ALSO_SEALED.get(section, {})}.items():
        kept = _first_received(sealed) if column == "received_at" else sealed.public.get(name)
        if row.get(column) != kept:
            yield phrase(
                "{column} is {shown}, and {sealed} was sealed",
                column=column,
                shown=str(row.get(column)),
                sealed=str(kept),
            )
    if sealed.public.get("target") not in list(targets):
        yield phrase(
            "its entry is a move to {target}, and no line of the section {section}",
            target=word(str(sealed.public.get("target"))),
            section=word(section),
        )
    # What an annex says of the receipt rests on the entry that this one corrects.
    shown = {
        name: column
        for name, column in _SHOWN_AS.items()
        if section != Section.RETURNED or name != "reference"
    }
    yield from _closed_faults(row, sealed, given.salts, shown)


def _first_received(sealed: Leaf) -> Any:
    """Of a bundle whose parts came one by one, when the first came; else when the entry happened."""
    contents = sealed.public.get("contents")
    since = contents.get("held_since") if isinstance(contents, Mapping) else None
    return since or sealed.public.get("occurred_at")


def _closed_faults(
    row: Mapping[str, Any], sealed: Leaf, salts: Mapping[str, bytes], shown: Mapping[str, str]
) -> Iterator[Phrase]:
    """Personal fields, where their salts are still there: after an erasure nobody can tell any more."""
    for name, column in shown.items():
        salt, value = salts.get(name), row.get(column)
        if salt is None or (not value and name not in sealed.commitments):
            continue
        if not opens(sealed, name, str(value), salt):
            yield phrase("{column} is not the one that was sealed", column=column)
