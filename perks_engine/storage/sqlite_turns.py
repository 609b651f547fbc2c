"""Whose turn it is to write on SQLite, which lets one in at a time.

Its own wait sleeps longer each time it finds the database locked, up to a tenth of a second, so that with two
processes the lock lay free for much of the time, and who came first was often served last. Here a writer asks
again after half a millisecond, which costs a hundredth of one each time; of one process only one writer asks,
for dozens that did would leave the one that writes no time to end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from threading import Lock
from time import monotonic, sleep
from typing import Any

BUSY_SECONDS = 15
"""How long a writer waits for another before it gives up."""

_ASK_AGAIN_S = 0.000_5
_KIND = 0xFF
"""Of an error's code; the rest says more, such as that another process recovers what a crash left behind."""


class WriterConnection(sqlite3.Connection):
    """A connection that knows the others of its process that write to the same database: `asking` is held by
    the one that asks whether it may."""

    asking: Lock


def connections() -> Callable[..., WriterConnection]:
    """What makes the connections of one process to one database, for `sqlite3.connect(factory=)`."""
    asking = Lock()

    def connect(*given: Any, **named: Any) -> WriterConnection:
        connection = WriterConnection(*given, **named)
        connection.asking = asking
        return connection

    return connect


def begin_writing(driver: WriterConnection) -> None:
    """A transaction with the lock of writers. Raises `sqlite3.OperationalError` where it is not to be had
    within `BUSY_SECONDS`."""
    ends_at = monotonic() + BUSY_SECONDS
    is_asking = driver.asking.acquire(timeout=BUSY_SECONDS)
    try:
        _ask(driver, ends_at)
    finally:
        if is_asking:
            driver.asking.release()


def _ask(driver: WriterConnection, ends_at: float) -> None:
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while not _begun(driver, is_last=monotonic() >= ends_at):
            sleep(_ASK_AGAIN_S)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1_000}")


def _begun(driver: WriterConnection, is_last: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if is_last or error.sqlite_errorcode & _KIND != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
