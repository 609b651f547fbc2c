"""Whether the log is what it says: every row of it, against the ledger, the tree and the signed heads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from perks_engine.domain.leaves import leaf_of
from perks_engine.domain.merkle import Hash, leaf_hash
from perks_engine.domain.notes import NoteError, open_note, read_head
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.audit_tree import GrowingTree, StoredLevel
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import LoggedEntry, SealedLeaf, SignedHead
from perks_engine.services.sealing import BATCH, LogKeys, entry_data

MOST_FINDINGS = 1_000
OVERDUE = timedelta(minutes=10)
"""An entry that has waited longer than this to be sealed is a finding: the sealer does not run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it has to be: a dotted code, where it is, and what is wrong."""

    code: str
    place: Phrase
    what: Phrase


@dataclass(frozen=True, slots=True)
class Audit:
    """What was looked through, and what was found: the first of it, and how much `more` there was."""

    leaves: int
    heads: int
    unsealed: int
    findings: tuple[Finding, ...]
    more: int = 0


class _Found:
    """The first findings, and how many came after them: of a log that somebody made anew, all is wrong."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.more = 0

    def __iadd__(self, findings: Iterable[Finding]) -> Self:
        for one in findings:
            if len(self.kept) < MOST_FINDINGS:
                self.kept.append(one)
            else:
                self.more += 1
        return self


@dataclass(frozen=True, slots=True)
class Auditing:
    store: Store
    clock: Clock

    def audit(self, keys: LogKeys, published: Sequence[str] = ()) -> Audit:
        """Look through the whole log. `published` are notes of heads kept outside of the database: only
        they can show that its end was cut off, or that all of it was made anew.

        What it holds in memory does not grow with the log.
        """
        now = self.clock()
        found = _Found()
        with self.store.read() as tx:
            tree = GrowingTree()
            levels: dict[int, StoredLevel] = {}
            heads = _Heads(_heads(tx), keys)
            kept_outside = _Heads(_notes(published, keys, found), keys)
            for leaf, salt, entry in tx.log.leaves():
                found += _leaf_findings(leaf, salt, entry, tree.size)
                for level, place, value in tree.append(bytes(leaf.hash)):
                    stored = levels.setdefault(level, StoredLevel(level, tx.log.nodes))
                    found += _node_findings(level, place, value, stored.at(place))
                found += heads.at(tree)
                found += kept_outside.at(tree)
            found += _doubled(tx)
            for level in sorted({*levels, *tx.log.levels()}):
                stored = levels.setdefault(level, StoredLevel(level, tx.log.nodes))
                found += _unknown_nodes(level, stored)
            found += heads.beyond(tree)
            found += kept_outside.beyond(tree)
            if tree.size and heads.newest != tree.size:
                found += [
                    Finding(
                        "log.head_missing",
                        phrase("size {number}", number=str(tree.size)),
                        phrase("no head was signed over all leaves"),
                    )
                ]
            waiting = tx.log.unsealed(BATCH, everywhere=True)
            found += _overdue(waiting, now)
        return Audit(tree.size, heads.count, len(waiting), tuple(found.kept), found.more)


class _Heads:
    """Heads by size, each held against the tree when it has grown so far."""

    def __init__(self, heads: Iterator[tuple[Phrase, SignedHead]], keys: LogKeys) -> None:
        self._heads = heads
        self._keys = keys
        self._next = next(heads, None)
        self.count = 0
        self.newest = 0

    def at(self, tree: GrowingTree) -> Iterator[Finding]:
        while self._next is not None and self._next[1].size <= tree.size:
            yield from self._judge(tree)

    def beyond(self, tree: GrowingTree) -> Iterator[Finding]:
        """Those over more leaves than there are."""
        while self._next is not None:
            yield from self._judge(tree)

    def _judge(self, tree: GrowingTree) -> Iterator[Finding]:
        if self._next is None:
            return
        place, signed = self._next
        self._next = next(self._heads, None)
        self.count += 1
        self.newest = signed.size
        try:
            head = read_head(open_note(signed.note, self._keys.verifiers))
        except NoteError as error:
            yield Finding("log.head_altered", place, error.why)
            return
        if (head.size, head.signed_at) != (signed.size, signed.signed_at):
            yield Finding(
                "log.head_altered",
                place,
                phrase("it was signed for size {size} at {at}", size=str(head.size), at=str(head.signed_at)),
            )
        elif head.size > tree.size:
            yield Finding(
                "log.cut_off",
                place,
                phrase(
                    "{signed} leaves were signed, the log holds {held}",
                    signed=str(head.size),
                    held=str(tree.size),
                ),
            )
        elif head.size < tree.size or head.root != tree.root():
            yield Finding("log.rewritten", place, phrase("the leaves do not have the root that was signed"))


def _heads(tx: Transaction) -> Iterator[tuple[Phrase, SignedHead]]:
    """The heads of the log by size, read a part at a time."""
    above = 0
    while some := tx.log.heads_above(above, BATCH):
        for one in some:
            yield phrase("head {number}", number=str(one.size)), one
        above = some[-1].size


def _notes(published: Sequence[str], keys: LogKeys, found: _Found) -> Iterator[tuple[Phrase, SignedHead]]:
    """Published heads by size; what cannot be read is found at once."""
    read: list[tuple[int, SignedHead]] = []
    for note in published:
        try:
            head = read_head(open_note(note, keys.verifiers))
        except NoteError as error:
            found += [Finding("log.published_unreadable", phrase("published head"), error.why)]
            continue
        read.append((head.size, SignedHead(head.size, note, head.signed_at)))
    return (
        (phrase("published head {number}", number=str(size)), one)
        for size, one in sorted(read, key=lambda one: one[0])
    )


def _leaf_findings(
    leaf: SealedLeaf, salt: bytes | None, entry: LoggedEntry | None, expected: int
) -> Iterator[Finding]:
    place = _leaf(leaf.position)
    if leaf.position != expected:
        wanted = phrase("leaf {number} was expected here", number=str(expected))
        yield Finding("log.leaf_missing", place, wanted)
    if leaf_hash(leaf.data.encode()) != leaf.hash:
        yield Finding("log.leaf_altered", place, phrase("its data do not have the hash that is kept for it"))
    if entry is None:
        none = phrase("the ledger holds no entry {number}", number=str(leaf.entry_id))
        yield Finding("ledger.entry_missing", place, none)
        return
    told = _parsed(leaf.data)
    for name, value in _public(entry).items():
        if told["public"].get(name) != value:
            yield Finding(
                "ledger.entry_altered",
                place,
                phrase(
                    "entry {number}: {name} is {value} in the ledger, {sealed} was sealed",
                    number=str(entry.entry_id),
                    name=name,
                    value=repr(value),
                    sealed=repr(told["public"].get(name)),
                ),
            )
    if salt is not None:
        made = leaf_of(entry_data(entry), salt).commitments
        if dict(made) != told["commitments"]:
            differs = sorted(
                name
                for name in {*made, *told["commitments"]}
                if made.get(name) != told["commitments"].get(name)
            )
            yield Finding(
                "ledger.entry_altered",
                place,
                phrase(
                    "entry {number}: {names} is not what was sealed",
                    number=str(entry.entry_id),
                    names=", ".join(differs),
                ),
            )


def _leaf(position: int) -> Phrase:
    return phrase("leaf {number}", number=str(position))


def _node(level: int, place: int) -> Phrase:
    return phrase("node {number}", number=f"{level}/{place}")


def _parsed(data: str) -> dict[str, Any]:
    try:
        told = json.loads(data)
        return {"public": dict(told["public"]), "commitments": dict(told["commitments"])}
    except (ValueError, KeyError, TypeError):
        return {"public": {}, "commitments": {}}


def _public(entry: LoggedEntry) -> dict[str, Any]:
    return json.loads(leaf_of(entry_data(entry), b"").data())["public"]


def _node_findings(level: int, place: int, expected: Hash, stored: Hash | None) -> Iterator[Finding]:
    if stored is None:
        yield Finding("log.node_missing", _node(level, place), phrase("its leaves are there, but not it"))
    elif stored != expected:
        yield Finding("log.node_altered", _node(level, place), phrase("it does not follow from its leaves"))


def _unknown_nodes(level: int, stored: StoredLevel) -> Iterator[Finding]:
    for place in stored.left():
        yield Finding("log.node_unknown", _node(level, place), phrase("no leaves stand below it"))


def _doubled(tx: Transaction) -> Iterator[Finding]:
    for position, entry_id in tx.log.doubled():
        before = phrase("entry {number} was sealed before", number=str(entry_id))
        yield Finding("log.leaf_doubled", _leaf(position), before)


def _overdue(waiting: Sequence[LoggedEntry], now: datetime) -> Iterator[Finding]:
    late = [entry for entry in waiting if now - entry.recorded_at > OVERDUE]
    if late:
        yield Finding(
            "log.overdue",
            phrase("entry {number}", number=str(late[0].entry_id)),
            phrase(
                "{count} entries wait for more than {span} to be sealed; does `perks worker` run?",
                count=str(len(late)),
                span=str(OVERDUE),
            ),
        )
