"""Runs migrations on the connection that `storage.migrate` hands over, or on alembic.ini's URL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from perks_engine.storage import list_tables, log_tables
from perks_engine.storage.engine import make_engine
from perks_engine.storage.table_model import metadata

TABLES = (list_tables, log_tables)
"""The modules whose tables `metadata` holds once they are imported."""


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
else:
    with make_engine(context.config.get_main_option("sqlalchemy.url") or "").connect() as own:
        run(own)
        own.commit()
