"""Disclosure lists: the units that belong on one by what the ledger held at an instant, and what is known of
each of them then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, collate, exists, func, null, or_, select

from perks_engine.domain.disclosure import ON_THEIR_WAY, Section, Standing, accounts_of
from perks_engine.domain.fulfillment import Account
from perks_engine.services.list_records import Called, Chosen, Instruction, Order, Receipt
from perks_engine.services.records import Entry, Unit
from perks_engine.storage import tables
from perks_engine.storage.disputes import SqlDisputeBook
from perks_engine.storage.instructing import SqlInstructing
from perks_engine.storage.ledger import contents_of, entry_of
from perks_engine.storage.namings import SqlNamings

AT_ONCE = 1_000


class SqlListBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._namings = SqlNamings(connection)
        self._instructing = SqlInstructing(connection)
        self._disputes = SqlDisputeBook(connection)

    def first_entry(self, brands: Sequence[str] | None) -> datetime | None:
        """When the first entry about these brands was recorded; None where there is none."""
        query = select(func.min(tables.entry.c.recorded_at))
        if brands is not None:
            query = query.join(tables.campaign, tables.campaign.c.name == tables.entry.c.campaign)
            query = query.where(tables.campaign.c.brand.in_(brands))
        return self._connection.execute(query).scalar_one()

    def versions(self, brands: Sequence[str] | None) -> list[str]:
        """The versions of campaigns of these brands."""
        table = tables.campaign_version
        query = select(table.c.version)
        if brands is not None:
            query = query.where(table.c.brand.in_(brands))
        return list(self._connection.execute(query).scalars())

    def receipts(
        self,
        chosen: Chosen,
        brands: Sequence[str] | None,
        section: Section,
        as_of: datetime,
        order: Order = Order.ENTRY,
        versions: Sequence[str] = (),
    ) -> Iterator[Receipt]:
        """The units of a section as of an instant, streamed; `versions` are those whose entrants count."""
        query = _standing_at(section, as_of, versions)
        if brands is not None:
            query = query.where(tables.campaign.c.brand.in_(brands))
        query = _narrowed(query, chosen).order_by(*self._ordered(order))
        rows = self._connection.execution_options(yield_per=AT_ONCE).execute(query)
        for some in rows.partitions(AT_ONCE):
            yield from self._known_of(some, section, as_of)

    def _ordered(self, order: Order) -> list[Any]:
        """Identifiers are told apart byte by byte, as whoever merges two streams does."""

        def by(column: Any) -> Any:
            return collate(column, "C") if self._connection.dialect.name == "postgresql" else column

        match order:
            case Order.ENTRY:
                return [tables.entry.c.entry_id]
            case Order.CLAIM:
                return [by(tables.entry.c.claim_id)]
            case Order.PERSON:
                return [by(tables.entry.c.person_id), tables.entry.c.entry_id]

    def _known_of(self, rows: Sequence[Row[Any]], section: Section, as_of: datetime) -> Iterator[Receipt]:
        """What was known of these units at that instant, asked for all of them at once."""
        claims = [row.claim_id for row in rows]
        called = self._namings.called(sorted({row.person_id for row in rows}), as_of)
        instructions = self._instructing.instructions(claims, as_of)
        acknowledged = self._instructing.acknowledgements(claims, as_of)
        seen = self._instructing.sightings(claims, as_of)
        disputed = self._disputes.open_among(claims, as_of)
        for row in rows:
            dispute, since = disputed.get(row.claim_id, (None, None))
            yield Receipt(
                section=section,
                entry_id=row.entry_id,
                claim_id=row.claim_id,
                person_id=row.person_id,
                called=called.get(row.person_id, _NOBODY),
                brand=row.brand,
                campaign=row.campaign,
                version=row.version,
                received_at=row.received_at,
                returned_at=row.returned_at,
                recorded_at=row.recorded_at,
                evidence=row.evidence,
                reference=row.reference,
                contents=contents_of(row.contents),
                instruction=instructions.get(row.claim_id, _NOT_INSTRUCTED),
                acknowledgement=acknowledged.get(row.claim_id),
                sightings=tuple(seen.get(row.claim_id, ())),
                standing=Standing.DISPUTED if dispute else Standing.UNDISPUTED,
                dispute=dispute,
                disputed_since=since,
            )

    def units_of(self, person_id: str) -> list[Unit]:
        """The units that a person holds or is about to get."""
        had = accounts_of(Section.RECEIVED) | ON_THEIR_WAY
        query = (
            select(
                tables.campaign.c.brand,
                tables.claim.c.version,
                tables.holding.c.account,
                tables.entry.c.occurred_at,
                tables.entry.c.contents,
            )
            .select_from(tables.claim)
            .join(tables.holding, tables.holding.c.claim_id == tables.claim.c.claim_id)
            .join(tables.entry, tables.entry.c.entry_id == tables.holding.c.entry_id)
            .join(tables.campaign, tables.campaign.c.name == tables.claim.c.campaign)
            .where(
                tables.claim.c.person_id == person_id,
                tables.holding.c.account.in_(sorted(had)),
            )
        )
        return [
            Unit(row.brand, row.version, Account(row.account), row.occurred_at, contents_of(row.contents))
            for row in self._connection.execute(query)
        ]

    def latest_entry(self, claim_id: str, as_of: datetime) -> Entry | None:
        """The last entry about a claim by what the ledger held at an instant."""
        table = tables.entry
        query = (
            select(table)
            .where(table.c.claim_id == claim_id, table.c.recorded_at <= as_of)
            .order_by(table.c.entry_id.desc())
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return entry_of(row) if row else None


_NOBODY = Called(None, None, {})
_NOT_INSTRUCTED = Instruction(None, None)


def _standing_at(section: Section, as_of: datetime, versions: Sequence[str]) -> Any:
    """The latest entry of each claim whose unit was in an account of that section at `as_of`."""
    entry, later, first = tables.entry, tables.entry.alias("later"), tables.entry.alias("first")
    overtaken = exists().where(
        later.c.claim_id == entry.c.claim_id,
        later.c.entry_id > entry.c.entry_id,
        later.c.recorded_at <= as_of,
    )
    was_returned, is_entrant = section is Section.RETURNED, section is Section.MAY_RECEIVE
    source = first if was_returned else entry
    query = (
        select(
            entry.c.entry_id,
            entry.c.claim_id,
            entry.c.person_id,
            tables.campaign.c.brand,
            entry.c.campaign,
            tables.claim.c.version,
            (null() if is_entrant else source.c.occurred_at).label("received_at"),
            (entry.c.occurred_at if was_returned else null()).label("returned_at"),
            entry.c.recorded_at,
            source.c.evidence,
            source.c.reference,
            source.c.contents,
        )
        .select_from(entry)
        .join(tables.claim, tables.claim.c.claim_id == entry.c.claim_id)
        .join(tables.campaign, tables.campaign.c.name == entry.c.campaign)
        .where(entry.c.target.in_(sorted(accounts_of(section))), entry.c.recorded_at <= as_of, ~overtaken)
    )
    if was_returned:
        query = query.join(first, first.c.entry_id == entry.c.corrects)
        query = query.where(entry.c.source == Account.RECIPIENT.value)
    if is_entrant:
        query = query.where(tables.claim.c.version.in_(versions))
    return query


def _narrowed(query: Any, chosen: Chosen) -> Any:
    received_at = query.selected_columns.received_at
    if chosen.campaign is not None:
        query = query.where(tables.entry.c.campaign == chosen.campaign)
    if chosen.person is not None:
        query = query.where(tables.entry.c.person_id == chosen.person)
    # A bundle whose parts came one by one was first received earlier than its latest entry says: whoever
    # reads these rows looks again at when that was.
    may_be_earlier = query.selected_columns.contents.is_not(null())
    if chosen.received_from is not None:
        query = query.where(or_(received_at >= chosen.received_from, may_be_earlier))
    if chosen.received_before is not None:
        query = query.where(or_(received_at < chosen.received_before, may_be_earlier))
    return query
