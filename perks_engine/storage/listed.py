"""The instant up to which lists were given, and how what is recorded later is dated after it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from perks_engine.storage import tables
from perks_engine.storage.agreed import LISTS


def listed_until(connection: Connection) -> datetime | None:
    return connection.execute(select(tables.listed.c.as_of)).scalar_one_or_none()


def dated_after_lists(connection: Connection, now: datetime) -> datetime:
    """`now`, or the first instant after the newest list where that lies later.

    Until this transaction ends no list is given (on SQLite nobody else writes meanwhile), so that a list as
    of an instant never changes by it: ask for it late in a transaction.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(LISTS)))
    last = listed_until(connection)
    return now if last is None else max(now, last + timedelta(microseconds=1))
