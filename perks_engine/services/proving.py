"""Proofs for a disclosure list: that each line rests on an entry that is in the published log.

A proof shows that the entry is there; it cannot show that no later one is missing from the list. That, the
engine vouches for by its signature over the whole list, which anybody can hold against the log.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.leaves import PERSONAL, field_salt
from perks_engine.domain.merkle import Hash, inclusion_proof
from perks_engine.domain.notes import Head, sign_note
from perks_engine.services.access import Actor
from perks_engine.services.disclosing import Disclosing, DisclosureLine
from perks_engine.services.list_records import Chosen
from perks_engine.services.ports import LogBook, Store
from perks_engine.services.records import SealedLeaf, SignedHead
from perks_engine.services.sealing import Sealing
from perks_engine.services.views import View

MOST_KEPT = 100_000
OPENED = ("person", "claim", "reference")
"""What a line of the list shows anyway; the rest of an entry stays closed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`leaf` is the text that was hashed, `path` leads from it to the head's root, `salts` (hex) open the
    personal fields that the line shows; none where erasure destroyed them."""

    position: int
    leaf: str
    path: tuple[Hash, ...]
    salts: dict[str, str]

    def row(self) -> View:
        """As documents bear it, and as it is signed with its line."""
        return {
            "position": self.position,
            "leaf": self.leaf,
            "path": [one.hex() for one in self.path],
            "salts": self.salts,
        }


@dataclass(frozen=True, slots=True)
class ProvedLine:
    """`proof` is None where the entry is not sealed yet."""

    line: DisclosureLine
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class ProvedList:
    """A list as of `instant`; `head` is the signed head that its proofs lead to, None of an empty log, and
    `opened` what it says. `sign` makes a note of a text, by the log's key."""

    instant: datetime
    chosen: Chosen
    head: SignedHead | None
    opened: Head | None
    lines: Iterator[ProvedLine]
    sign: Callable[[str], str]
    origin: str


@dataclass(frozen=True, slots=True)
class Proving:
    store: Store
    disclosing: Disclosing
    sealing: Sealing

    @contextmanager
    def proved(self, actor: Actor, chosen: Chosen, as_of: datetime | None = None) -> Generator[ProvedList]:
        """The list with a proof for each line, streamed. What waits is sealed first.

        Raises what `Disclosing.listing` does, and `RefusedError` where there is no key to sign with.
        """
        keys = self.sealing.keys
        instant = self.disclosing.settled(actor, chosen, as_of)
        self.sealing.seal()
        with self.store.read() as tx:
            lines = self.disclosing.within(tx, actor, chosen, instant)
            head = next(iter(tx.log.heads(1)), None)
            yield ProvedList(
                instant,
                chosen,
                head,
                self.sealing.open_head(head) if head else None,
                _proved(tx.log, lines, head.size if head else 0),
                lambda text: sign_note(text, keys.signing),
                keys.origin,
            )


def _proved(log: LogBook, lines: Iterator[DisclosureLine], size: int) -> Iterator[ProvedLine]:
    node_at = _remembering(log.node)
    for line in lines:
        leaf = log.leaf_of(line.entry)
        if leaf is None or leaf.position >= size:
            yield ProvedLine(line, None)
            continue
        yield ProvedLine(line, proof_of(log, leaf, size, node_at))


def proof_of(log: LogBook, leaf: SealedLeaf, size: int, node_at: Callable[[int, int], Hash]) -> Proof:
    """That the leaf is in the log of that size, with the salts of what a reader may open in it."""
    salt = log.salt(leaf.position)
    salts = {name: field_salt(salt, name).hex() for name in PERSONAL if name in OPENED} if salt else {}
    return Proof(leaf.position, leaf.data, tuple(inclusion_proof(leaf.position, size, node_at)), salts)


def _remembering(node_at: Callable[[int, int], Hash]) -> Callable[[int, int], Hash]:
    """The same, kept for the proofs to come: they share the upper nodes."""
    kept: dict[tuple[int, int], Hash] = {}

    def remembered(level: int, place: int) -> Hash:
        found = kept.get((level, place))
        if found is None:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            found = kept[level, place] = bytes(node_at(level, place))
        return found

    return remembered
