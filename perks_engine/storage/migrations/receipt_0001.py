"""The tables of evidence about receipt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.types import Instant, RowNumber

APPEND_ONLY = ("receipt_denial",)


def create_receipt_tables() -> None:
    op.create_table(
        "receipt_denial",
        sa.Column("denial_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("entry_id", RowNumber, nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_receipt_denial_claim_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.entry_id"], name=op.f("fk_receipt_denial_entry_id")),
        sa.PrimaryKeyConstraint("denial_id", name=op.f("pk_receipt_denial")),
    )
    op.create_index("ix_receipt_denial_claim_id", "receipt_denial", ["claim_id", "denial_id"], unique=False)
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def drop_receipt_tables() -> None:
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_index("ix_receipt_denial_claim_id", table_name="receipt_denial")
    op.drop_table("receipt_denial")
