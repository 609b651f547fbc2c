"""At which schema a database is, and how far that is from the newest.

Every command asks this first, so that it does without Alembic, which takes longer to load than to answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaOutdatedError(RuntimeError):
    """The database is not at the newest schema; `perks migrate` brings it there."""


class MigrationBusyError(RuntimeError):
    """Others held on to what a migration needs, longer than it waits; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a migration behaves on a PostgreSQL that serves. While it waits for a lock, everybody who comes
    after it waits behind it, so that it waits shortly, lets go, and tries again."""

    lock_s: float = 2.0
    statement_s: float = 600.0
    tries: int = 5
    pause_s: float = 5.0
    another_s: float = 60.0
    """How long it waits for another one who migrates."""


def revision(engine: Engine) -> str | None:
    """The revision that the database is at, None where it was never migrated."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


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
    return _revisions()[-1]


def is_older(schema: str) -> bool:
    """Whether this engine knows a revision, and has newer ones."""
    return schema in _revisions()[:-1]


def _revisions() -> list[str]:
    """Their names in the order in which they come: each file is named by its own, and they are counted."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
