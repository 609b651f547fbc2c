"""Who writes on SQLite: one at a time, the others wait for as long as is said, and are told then."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from perks_engine.storage import sqlite_turns
from perks_engine.storage.engine import make_engine
from perks_engine.storage.sqlite_turns import begin_writing
from perks_engine.storage.unit_of_work import SqlStore


def connected(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, check_same_thread=False)


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


class _Recovering:
    """A connection to a database that another process recovers after a crash, for as many questions."""

    def __init__(self, times: int) -> None:
        self.left = times

    def execute(self, statement: str) -> None:
        if statement.startswith("BEGIN") and self.left:
            self.left -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY_RECOVERY
            raise error


def test_who_comes_while_a_crash_is_mended_waits() -> None:
    recovering = _Recovering(times=3)
    begin_writing(recovering)
    assert recovering.left == 0


def test_what_else_is_wrong_is_raised_at_once(tmp_path: Path) -> None:
    file = tmp_path / "perks.db"
    file.write_bytes(b"no database, but long enough to be taken for one" * 40)
    began = time.monotonic()
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        begin_writing(connected(file))
    assert time.monotonic() - began < sqlite_turns.BUSY_SECONDS
