"""Migrations on a PostgreSQL that serves: they wait shortly, try again, and there is one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from perks_engine.storage import migrate
from perks_engine.storage.engine import make_engine
from perks_engine.storage.migrate import downgrade, upgrade
from perks_engine.storage.schema_state import MigrationBusyError, Patience, newest, revision
from tests.postgres_server import drop_database, fresh_database

NAMES = ("lock_timeout", "statement_timeout")
SHORT = Patience(lock_s=0.2, tries=2, pause_s=0.01, another_s=0.2)


@pytest.fixture
def empty(postgres: str, worker_id: str) -> Iterator[Engine]:
    name = f"perks_live_{worker_id}"
    engine = make_engine(fresh_database(postgres, name))
    yield engine
    engine.dispose()
    drop_database(postgres, name)


@pytest.fixture
def older(postgres: str, worker_id: str, migrated_postgres: str) -> Iterator[Engine]:
    """One revision behind."""
    name = f"perks_older_{worker_id}"
    engine = make_engine(fresh_database(postgres, name, migrated_postgres))
    downgrade(engine, "-1")
    yield engine
    engine.dispose()
    drop_database(postgres, name)


def test_a_table_that_others_hold_is_not_waited_for(older: Engine) -> None:
    was = revision(older)
    with older.connect() as other:
        other.execute(text("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(MigrationBusyError, match=r"more than 0\.2 s, 2 times; nothing was changed"):
            upgrade(older, patience=SHORT)
        other.rollback()
    assert revision(older) == was


def test_it_tries_again_when_they_have_let_go(older: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with older.connect() as other:
        other.execute(text("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE"))
        pauses: list[float] = []

        here, real = threading.get_ident(), time.sleep

        def lets_go(seconds: float) -> None:
            if threading.get_ident() != here:  # of somebody else in this process
                real(seconds)
                return
            pauses.append(seconds)
            other.rollback()

        monkeypatch.setattr(migrate.time, "sleep", lets_go)
        assert upgrade(older, patience=SHORT) == newest()
    assert pauses == [0.01]


def test_two_at_once_migrate_once(empty: Engine) -> None:
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda _: upgrade(empty), range(2)))
    assert found == [newest(), newest()]


def test_another_one_who_does_not_get_on(older: Engine) -> None:
    with older.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:number)"), {"number": migrate._MIGRATING})
        with pytest.raises(MigrationBusyError, match="somebody else has been migrating this database for"):
            upgrade(older, patience=SHORT)
        other.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": migrate._MIGRATING})
    assert upgrade(older, patience=SHORT) == newest()


def test_a_statement_that_takes_too_long_is_ended(older: Engine) -> None:
    was = revision(older)
    with pytest.raises(OperationalError, match="statement timeout"):
        upgrade(older, patience=Patience(statement_s=0.001))
    assert revision(older) == was


def test_its_timeouts_end_with_it(older: Engine) -> None:
    upgrade(older, patience=SHORT)
    with older.connect() as connection:
        shown = [connection.execute(text(f"SHOW {name}")).scalar() for name in NAMES]
    assert shown == ["0", "0"]


def test_on_sqlite_nothing_of_it_is_asked(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    assert upgrade(engine, patience=SHORT) == newest()
    engine.dispose()
