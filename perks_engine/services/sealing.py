"""The sealer: it appends the ledger's entries to the log, in their order, and signs what the log then holds.

It runs apart from the claims, one at a time; the unique places of leaves and heads refuse a second one, so
that a lost lease can do no harm. What it has sealed cannot be changed, dropped, put in another order or
doubled without a head that was published before ceasing to fit.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from perks_engine.domain.leaves import SALT_BYTES, leaf_of
from perks_engine.domain.merkle import Hash, completed, consistency_proof, leaf_hash, root
from perks_engine.domain.notes import (
    Head,
    NoteError,
    SigningKey,
    VerifierKey,
    open_note,
    read_head,
    sign_note,
)
from perks_engine.domain.phrase import phrase
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import LoggedEntry, SealedLeaf, SignedHead

BATCH = 1_000
WHOLE_EVERY = timedelta(hours=1)
"""How often the whole ledger is looked through for an entry that came very late."""

Publish = Callable[[SignedHead], None]
"""Takes a new head out of the database: to a file, to a webhook."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys that sign heads, the newest first: during a rotation two sign, so that whoever holds the older
    one can follow. `retired` ones only verify."""

    signing: tuple[SigningKey, ...]
    retired: tuple[VerifierKey, ...] = ()

    @property
    def origin(self) -> str:
        return self.signing[0].name

    @property
    def verifiers(self) -> tuple[VerifierKey, ...]:
        return (*(key.verifier for key in self.signing), *self.retired)


class Sealing:
    """`keys` is None where the deployment has no key: then nothing is sealed, and `seal` says so."""

    def __init__(self, store: Store, clock: Clock, keys: LogKeys | None, publish: Publish) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._publish = publish
        self._looked_everywhere_at = None

    @property
    def has_keys(self) -> bool:
        return self._keys is not None

    @property
    def keys(self) -> LogKeys:
        """Raises `RefusedError` where there is none."""
        if self._keys is None:
            raise RefusedError(
                "log.no_key",
                phrase(
                    "there is no key to sign the log with; make one with `perks ledger new-key FILE` and "
                    "name it in PERKS_LOG_KEY"
                ),
            )
        return self._keys

    def seal(self) -> int:
        """Seal every entry that is settled; returns how many. A new head is signed and published for them."""
        if self._keys is None:
            return 0
        now = self._clock()
        last = self._looked_everywhere_at
        # A clock that was set back makes it look again, and not wait until it was where it has been.
        everywhere = last is None or not timedelta(0) <= now - last < WHOLE_EVERY
        total = 0
        while True:
            with self._store.write() as tx:
                entries = tx.log.unsealed(BATCH, everywhere)
                if entries:
                    head = self._append(tx, entries, self._keys)
                    total += len(entries)
                else:
                    head = None
            if head is not None:
                self._publish(head)
            if len(entries) < BATCH:
                break
        if everywhere:
            self._looked_everywhere_at = now
        return total

    def _append(self, tx: Transaction, entries: Sequence[LoggedEntry], keys: LogKeys) -> SignedHead:
        size = tx.log.size()
        fresh: dict[tuple[int, int], Hash] = {}

        def node_at(level: int, place: int) -> Hash:
            return fresh.get((level, place)) or tx.log.node(level, place)

        leaves: list[SealedLeaf] = []
        salts: list[bytes] = []
        for position, entry in enumerate(entries, start=size):
            salt = secrets.token_bytes(SALT_BYTES)
            data = leaf_of(entry_data(entry), salt).data()
            found = completed(position, leaf_hash(data), node_at)
            fresh |= {(level, place): value for level, place, value in found}
            leaves.append(SealedLeaf(position, entry.entry_id, data.decode(), found[0][2]))
            salts.append(salt)
        inner = [(level, place, value) for (level, place), value in fresh.items() if level]
        tx.log.append(leaves, salts, inner)
        size += len(entries)
        head = Head(keys.origin, size, root(size, node_at), self._clock())
        signed = SignedHead(size, sign_note(head.text(), keys.signing), head.signed_at)
        tx.log.add_head(signed)
        return signed

    def heads(self, limit: int | None = None) -> list[SignedHead]:
        """The signed heads, the newest first."""
        with self._store.read() as tx:
            return tx.log.heads(limit)

    def opening_key(self) -> VerifierKey:
        """The newest key by which the newest head opens: one that was added since signs from the next on."""
        newest = self.heads(1)
        for key in self.keys.verifiers if newest else ():
            try:
                open_note(newest[0].note, (key,))
            except NoteError:
                continue
            return key
        return self.keys.verifiers[0]

    def consistency(self, first: int, second: int) -> list[Hash]:
        """The proof that the log of `first` leaves is the beginning of that of `second`.

        Raises `InvalidInputError` for sizes that the log never had.
        """
        with self._store.read() as tx:
            size = tx.log.size()
            if not 0 < first <= second <= size:
                raise InvalidInputError(
                    "log.size",
                    f"the log has {size} leaves; ask for sizes from 1 to {size}, the smaller first",
                )
            return consistency_proof(first, second, tx.log.node)

    def open_head(self, signed: SignedHead) -> Head:
        """What a head of this log says; raises `NoteError` where none of its keys signed it."""
        return read_head(open_note(signed.note, self.keys.verifiers))


def entry_data(entry: LoggedEntry) -> Mapping[str, Any]:
    """An entry as the plain data that its leaf is made of."""
    return asdict(entry)
