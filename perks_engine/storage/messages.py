"""The outbox."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from perks_engine.domain.consent import EMAIL
from perks_engine.services.errors import RefusedError
from perks_engine.services.records import Message
from perks_engine.storage import tables


class SqlOutbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self, message: Message) -> None:
        """Raises `RefusedError` for a channel that nothing can be sent by: it never goes by e-mail instead,
        for which there may be no consent. The table holds the same (`message_has_a_sender`)."""
        if message.channel != EMAIL:
            raise RefusedError(
                "message.no_sender",
                f"nothing can be sent by {message.channel}: the engine sends by {EMAIL} alone, and a consent "
                f"to {message.purpose} by {message.channel} is none to be written to by {EMAIL}",
            )
        self._connection.execute(insert(tables.message).values(**asdict(message)))

    def of_person(self, person_id: str) -> list[Message]:
        table = tables.message
        query = select(table).where(table.c.person_id == person_id).order_by(table.c.message_id)
        return [Message(**row) for row in self._connection.execute(query).mappings()]

    def to_staff(self, campaign: str) -> list[Message]:
        """What a brand's staff was told about a campaign, the newest first."""
        table = tables.message
        query = (
            select(table)
            .where(table.c.campaign == campaign, table.c.staff_of.is_not(None))
            .order_by(table.c.message_id.desc())
        )
        return [Message(**row) for row in self._connection.execute(query).mappings()]

    def latest(self, limit: int) -> list[Message]:
        """The newest first."""
        query = select(tables.message).order_by(tables.message.c.message_id.desc()).limit(limit)
        return [Message(**row) for row in self._connection.execute(query).mappings()]
