"""Brings a database to the newest schema, or says how far it is from it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaOutdatedError(RuntimeError):
    """The database is not at the newest schema; `perks migrate` brings it there."""


def upgrade(engine: Engine, target: str = "head") -> str:
    """Migrate up to `target` in one transaction; returns the revision that the database is at."""
    config = _config()
    with engine.execution_options(perks_writes=True).connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, target)
    return revision(engine) or ""


def downgrade(engine: Engine, target: str = "base") -> None:
    config = _config()
    with engine.execution_options(perks_writes=True).connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, target)


def revision(engine: Engine) -> str | None:
    """The revision that the database is at, None where it was never migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def why_outdated(engine: Engine) -> str | None:
    """What is wrong with the schema of the database, and what would mend it; None where nothing is."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if file and not Path(file).exists():
        return f"there is no database at {file}; run: perks migrate --database {file}"
    current, wanted = revision(engine), newest()
    if current == wanted:
        return None
    return f"the database is at schema {current or 'none'}, this engine needs {wanted}; run: perks migrate"


def newest() -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
