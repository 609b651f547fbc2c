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
    place: str
    what: str


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
                    Finding("log.head_missing", f"size {tree.size}", "no head was signed over all leaves")
                ]
            waiting = tx.log.unsealed(BATCH, everywhere=True)
            found += _overdue(waiting, now)
        return Audit(tree.size, heads.count, len(waiting), tuple(found.kept), found.more)


class _Heads:
    """Heads by size, each held against the tree when it has grown so far."""

    def __init__(self, heads: Iterator[tuple[str, SignedHead]], keys: LogKeys) -> None:
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
            yield Finding("log.head_altered", place, str(error))
            return
        if (head.size, head.signed_at) != (signed.size, signed.signed_at):
            yield Finding(
                "log.head_altered", place, f"it was signed for size {head.size} at {head.signed_at}"
            )
        elif head.size > tree.size:
            yield Finding("log.cut_off", place, f"{head.size} leaves were signed, the log holds {tree.size}")
        elif head.size < tree.size or head.root != tree.root():
            yield Finding("log.rewritten", place, "the leaves do not have the root that was signed")


def _heads(tx: Transaction) -> Iterator[tuple[str, SignedHead]]:
    """The heads of the log by size, read a part at a time."""
    above = 0
    while some := tx.log.heads_above(above, BATCH):
        for one in some:
            yield f"head {one.size}", one
        above = some[-1].size


def _notes(published: Sequence[str], keys: LogKeys, found: _Found) -> Iterator[tuple[str, SignedHead]]:
    """Published heads by size; what cannot be read is found at once."""
    read: list[tuple[int, SignedHead]] = []
    for note in published:
        try:
            head = read_head(open_note(note, keys.verifiers))
        except NoteError as error:
            found += [Finding("log.published_unreadable", "published head", str(error))]
            continue
        read.append((head.size, SignedHead(head.size, note, head.signed_at)))
    return ((f"published head {size}", one) for size, one in sorted(read, key=lambda one: one[0]))


def _leaf_findings(
    leaf: SealedLeaf, salt: bytes | None, entry: LoggedEntry | None, expected: int
) -> Iterator[Finding]:
    place = f"leaf {leaf.position}"
    if leaf.position != expected:
        yield Finding("log.leaf_missing", place, f"leaf {expected} was expected here")
    if leaf_hash(leaf.data.encode()) != leaf.hash:
        yield Finding("log.leaf_altered", place, "its data do not have the hash that is kept for it")
    if entry is None:
        yield Finding("ledger.entry_missing", place, f"the ledger holds no entry {leaf.entry_id}")
        return
    told = _parsed(leaf.data)
    for name, value in _public(entry).items():
        if told["public"].get(name) != value:
            yield Finding(
                "ledger.entry_altered",
                place,
                f"entry {entry.entry_id}: {name} is {value!r} in the ledger, "
                f"{told['public'].get(name)!r} was sealed",
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
                f"entry {entry.entry_id}: {', '.join(differs)} is not what was sealed",
            )


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
        yield Finding("log.node_missing", f"node {level}/{place}", "its leaves are there, but not it")
    elif stored != expected:
        yield Finding("log.node_altered", f"node {level}/{place}", "it does not follow from its leaves")


def _unknown_nodes(level: int, stored: StoredLevel) -> Iterator[Finding]:
    for place in stored.left():
        yield Finding("log.node_unknown", f"node {level}/{place}", "no leaves stand below it")


def _doubled(tx: Transaction) -> Iterator[Finding]:
    for position, entry_id in tx.log.doubled():
        yield Finding("log.leaf_doubled", f"leaf {position}", f"entry {entry_id} was sealed before")


def _overdue(waiting: Sequence[LoggedEntry], now: datetime) -> Iterator[Finding]:
    late = [entry for entry in waiting if now - entry.recorded_at > OVERDUE]
    if late:
        yield Finding(
            "log.overdue",
            f"entry {late[0].entry_id}",
            f"{len(late)} entries wait for more than {OVERDUE} to be sealed; does `perks worker` run?",
        )
