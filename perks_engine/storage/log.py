"""The log: sealed entries, the tree above them, and its signed heads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, literal_column, select, true

from perks_engine.domain.merkle import Hash
from perks_engine.services.records import LoggedEntry, SealedLeaf, SignedHead
from perks_engine.storage import log_tables, tables

RECENT = 100_000
"""How far below the last sealed entry one may still appear: a slow transaction took its number early."""


class SqlLogBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def size(self) -> int:
        last = self._connection.execute(select(func.max(log_tables.log_leaf.c.position))).scalar_one()
        return 0 if last is None else last + 1

    def unsealed(self, limit: int, everywhere: bool) -> list[LoggedEntry]:
        """Entries that are not in the log and that nothing can come before any more, in their order.

        On PostgreSQL an entry counts only when its transaction is older than every running one: of two
        entries the later may be committed first. `everywhere` looks beyond the most recent ones.
        """
        entry, leaf = tables.entry, log_tables.log_leaf
        query = _ENTRIES.where(~exists().where(leaf.c.entry_id == entry.c.entry_id))
        if not everywhere:
            last = self._connection.execute(select(func.max(leaf.c.entry_id))).scalar_one() or 0
            query = query.where(entry.c.entry_id > last - RECENT)
        if self._connection.dialect.name == "postgresql":
            query = query.where(literal_column(_IS_SETTLED))
        rows = self._connection.execute(query.order_by(entry.c.entry_id).limit(limit))
        return [_logged(row) for row in rows]

    def append(
        self, leaves: Sequence[SealedLeaf], salts: Sequence[bytes], nodes: Iterable[tuple[int, int, Hash]]
    ) -> None:
        """Append leaves with their salts, and the nodes above the leaves that they complete."""
        leaf = [
            {"position": one.position, "entry_id": one.entry_id, "data": one.data, "hash": one.hash}
            for one in leaves
        ]
        salt = [{"position": one.position, "salt": value} for one, value in zip(leaves, salts, strict=True)]
        node = [{"level": level, "place": place, "hash": value} for level, place, value in nodes]
        for table, values in (
            (log_tables.log_leaf, leaf),
            (log_tables.leaf_salt, salt),
            (log_tables.log_node, node),
        ):
            if values:
                self._connection.execute(insert(table), values)

    def node(self, level: int, place: int) -> Hash:
        """The hash of a perfect subtree; raises `LookupError` where the log has lost it."""
        if level == 0:
            table = log_tables.log_leaf
            query = select(table.c.hash).where(table.c.position == place)
        else:
            table = log_tables.log_node
            query = select(table.c.hash).where(table.c.level == level, table.c.place == place)
        found = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            raise LookupError(f"the log lacks the hash at level {level}, place {place}")
        return found

    def add_head(self, head: SignedHead) -> None:
        self._connection.execute(
            insert(log_tables.log_head).values(size=head.size, note=head.note, signed_at=head.signed_at)
        )

    def heads(self, limit: int | None = None) -> list[SignedHead]:
        """The signed heads, the newest first."""
        table = log_tables.log_head
        query = select(table).order_by(table.c.size.desc()).limit(limit)
        return [SignedHead(row.size, row.note, row.signed_at) for row in self._connection.execute(query)]

    def leaf_of(self, entry_id: int) -> SealedLeaf | None:
        table = log_tables.log_leaf
        row = self._connection.execute(select(table).where(table.c.entry_id == entry_id)).one_or_none()
        return _sealed(row) if row else None

    def salt(self, position: int) -> bytes | None:
        """The salt of a leaf; None where erasure destroyed it."""
        table = log_tables.leaf_salt
        query = select(table.c.salt).where(table.c.position == position)
        return self._connection.execute(query).scalar_one_or_none()

    def leaves(self) -> Iterator[tuple[SealedLeaf, bytes | None, LoggedEntry | None]]:
        """Every leaf in the order of the log, with its salt and the entry that the ledger holds, streamed."""
        leaf, salt, entry = log_tables.log_leaf, log_tables.leaf_salt, tables.entry
        ledger = _ENTRIES.subquery()
        query = (
            select(leaf, salt.c.salt, ledger)
            .select_from(leaf)
            .join(salt, salt.c.position == leaf.c.position, isouter=True)
            .join(ledger, ledger.c[entry.c.entry_id.name] == leaf.c.entry_id, isouter=True)
            .order_by(leaf.c.position)
        )
        rows = self._connection.execution_options(yield_per=1_000).execute(query)
        for row in rows:
            position, entry_id, data, value, salt_value, *rest = row
            known = None if rest[0] is None else LoggedEntry(*rest)
            yield SealedLeaf(position, entry_id, data, value), salt_value, known

    def doubled(self) -> Iterator[tuple[int, int]]:
        """Position and entry of each leaf whose entry an earlier leaf has as well."""
        leaf = log_tables.log_leaf
        first = (
            select(leaf.c.entry_id, func.min(leaf.c.position).label("position"))
            .group_by(leaf.c.entry_id)
            .having(func.count() > 1)
            .subquery()
        )
        query = (
            select(leaf.c.position, leaf.c.entry_id)
            .join(first, first.c.entry_id == leaf.c.entry_id)
            .where(leaf.c.position > first.c.position)
            .order_by(leaf.c.position)
        )
        for row in self._connection.execution_options(yield_per=1_000).execute(query):
            yield row.position, row.entry_id

    def levels(self) -> list[int]:
        """The levels above the leaves that have nodes."""
        return list(self._connection.execute(select(log_tables.log_node.c.level).distinct()).scalars())

    def nodes(self, level: int, first: int, limit: int) -> list[tuple[int, Hash]]:
        """The nodes (place, hash) of a level above the leaves, from the place `first` on."""
        table = log_tables.log_node
        query = (
            select(table.c.place, table.c.hash)
            .where(table.c.level == level, table.c.place >= first)
            .order_by(table.c.place)
            .limit(limit)
        )
        return [(row.place, row.hash) for row in self._connection.execute(query)]

    def heads_above(self, size: int, limit: int) -> list[SignedHead]:
        """The signed heads over more than `size` leaves, the smallest first."""
        table = log_tables.log_head
        query = select(table).where(table.c.size > size).order_by(table.c.size).limit(limit)
        return [SignedHead(row.size, row.note, row.signed_at) for row in self._connection.execute(query)]


_ENTRIES: Any = (
    select(
        tables.entry.c.entry_id,
        tables.entry.c.campaign,
        tables.claim.c.version,
        tables.entry.c.move,
        tables.entry.c.source,
        tables.entry.c.target,
        tables.entry.c.units,
        tables.entry.c.evidence,
        tables.entry.c.corrects,
        tables.entry.c.occurred_at,
        tables.entry.c.recorded_at,
        tables.entry.c.claim_id,
        tables.entry.c.person_id,
        tables.entry.c.recorded_by,
        tables.entry.c.reference,
        tables.entry.c.note,
        tables.entry.c.carrier,
        tables.entry.c.contents,
    )
    .select_from(
        tables.entry.join(tables.claim, tables.claim.c.claim_id == tables.entry.c.claim_id, isouter=True)
    )
    .where(true())
)

# Transaction numbers wrap around; ages do not, and a frozen row is older than all.
_IS_SETTLED = """
    age(entry.xmin) > age(
      ((pg_snapshot_xmin(pg_current_snapshot())::text::numeric % 4294967296)::text)::xid
    )
"""


def _logged(row: Row[Any]) -> LoggedEntry:
    return LoggedEntry(*row)


def _sealed(row: Row[Any]) -> SealedLeaf:
    return SealedLeaf(row.position, row.entry_id, row.data, row.hash)
