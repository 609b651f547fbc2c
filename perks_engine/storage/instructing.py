"""How people were told to disclose, that they acknowledged it, and where their disclosure was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from perks_engine.services.list_records import Acknowledgement, Instruction, Sighting
from perks_engine.services.records import Message
from perks_engine.storage import list_tables, tables
from perks_engine.storage.listed import dated_after_lists

INSTRUCTION = "disclosure_instruction"


class SqlInstructing:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def instruction(self, claim_id: str) -> Message | None:
        """The message that told the claimant how to disclose."""
        table = tables.message
        query = (
            select(table)
            .where(table.c.claim_id == claim_id, table.c.kind == INSTRUCTION)
            .order_by(table.c.created_at, table.c.message_id)
            .limit(1)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return Message(**row) if row else None

    def instructions(self, claims: Sequence[str], as_of: datetime) -> dict[str, Instruction]:
        """When, and by which channel, these claimants were first told how to disclose."""
        table = tables.message
        query = (
            select(table.c.claim_id, table.c.created_at, table.c.channel)
            .where(table.c.claim_id.in_(claims), table.c.kind == INSTRUCTION, table.c.created_at <= as_of)
            .order_by(table.c.created_at.desc(), table.c.message_id.desc())
        )
        rows = self._connection.execute(query)
        return {claim: Instruction(created_at, channel) for claim, created_at, channel in rows}

    def acknowledge(self, act: Acknowledgement) -> None:
        """Raises `KeyTakenError`, at the end of the transaction, where the claim has one already."""
        recorded_at = dated_after_lists(self._connection, act.acknowledged_at)
        self._connection.execute(
            insert(list_tables.acknowledgement).values(
                claim_id=act.claim_id,
                person_id=act.person_id,
                message_id=act.message_id,
                text_sha256=act.text_sha256,
                how=act.how,
                acknowledged_at=act.acknowledged_at,
                recorded_at=recorded_at,
            )
        )

    def acknowledgements(
        self, claims: Sequence[str], as_of: datetime | None = None
    ) -> dict[str, Acknowledgement]:
        table = list_tables.acknowledgement
        query = _known(select(table).where(table.c.claim_id.in_(claims)), table, as_of)
        return {
            row.claim_id: Acknowledgement(
                row.claim_id, row.person_id, row.message_id, row.text_sha256, row.how, row.acknowledged_at
            )
            for row in self._connection.execute(query)
        }

    def add_sighting(self, seen: Sighting, now: datetime) -> None:
        self._connection.execute(
            insert(list_tables.sighting).values(
                claim_id=seen.claim_id,
                person_id=seen.person_id,
                url=seen.url,
                seen_at=seen.seen_at,
                reported_by=seen.reported_by,
                note=seen.note,
                recorded_at=dated_after_lists(self._connection, now),
            )
        )

    def sightings(self, claims: Sequence[str], as_of: datetime | None = None) -> dict[str, list[Sighting]]:
        """Where disclosures were seen, by claim, in the order they were recorded."""
        table = list_tables.sighting
        query = _known(select(table).where(table.c.claim_id.in_(claims)), table, as_of)
        found: dict[str, list[Sighting]] = {}
        for row in self._connection.execute(query.order_by(table.c.sighting_id)):
            seen = Sighting(row.claim_id, row.person_id, row.url, row.seen_at, row.reported_by, row.note)
            found.setdefault(row.claim_id, []).append(seen)
        return found


def _known(query: Select[Any], table: Any, as_of: datetime | None) -> Select[Any]:
    return query if as_of is None else query.where(table.c.recorded_at <= as_of)
