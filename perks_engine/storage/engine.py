"""Connections: one engine for a database URL, with SQLite made safe for several writers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, OperationalError
from sqlalchemy.pool import NullPool

from perks_engine.storage.patience import PatientConnection, Waits, connected
from perks_engine.storage.sqlite_turns import BUSY_SECONDS, begin_writing, connections

IDLE_SECONDS = 1.0
"""A connection to PostgreSQL that was not used for so long is tried before it is."""


def make_engine(
    url: str, pool_size: int = 8, pool_wait_s: float = 30.0, waits: Waits | None = None
) -> Engine:
    """An engine for `sqlite:///file` or `postgresql+psycopg://…`; raises `ValueError` for others. Without
    `waits` a statement may take for ever; with a `pool_size` of 0 each connection is a new one.

    SQLite runs in WAL mode with `synchronous=FULL`: an acknowledged write survives a power cut. What was to
    be written stands in no error, for errors are logged.
    """
    wanted = "use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
    try:
        backend, driver = make_url(url).get_backend_name(), make_url(url).drivername
    except (ArgumentError, ValueError) as error:
        raise ValueError(f"the database URL cannot be read; {wanted}") from error
    if driver.startswith("postgresql+") and driver != "postgresql+psycopg":
        raise ValueError(f"the database driver {driver} is not supported; {wanted}")
    pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": pool_wait_s}
    if not pool_size:
        pool = {"poolclass": NullPool}
    if backend == "postgresql":
        engine = create_engine(url, hide_parameters=True, **pool)
        if waits is not None:
            event.listen(engine, "do_connect", _patiently(waits))
        event.listen(engine, "checkin", _on_return)
        event.listen(engine, "checkout", _on_loan)
        return engine
    if backend != "sqlite":
        raise ValueError(
            f"the database {backend!r} is not supported; use sqlite:/// or postgresql+psycopg://"
        )
    in_memory = make_url(url).database in (None, "", ":memory:")
    if in_memory:
        raise ValueError("an in-memory database forgets everything; name a file: sqlite:///perks.db")
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "factory": connections()},
        **pool,
    )
    _prepare_sqlite(engine)
    return engine


def _patiently(waits: Waits) -> Callable[..., PatientConnection]:
    def connect(_dialect: Any, _record: Any, _given: Any, named: dict[str, Any]) -> PatientConnection:
        return connected(waits, named)

    return connect


def _on_return(_connection: Any, record: Any) -> None:
    record.info["returned_at"] = monotonic()


def _on_loan(connection: Any, record: Any, _proxy: Any) -> None:
    """A connection that lay idle may have lost its server; one in use a moment ago is not asked again."""
    if monotonic() - record.info.get("returned_at", monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def _prepare_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    # What is deleted is overwritten: the file of a person who was erased holds nothing of them.
    for pragma in (
        *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"),
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read lock later could only fail.
    if connection.get_execution_options().get("perks_writes", False):
        driver: Any = connection.connection.driver_connection
        try:
            begin_writing(driver)
        except sqlite3.Error as error:
            raise OperationalError("BEGIN IMMEDIATE", None, error) from error
    else:
        connection.exec_driver_sql("BEGIN")
