"""Whether the log is what it says: every row of it, against the ledger, the tree and the signed heads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from perks_engine.domain.leaves import leaf_of
from perks_engine.domain.merkle import Hash, completed, leaf_hash, root
from perks_engine.domain.notes import Head, NoteError, open_note, read_head
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import LoggedEntry, SealedLeaf, SignedHead
from perks_engine.services.sealing import BATCH, LogKeys, entry_data

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
    """What was looked through, and everything that was found."""

    leaves: int
    heads: int
    unsealed: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Auditing:
    store: Store
    clock: Clock

    def audit(self, keys: LogKeys, published: Sequence[str] = ()) -> Audit:
        """Look through the whole log. `published` are notes of heads kept outside of the database: only
        they can show that its end was cut off, or that all of it was made anew."""
        now = self.clock()
        with self.store.read() as tx:
            tree = _Tree()
            findings: list[Finding] = []
            entries: set[int] = set()
            for leaf, salt, entry in tx.log.leaves():
                findings += _leaf_findings(leaf, salt, entry, tree.size, entries)
                tree.append(bytes(leaf.hash))
            findings += _node_findings(tx, tree)
            heads = tx.log.heads()
            findings += [one for head in heads for one in _head_findings(head, keys, tree)]
            if tree.size and (not heads or heads[0].size != tree.size):
                findings.append(
                    Finding("log.head_missing", f"size {tree.size}", "no head was signed over all leaves")
                )
            findings += [one for note in published for one in _published_findings(note, keys, tree)]
            waiting = tx.log.unsealed(BATCH, everywhere=True)
            findings += _overdue(waiting, now)
        return Audit(tree.size, len(heads), len(waiting), tuple(findings))


class _Tree:
    """The tree as it follows from the leaves alone."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], Hash] = {}
        self.size = 0

    def append(self, leaf: Hash) -> None:
        for level, place, value in completed(self.size, leaf, self.at):
            self.nodes[level, place] = value
        self.size += 1

    def at(self, level: int, place: int) -> Hash:
        return self.nodes[level, place]


def _leaf_findings(
    leaf: SealedLeaf, salt: bytes | None, entry: LoggedEntry | None, expected: int, entries: set[int]
) -> Iterator[Finding]:
    place = f"leaf {leaf.position}"
    if leaf.position != expected:
        yield Finding("log.leaf_missing", place, f"leaf {expected} was expected here")
    if leaf_hash(leaf.data.encode()) != leaf.hash:
        yield Finding("log.leaf_altered", place, "its data do not have the hash that is kept for it")
    if leaf.entry_id in entries:
        yield Finding("log.leaf_doubled", place, f"entry {leaf.entry_id} was sealed before")
    entries.add(leaf.entry_id)
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


def _node_findings(tx: Transaction, tree: _Tree) -> Iterator[Finding]:
    wanted = {place: value for place, value in tree.nodes.items() if place[0]}
    for level, place, value in tx.log.nodes():
        expected = wanted.pop((level, place), None)
        if expected is None:
            yield Finding("log.node_unknown", f"node {level}/{place}", "no leaves stand below it")
        elif expected != value:
            yield Finding("log.node_altered", f"node {level}/{place}", "it does not follow from its leaves")
    for level, place in wanted:
        yield Finding("log.node_missing", f"node {level}/{place}", "its leaves are there, but not it")


def _head_findings(signed: SignedHead, keys: LogKeys, tree: _Tree) -> Iterator[Finding]:
    place = f"head {signed.size}"
    try:
        head = read_head(open_note(signed.note, keys.verifiers))
    except NoteError as error:
        yield Finding("log.head_altered", place, str(error))
        return
    if (head.size, head.signed_at) != (signed.size, signed.signed_at):
        yield Finding("log.head_altered", place, f"it was signed for size {head.size} at {head.signed_at}")
    yield from _fits(head, place, tree)


def _published_findings(note: str, keys: LogKeys, tree: _Tree) -> Iterator[Finding]:
    try:
        head = read_head(open_note(note, keys.verifiers))
    except NoteError as error:
        yield Finding("log.published_unreadable", "published head", str(error))
        return
    yield from _fits(head, f"published head {head.size}", tree)


def _fits(head: Head, place: str, tree: _Tree) -> Iterator[Finding]:
    if head.size > tree.size:
        yield Finding("log.cut_off", place, f"{head.size} leaves were signed, the log holds {tree.size}")
    elif root(head.size, tree.at) != head.root:
        yield Finding("log.rewritten", place, "the leaves do not have the root that was signed")


def _overdue(waiting: Sequence[LoggedEntry], now: datetime) -> Iterator[Finding]:
    late = [entry for entry in waiting if now - entry.recorded_at > OVERDUE]
    if late:
        yield Finding(
            "log.overdue",
            f"entry {late[0].entry_id}",
            f"{len(late)} entries wait for more than {OVERDUE} to be sealed; does `perks worker` run?",
        )
