"""Which signed heads reached the outside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select

from perks_engine.services.list_records import HeadDelivery
from perks_engine.services.records import SignedHead
from perks_engine.storage.list_tables import head_delivery
from perks_engine.storage.log_tables import log_head

_ON_THE_WAY = or_(head_delivery.c.size.is_(None), head_delivery.c.delivered_at.is_(None))


class SqlHeadDeliveries:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, limit: int) -> list[tuple[SignedHead, HeadDelivery | None]]:
        """The heads that were not delivered yet, the oldest first, each with what was tried."""
        query = (
            _waiting(log_head, *(one for one in head_delivery.c if one.name != "size"))
            .order_by(log_head.c.size)
            .limit(limit)
        )
        found = self._connection.execute(query).all()
        return [
            (
                SignedHead(row.size, row.note, row.signed_at),
                None
                if row.attempts is None
                else HeadDelivery(row.size, row.attempts, row.tried_at, row.delivered_at, row.error),
            )
            for row in found
        ]

    def record(self, delivery: HeadDelivery) -> None:
        self._connection.execute(delete(head_delivery).where(head_delivery.c.size == delivery.size))
        self._connection.execute(
            insert(head_delivery).values(
                size=delivery.size,
                attempts=delivery.attempts,
                tried_at=delivery.tried_at,
                delivered_at=delivery.delivered_at,
                error=delivery.error,
            )
        )

    def undelivered(self) -> int:
        return self._connection.execute(_waiting(func.count())).scalar_one()


def _waiting(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(log_head.join(head_delivery, head_delivery.c.size == log_head.c.size, isouter=True))
        .where(_ON_THE_WAY)
    )
