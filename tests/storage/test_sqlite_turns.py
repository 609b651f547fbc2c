"""Who writes on SQLite: one at a time, the others wait for as long as is said, and are told then."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from perks_engine.storage import sqlite_turns
from perks_engine.storage.engine import make_engine
from perks_engine.storage.sqlite_turns import WriterConnection, begin_writing, connections
from perks_engine.storage.unit_of_work import SqlStore


def connected(file: Path, connect: Callable[..., WriterConnection] | None = None) -> WriterConnection:
    """As one of a process of its own, or of that whose connections `connect` makes."""
    return (connect or connections())(file, isolation_level=None, check_same_thread=False)


def test_who_waits_writes_when_the_other_has_done(tmp_path: Path) -> None:
    file, order = tmp_path / "perks.db", list[str]()
    first, second = connected(file), connected(file)
    first.execute("CREATE TABLE line (word TEXT)")
    begin_writing(first)

    def wait() -> None:
        begin_writing(second)
        order.append("second")
        second.execute("COMMIT")

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.05)
    order.append("first")
    first.execute("COMMIT")
    waiting.join(30)
    assert order == ["first", "second"]
    assert second.execute("PRAGMA busy_timeout").fetchone() == (15_000,)


def test_of_many_that_wait_in_one_process_one_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, connect = tmp_path / "perks.db", connections()
    asking, written = set[int](), list[int]()
    monkeypatch.setattr(
        sqlite_turns, "sleep", lambda wait: (asking.add(threading.get_ident()), time.sleep(wait))
    )
    first = connected(file, connect)
    first.execute("CREATE TABLE line (number INTEGER)")
    begin_writing(first)

    def write(number: int) -> None:
        one = connected(file, connect)
        begin_writing(one)
        one.execute("INSERT INTO line VALUES (?)", (number,))
        one.execute("COMMIT")
        written.append(number)
        one.close()

    waiting = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for one in waiting:
        one.start()
    time.sleep(0.2)
    assert (len(asking), written) == (1, [])
    first.execute("COMMIT")
    for one in waiting:
        one.join(30)
    assert sorted(written) == sorted(number for (number,) in first.execute("SELECT number FROM line"))
    assert len(written) == 12


def test_who_waits_for_too_long_is_told_and_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_turns, "BUSY_SECONDS", 0.05)
    file = tmp_path / "perks.db"
    first, second = connected(file), connected(file)
    begin_writing(first)
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        begin_writing(second)
    store = SqlStore(make_engine(f"sqlite:///{file}"))
    with pytest.raises(OperationalError, match="database is locked"), store.write():
        raise AssertionError("it has the lock")
    first.execute("COMMIT")
    begin_writing(second)
    second.execute("COMMIT")
    with store.write():
        pass
    store.engine.dispose()


def test_a_connection_that_is_gone_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    file, connect = tmp_path / "perks.db", connections()
    gone, other = connected(file, connect), connected(file, connect)
    gone.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        begin_writing(gone)
    assert not other.asking.locked()
    begin_writing(other)
    other.execute("COMMIT")


class _Recovering(WriterConnection):
    """A connection to a database that another process recovers after a crash, for as many questions."""

    left = 3

    def execute(self, statement: str, *given: Any) -> sqlite3.Cursor:
        if statement.startswith("BEGIN") and self.left:
            self.left -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY_RECOVERY
            raise error
        return super().execute(statement, *given)


def test_who_comes_while_a_crash_is_mended_waits() -> None:
    recovering = _Recovering(":memory:")
    recovering.asking = threading.Lock()
    begin_writing(recovering)
    assert recovering.left == 0


def test_what_else_is_wrong_is_raised_at_once(tmp_path: Path) -> None:
    file = tmp_path / "perks.db"
    file.write_bytes(b"no database, but long enough to be taken for one" * 40)
    began = time.monotonic()
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        begin_writing(connected(file))
    assert time.monotonic() - began < sqlite_turns.BUSY_SECONDS
