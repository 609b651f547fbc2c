"""Migrations go up and down on both databases, and the models say what they make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from perks_engine.storage.engine import make_engine
from perks_engine.storage.ledger import is_part
from perks_engine.storage.migrate import downgrade, upgrade
from perks_engine.storage.schema_state import MIGRATIONS, is_older, newest, revision, why_outdated
from perks_engine.storage.tables import metadata
from tests.postgres_server import drop_database, fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres")
    yield fresh_database(server, f"perks_empty_{worker_id}")
    drop_database(server, f"perks_empty_{worker_id}")


def test_up_down_and_up_again(empty_database: str) -> None:
    engine = make_engine(empty_database)
    assert revision(engine) is None
    assert upgrade(engine) == newest()
    assert upgrade(engine) == newest()
    downgrade(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert upgrade(engine) == newest()
    engine.dispose()


def test_where_a_database_stands_is_known_without_alembic(empty_database: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert newest() == script.get_current_head()
    known = [one.revision for one in script.walk_revisions()]
    assert [is_older(one) for one in known] == [False, *[True] * (len(known) - 1)]
    engine = make_engine(empty_database)
    assert "run: perks migrate" in str(why_outdated(engine))
    upgrade(engine)
    assert why_outdated(engine) is None
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == revision(engine) == newest()
    engine.dispose()


def test_the_models_are_what_the_migrations_make(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _of_a_model, "include_object": _not_to_a_part}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def _of_a_model(name: str | None, _kind: str, _parents: object) -> bool:
    return not is_part(name)


def _not_to_a_part(one: Any, _name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    """PostgreSQL tells of what points at the ledger once more for each part of it."""
    return not (reflected and kind == "foreign_key_constraint" and is_part(one.referred_table.name))


def test_only_the_two_databases_are_taken() -> None:
    with pytest.raises(ValueError, match="use sqlite:/// or postgresql"):
        make_engine("mysql://localhost/perks")
    with pytest.raises(ValueError, match="an in-memory database forgets everything"):
        make_engine("sqlite://")


def test_sqlite_survives_a_power_cut_and_checks_its_keys(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
