"""People, what they consented to, and the evidence about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from perks_engine.domain.codec import value_from_json, value_to_json
from perks_engine.domain.consent import ConsentAct, live_consents
from perks_engine.domain.evidence import EarlierReceipt, Evidence
from perks_engine.domain.fulfillment import Account
from perks_engine.services.records import PersonCard
from perks_engine.storage import tables
from perks_engine.storage.consents import acts_of, row_of


class SqlPeopleBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def card(self, person_id: str) -> PersonCard | None:
        query = select(tables.person).where(tables.person.c.person_id == person_id)
        found = self._connection.execute(query).mappings().one_or_none()
        return PersonCard(**found) if found else None

    def known_handles(self, handles: Sequence[str]) -> dict[str, str]:
        """The ids of the people who bear these handles, by handle."""
        table = tables.person
        query = select(table.c.handle, table.c.person_id).where(table.c.handle.in_(handles))
        return {row.handle: row.person_id for row in self._connection.execute(query)}

    def ids(self) -> Iterator[str]:
        query = select(tables.person.c.person_id).order_by(tables.person.c.person_id)
        with self._connection.execute(query.execution_options(yield_per=1000)) as found:
            yield from found.scalars()

    def save(self, card: PersonCard) -> None:
        """Add the person, or bring what is known of how to reach them up to date."""
        changing: dict[str, Any] = {
            "handle": card.handle,
            "email": card.email,
            "name": card.name,
            "language": card.language,
            "time_zone": card.time_zone,
        }
        table = tables.person
        updated = self._connection.execute(
            update(table).where(table.c.person_id == card.person_id).values(**changing)
        )
        if updated.rowcount == 0:
            self._connection.execute(
                insert(table).values(person_id=card.person_id, joined_at=card.joined_at, **changing)
            )

    def record_consents(self, acts: Iterable[ConsentAct], now: datetime) -> None:
        """Append what people said, with its proof."""
        rows = [row_of(act, now) for act in acts]
        if rows:
            self._connection.execute(insert(tables.consent), rows)

    def record_evidence(self, person_id: str, facts: Iterable[Evidence], now: datetime) -> None:
        rows = [
            {
                "person_id": person_id,
                "attribute": fact.attribute,
                "key": fact.key,
                "source": fact.source,
                "value": value_to_json(fact.value),
                "note": fact.note,
                "observed_at": fact.observed_at,
                "recorded_at": now,
            }
            for fact in facts
        ]
        if rows:
            self._connection.execute(insert(tables.evidence), rows)

    def evidence(self, person_id: str) -> list[Evidence]:
        """All facts on record, in the order they were recorded; which one counts is for the rules."""
        table = tables.evidence
        query = select(table).where(table.c.person_id == person_id).order_by(table.c.evidence_id)
        return [
            Evidence(
                attribute=row.attribute,
                value=value_from_json(*row.value),
                source=row.source,
                observed_at=row.observed_at,
                key=row.key,
                note=row.note,
            )
            for row in self._connection.execute(query)
        ]

    def live_consents(self, person_id: str) -> list[ConsentAct]:
        """The acts of opting in that no later act of opting out has ended."""
        return live_consents(acts_of(self._connection, person_id))

    def receipts(self, person_id: str) -> list[EarlierReceipt]:
        """The units that the person holds, from the ledger."""
        query = (
            select(tables.campaign.c.brand, tables.holding.c.campaign, tables.entry.c.occurred_at)
            .join(tables.entry, tables.entry.c.entry_id == tables.holding.c.entry_id)
            .join(tables.campaign, tables.campaign.c.name == tables.holding.c.campaign)
            .where(tables.holding.c.person_id == person_id, tables.holding.c.account == _RECEIVED)
            .order_by(tables.entry.c.entry_id)
        )
        return [EarlierReceipt(*row) for row in self._connection.execute(query)]


_RECEIVED = bindparam("received", Account.RECIPIENT.value, literal_execute=True)
"""Written out in the statement, so that the index on what was received serves it."""
