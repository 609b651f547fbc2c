"""The database of an engine: its connections, its schema, and whether it is there at all."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Engine

from perks_engine.settings import Settings
from perks_engine.storage.engine import make_engine
from perks_engine.storage.patience import Waits
from perks_engine.storage.schema_state import Patience, SchemaOutdatedError, why_outdated

PROBE_S = 2.0
"""A balancer asks whether we are ready every few seconds, and takes no answer for a no."""


def engine_of(settings: Settings) -> Engine:
    waits = Waits(settings.database_connect_s, settings.database_answer_s)
    return make_engine(settings.database_url, settings.pool_size, settings.pool_wait_s, waits)


class Databased:
    """A part of `Application`."""

    settings: Settings

    @cached_property
    def probe(self) -> Engine:
        """New connections to ask whether the database is there: who asks neither waits behind those that wait
        for an answer, nor long for one itself, nor is told of a connection that broke."""
        return make_engine(self.settings.database_url, pool_size=0, waits=Waits(PROBE_S, PROBE_S))

    def migrate(self) -> str:
        """Bring the schema to the newest revision, which is returned. Raises `MigrationBusyError`."""
        from perks_engine.storage.migrate import upgrade  # noqa: PLC0415 - others do without Alembic

        given = self.settings
        patience = Patience(given.migrate_lock_s, given.migrate_statement_s, given.migrate_tries)
        waits = Waits(given.database_connect_s, given.migrate_statement_s + patience.another_s)
        engine = make_engine(given.database_url, pool_size=1, waits=waits)
        try:
            return upgrade(engine, patience=patience)
        finally:
            engine.dispose()

    def require_schema(self) -> None:
        """Raises `SchemaOutdatedError`."""
        if why := why_outdated(self.probe):
            raise SchemaOutdatedError(why)
