"""The ledger: entries are appended, everything else is read from them or from their balances."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    update,
)

from perks_engine.domain.codec import decode, encode
from perks_engine.domain.contents import Contents
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.services.records import Entry, Holding
from perks_engine.services.report_records import Denial
from perks_engine.storage import tables
from perks_engine.storage.agreed import LISTS
from perks_engine.storage.listed import listed_until
from perks_engine.storage.prepared import Prepared

_entry_columns = tables.entry.c
APPEND = Prepared(
    insert(tables.entry)
    .values(
        {one.name: bindparam(one.name, type_=one.type) for one in _entry_columns if one.name != "entry_id"}
    )
    .returning(_entry_columns.entry_id)
)
_WAIT_SHORTLY = text("SELECT set_config('lock_timeout', '2s', true)")
_MAKE_ROOM = text("SELECT make_room_for_entries()")
LISTED = Prepared(select(tables.listed.c.as_of))


def is_part(table: str | None) -> bool:
    """Whether a table of this name is a part of the ledger, and not a table of its own."""
    return re.fullmatch(r"entry_\d{6}", table or "") is not None


def after_the_list(entry: Entry, last: datetime | str | None) -> datetime:
    """When the entry is recorded: after the last list, of which SQLite's driver tells as text in UTC."""
    if last is None:
        return entry.recorded_at
    listed_at = datetime.fromisoformat(last).replace(tzinfo=UTC) if isinstance(last, str) else last
    return max(entry.recorded_at, listed_at + timedelta(microseconds=1))


def entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "campaign": entry.campaign,
        "claim_id": entry.claim_id,
        "person_id": entry.person_id,
        "move": entry.move.value,
        "source": entry.source.value,
        "target": entry.target.value,
        "units": entry.units,
        "evidence": entry.evidence,
        "reference": entry.reference,
        "note": entry.note,
        "corrects": entry.corrects,
        "carrier": entry.carrier,
        "contents": encode(entry.contents),
        "occurred_at": entry.occurred_at,
        "recorded_at": entry.recorded_at,
        "recorded_by": entry.recorded_by,
    }


class SqlLedger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def make_room(self) -> int:
        if self._connection.dialect.name != "postgresql":
            return 0
        # Claims wait for who waits for the table: not for long, and the next turn comes.
        self._connection.execute(_WAIT_SHORTLY)
        return int(self._connection.execute(_MAKE_ROOM).scalar_one())

    def open_stock(self, campaign: str, per_person: int, hot: bool = False) -> None:
        """An account of stock for the campaign, empty at first; `per_person` is what one may have. That of a
        hot campaign is kept in slots, where the database has several writers."""
        table, slot = tables.stock, tables.slot
        hot = hot and self._connection.dialect.name == "postgresql"
        query = select(table.c.units, table.c.hot).where(table.c.campaign == campaign).with_for_update()
        known = self._connection.execute(query).one_or_none()
        if known is None:
            values = {"campaign": campaign, "units": 0, "per_person": per_person, "hot": hot}
            self._connection.execute(insert(table).values(values))
            return
        units = known.units
        if known.hot and not hot:
            # Who takes a slot at this moment looks again, and finds the stock.
            self._change_stock(campaign, {"hot": False})
            units = self._connection.execute(delete(slot).where(slot.c.campaign == campaign)).rowcount
        elif hot and not known.hot:
            each = select(literal(campaign), func.random()).select_from(func.generate_series(1, units))
            self._connection.execute(insert(slot).from_select(["campaign", "place"], each))
            units = 0
        self._change_stock(campaign, {"per_person": per_person, "hot": hot, "units": units})

    def _change_stock(self, campaign: str, values: dict[str, Any]) -> None:
        self._connection.execute(
            update(tables.stock).where(tables.stock.c.campaign == campaign).values(values)
        )

    def free_units(self, campaign: str) -> int:
        slot = tables.slot
        slots = select(func.count()).where(slot.c.campaign == campaign).scalar_subquery()
        query = select(tables.stock.c.units + slots).where(tables.stock.c.campaign == campaign)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def units_had(self, campaign: str, person_id: str) -> int:
        table = tables.allowance
        query = select(table.c.units).where(table.c.campaign == campaign, table.c.person_id == person_id)
        return self._connection.execute(query).scalar_one_or_none() or 0

    def supplied(self, campaign: str) -> int:
        """The units that were ever put into stock, less those withdrawn."""
        table = tables.entry
        by_move = select(table.c.move, func.sum(table.c.units)).where(
            table.c.campaign == campaign, table.c.move.in_([MoveKind.SUPPLY.value, MoveKind.WITHDRAW.value])
        )
        sums = {row[0]: int(row[1]) for row in self._connection.execute(by_move.group_by(table.c.move))}
        return sums.get(MoveKind.SUPPLY, 0) - sums.get(MoveKind.WITHDRAW, 0)

    def stands(self, campaign: str) -> dict[Account, int]:
        """How many units lie in which account now: those in stock, and those of claims."""
        table = tables.holding
        query = select(table.c.account, func.count()).where(table.c.campaign == campaign)
        counts = {
            Account(row[0]): int(row[1]) for row in self._connection.execute(query.group_by(table.c.account))
        }
        # A unit that came back to stock is free, whichever claim it was of.
        return {**counts, Account.STOCK: self.free_units(campaign)}

    def append(self, entry: Entry) -> int:
        """Append an entry; the database moves the balances with it, or refuses. Returns its number.

        It is dated after every list that was given: on PostgreSQL by a trigger, under a lock that waits for
        lists; on SQLite, where nobody else writes meanwhile, here.
        """
        values = entry_row(entry)
        if self._connection.dialect.name == "sqlite":
            values["recorded_at"] = after_the_list(entry, listed_until(self._connection))
        return int(APPEND.run(self._connection, values).scalar_one())

    def holding(self, claim_id: str) -> Holding | None:
        query = _HOLDINGS.where(tables.holding.c.claim_id == claim_id)
        found = self._connection.execute(query).one_or_none()
        return _holding(found) if found else None

    def held_still(self, claim_id: str) -> Holding:
        """On PostgreSQL under a lock of its row; on SQLite nobody else writes meanwhile."""
        table = tables.holding
        lock = select(table.c.claim_id).where(table.c.claim_id == claim_id).with_for_update()
        self._connection.execute(lock)
        # By a statement of its own: it sees the entry that the lock was waited for.
        return _holding(self._connection.execute(_HOLDINGS.where(table.c.claim_id == claim_id)).one())

    def entries(self, claim_id: str) -> list[Entry]:
        table = tables.entry
        query = select(table).where(table.c.claim_id == claim_id).order_by(table.c.entry_id)
        return [entry_of(row) for row in self._connection.execute(query)]

    def expired(self, now: datetime, limit: int) -> list[Holding]:
        """Reservations whose time is over at `now`, longest first."""
        query = (
            _HOLDINGS.join(tables.claim, tables.claim.c.claim_id == tables.holding.c.claim_id)
            .where(
                tables.holding.c.account == Account.RESERVED.value,
                tables.claim.c.reserved_until <= now,
            )
            .order_by(tables.claim.c.reserved_until)
            .limit(limit)
        )
        return [_holding(row) for row in self._connection.execute(query)]

    def shipped_under(self, tracking_number: str) -> list[str]:
        """The claims whose latest shipment has that tracking number: one that was replaced goes on under
        another."""
        entry, later = tables.entry, tables.entry.alias("later")
        shipped = literal_column("'ship'")  # written out, so that the index on shipments serves it
        overtaken = exists().where(
            later.c.claim_id == entry.c.claim_id, later.c.move == shipped, later.c.entry_id > entry.c.entry_id
        )
        query = (
            select(entry.c.claim_id)
            .where(entry.c.move == shipped, entry.c.reference == tracking_number, ~overtaken)
            .order_by(entry.c.claim_id)
        )
        return [row.claim_id for row in self._connection.execute(query)]

    def deny(self, denial: Denial) -> None:
        self._connection.execute(insert(tables.receipt_denial).values(**asdict(denial)))

    def denials(self, claim_id: str) -> list[Denial]:
        table = tables.receipt_denial
        query = select(table).where(table.c.claim_id == claim_id).order_by(table.c.denial_id)
        return [
            Denial(row.claim_id, row.person_id, row.entry_id, row.said_at, row.why)
            for row in self._connection.execute(query)
        ]

    def close_the_books(self, now: datetime, as_of: datetime | None) -> datetime:
        """See to it that no entry is recorded at or before `as_of` any more; for None, at or before `now` or
        the newest entry."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(LISTS)))
        instant = as_of or max(now, self._newest() or now)
        last = listed_until(self._connection)
        if last is None:
            self._connection.execute(insert(tables.listed).values(listed_id=1, as_of=instant))
        elif last < instant:
            self._connection.execute(update(tables.listed).values(as_of=instant))
        return instant

    def _newest(self) -> datetime | None:
        """The latest that one of the last entries was recorded at; their numbers are almost in that order."""
        table = tables.entry
        last = select(table.c.recorded_at).order_by(table.c.entry_id.desc()).limit(100).subquery()
        return self._connection.execute(select(func.max(last.c.recorded_at))).scalar_one_or_none()


_HOLDINGS = select(
    tables.holding,
    tables.entry.c.move,
    tables.entry.c.occurred_at,
    tables.entry.c.evidence,
    tables.entry.c.contents,
).join_from(tables.holding, tables.entry, tables.entry.c.entry_id == tables.holding.c.entry_id)


def _holding(row: Row[Any]) -> Holding:
    return Holding(
        claim_id=row.claim_id,
        campaign=row.campaign,
        person_id=row.person_id,
        account=Account(row.account),
        entry_id=row.entry_id,
        move=MoveKind(row.move),
        occurred_at=row.occurred_at,
        evidence=row.evidence,
        contents=contents_of(row.contents),
    )


def contents_of(data: Any) -> Contents | None:
    return decode(Contents, data) if data else None


def entry_of(row: Row[Any]) -> Entry:
    return Entry(
        campaign=row.campaign,
        move=MoveKind(row.move),
        source=Account(row.source),
        target=Account(row.target),
        units=row.units,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        claim_id=row.claim_id,
        person_id=row.person_id,
        evidence=row.evidence,
        reference=row.reference,
        note=row.note,
        corrects=row.corrects,
        entry_id=row.entry_id,
        carrier=row.carrier,
        contents=contents_of(row.contents),
    )
