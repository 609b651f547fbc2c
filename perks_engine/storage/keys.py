"""Idempotency keys and leases: rows whose key decides who was first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from perks_engine.services.records import Answer
from perks_engine.storage import tables


class SqlAnswers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, scope: str, key: str) -> Answer | None:
        table = tables.idempotency
        query = select(table.c.request_hash, table.c.answer).where(table.c.scope == scope, table.c.key == key)
        found = self._connection.execute(query).one_or_none()
        return Answer(found.request_hash, found.answer) if found else None

    def put(self, scope: str, key: str, answer: Answer, now: datetime) -> None:
        self._connection.execute(insert(tables.idempotency).values(answer_row(scope, key, answer, now)))


def answer_row(scope: str, key: str, answer: Answer, now: datetime) -> dict[str, Any]:
    return {
        "scope": scope,
        "key": key,
        "request_hash": answer.request_hash,
        "answer": dict(answer.answer),
        "created_at": now,
    }


class SqlLeases:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or extend the lease; the conditional update tells who won.

        One that is held for longer than anybody may hold it was taken by a clock that was ahead, and has been
        set back since: it is free, for else nobody would work until that hour comes.

        A lease that was never held is inserted first; where two do that at once, the primary key
        lets one through and the other's transaction is refused.
        """
        table = tables.lease
        of_a_clock_ahead = until + (until - now)  # clocks of two machines may well differ by less
        is_free = or_(table.c.held_until <= now, table.c.held_until > of_a_clock_ahead)
        taken = self._connection.execute(
            update(table)
            .where(table.c.name == name, or_(table.c.holder == holder, is_free))
            .values(holder=holder, held_until=until)
        )
        if taken.rowcount == 1:
            return True
        known = self._connection.execute(select(table.c.name).where(table.c.name == name)).one_or_none()
        if known is not None:
            return False
        self._connection.execute(insert(table).values(name=name, holder=holder, held_until=until))
        return True
