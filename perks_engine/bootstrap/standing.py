"""Whether an engine can work, and what is late: the same for `/readyz` and for whoever asks in code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from perks_engine.bootstrap.application import Application
from perks_engine.delivery.log_files import KeyFileError
from perks_engine.services.auditing import OVERDUE
from perks_engine.storage.schema_state import SchemaOutdatedError

LATE = timedelta(hours=1)
"""A letter or an event that could have gone out for so long: whoever sends does not get on."""

LITTLE_ROOM = 20_000_000
"""Entries, as many as one part takes: by now the chore has made the next, weeks before it is needed."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """`stops` says that requests cannot be served; else the engine serves them, and something is late."""

    what: str
    words: str
    stops: bool = True


def troubles(engine: Application) -> list[Trouble]:
    """Everything that is not as it has to be; empty where all is well."""
    found = list(_disk(engine))
    try:
        engine.require_schema()
        return [*found, *_late_now(engine)]
    except SchemaOutdatedError as error:
        return [*found, Trouble("schema", str(error))]
    except SQLAlchemyError:
        return [*found, Trouble("database", "the database does not answer")]


def _late_now(engine: Application) -> list[Trouble]:
    """Asked twice where a connection turns out to be broken: the database was there a moment ago, and with
    that one all others that broke were thrown away."""
    try:
        return list(_late(engine))
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return list(_late(engine))


def _disk(engine: Application) -> Iterator[Trouble]:
    settings, url = engine.settings, engine.engine.url
    places = {"files": settings.files}
    if url.get_backend_name() == "sqlite":
        places["database"] = Path(str(url.database)).parent
    for what, folder in places.items():
        free = _free(folder)
        if free is not None and free < settings.min_free_bytes:
            words = f"{free:,} bytes are free where the {what} {'lies' if what == 'database' else 'lie'}"
            told = f"{words}; PERKS_MIN_FREE_BYTES asks for {settings.min_free_bytes:,}"
            # Without room for files only uploads fail.
            yield Trouble("disk", told, stops=what == "database")


def _free(folder: Path) -> int | None:
    """None where the folder is not made yet."""
    try:
        return shutil.disk_usage(folder).free
    except FileNotFoundError:
        return None


def _late(engine: Application) -> Iterator[Trouble]:
    try:
        measured = engine.measuring.now()
    except KeyFileError as error:
        yield Trouble("seal", str(error).partition(";")[0], stops=False)
        return
    now, numbers = measured.at, measured.numbers
    if measured.seals and numbers.unsealed.lag_s(now) > OVERDUE.total_seconds():
        yield _behind("seal", "an entry of the ledger has waited to be sealed", numbers.unsealed.lag_s(now))
    if engine.settings.smtp_url and numbers.messages.lag_s(now) > LATE.total_seconds():
        yield _behind("messages", "a letter could have been sent", numbers.messages.lag_s(now))
    if numbers.events.lag_s(now) > LATE.total_seconds():
        yield _behind("events", "an event could have been told", numbers.events.lag_s(now))
    if numbers.ledger_room is not None and numbers.ledger_room < LITTLE_ROOM:
        words = f"there is room for {numbers.ledger_room:,} more entries in the parts of the ledger"
        told = f"{words}; the chore `room` of a worker makes the next: does one run?"
        yield Trouble("room", told, stops=False)


def _behind(what: str, words: str, seconds: float) -> Trouble:
    return Trouble(what, f"{words} for {seconds:,.0f} s; does a worker run?", stops=False)
