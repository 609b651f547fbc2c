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
    op.create_table(
        "carrier_report",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=True),
        sa.Column("claim_id", sa.String(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('applied', 'noted', 'waiting', 'refused', 'dismissed')",
            name=op.f("carrier_report_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('waiting', 'refused', 'dismissed') OR (code <> '' AND why <> '')",
            name=op.f("carrier_report_says_why"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_carrier_report_claim_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_carrier_report")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_carrier_report_source_event_id")),
    )
    op.create_index("ix_carrier_report_state", "carrier_report", ["state", "report_id"], unique=False)
    op.create_table(
        "claim_code",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_claim_code_claim_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_claim_code")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_claim_code_claim_id")),
    )
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def drop_receipt_tables() -> None:
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_table("claim_code")
    op.drop_index("ix_carrier_report_state", table_name="carrier_report")
    op.drop_table("carrier_report")
    op.drop_index("ix_receipt_denial_claim_id", table_name="receipt_denial")
    op.drop_table("receipt_denial")
