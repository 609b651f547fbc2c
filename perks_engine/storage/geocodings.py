"""The memory of geocoders in the database, apart from the units of work: an answer belongs to nobody's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from perks_engine.domain.codec import decode, encode
from perks_engine.domain.geography import Place
from perks_engine.storage.geocoding_tables import geocoder_turn, geocoding

LONGEST_LINE = 100
"""More do not wait for a turn. A later one was given by a clock that was ahead and has been set back since:
nobody waits for it, for who asks sleeps until their turn."""


class SqlGeocodings:
    """Each call is a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(perks_writes=True)

    def recall(self, geocoder: str, text: str, now: datetime) -> list[Place] | None:
        query = select(geocoding.c.places).where(
            geocoding.c.geocoder == geocoder,
            geocoding.c.text_hash == _hash(text),
            geocoding.c.expires_at > now,
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else [decode(Place, one) for one in found]

    def keep(self, geocoder: str, text: str, places: Sequence[Place], now: datetime, until: datetime) -> None:
        """In place of an older answer; what has expired goes on the way."""
        key = {"geocoder": geocoder, "text_hash": _hash(text)}
        row = {**key, "places": encode(places), "answered_at": now, "expires_at": until}
        try:
            with self._writing.begin() as connection:
                connection.execute(delete(geocoding).where(geocoding.c.expires_at <= now))
                connection.execute(
                    delete(geocoding).where(*(geocoding.c[name] == value for name, value in key.items()))
                )
                connection.execute(insert(geocoding).values(row))
        except IntegrityError:
            pass  # another process has just kept the same answer

    def turn(self, geocoder: str, now: datetime, interval: timedelta) -> datetime:
        """The first turn of all is inserted; where two do that at once, one is refused and waits in line."""
        try:
            return self._next(geocoder, now, interval)
        except IntegrityError:
            return self._next(geocoder, now, interval)

    def _next(self, geocoder: str, now: datetime, interval: timedelta) -> datetime:
        mine = geocoder_turn.c.geocoder == geocoder
        with self._writing.begin() as connection:
            query = select(geocoder_turn.c.next_at).where(mine).with_for_update()
            free_at = connection.execute(query).scalar_one_or_none()
            is_in_line = free_at is not None and now < free_at <= now + LONGEST_LINE * interval
            turn = free_at if free_at is not None and is_in_line else now
            if free_at is None:
                row = {"geocoder": geocoder, "next_at": turn + interval}
                connection.execute(insert(geocoder_turn).values(row))
            else:
                connection.execute(update(geocoder_turn).where(mine).values(next_at=turn + interval))
        return turn


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
