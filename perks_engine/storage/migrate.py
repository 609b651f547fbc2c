"""Brings a database to the newest schema. What there is to know without, `storage.schema_state` says."""

from __future__ import annotations

import time

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import OperationalError

from perks_engine.storage.schema_state import MIGRATIONS, MigrationBusyError, Patience, revision


def upgrade(engine: Engine, target: str = "head", patience: Patience | None = None) -> str:
    """Migrate up to `target` in one transaction; returns the revision that the database is at. One at a time:
    who comes second waits, and finds it done. Raises `MigrationBusyError`."""
    patience = patience or Patience()
    for left in reversed(range(patience.tries)):
        try:
            _upgrade_once(engine, target, patience)
            break
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
                raise
            if not left:
                raise MigrationBusyError(
                    f"others held on to tables for more than {patience.lock_s:g} s, {patience.tries} times; "
                    "nothing was changed: run perks migrate again when less is going on"
                ) from error
            time.sleep(patience.pause_s)
    return revision(engine) or ""


def _upgrade_once(engine: Engine, target: str, patience: Patience) -> None:
    config = _config()
    with engine.execution_options(perks_writes=True).connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            _alone(connection, patience)
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def _alone(connection: Connection, patience: Patience) -> None:
    """The transaction holds a lock of PostgreSQL's own kind that means nothing else, until it ends."""
    run = connection.execute
    run(_SET, {"name": "lock_timeout", "value": f"{int(patience.another_s * 1_000)}ms"})
    try:
        run(select(func.pg_advisory_xact_lock(_MIGRATING)))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise MigrationBusyError(
            f"somebody else has been migrating this database for {patience.another_s:g} s; nothing was "
            "changed: see that it gets on, and run perks migrate again"
        ) from error
    run(_SET, {"name": "lock_timeout", "value": f"{int(patience.lock_s * 1_000)}ms"})
    run(_SET, {"name": "statement_timeout", "value": f"{int(patience.statement_s * 1_000)}ms"})


_MIGRATING = 8_099_005_310_714_277_223
"""The number of the lock: the bytes of `perks mg`, big-endian."""
_LOCK_NOT_AVAILABLE = "55P03"
_IN_THE_WAY = (_LOCK_NOT_AVAILABLE, "40P01", "40001")
"""A lock that did not come in time, a deadlock, a serialization failure."""
_SET = text("SELECT set_config(:name, :value, true)")


def downgrade(engine: Engine, target: str = "base") -> None:
    config = _config()
    with engine.execution_options(perks_writes=True).connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, target)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
