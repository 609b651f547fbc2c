"""The tables of disputes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.migrations.ledger_0001 import ALREADY_LISTED
from perks_engine.storage.types import Instant, RowNumber

APPEND_ONLY = ("dispute_event", "dispute_file")


def create_dispute_tables() -> None:
    """After the ledger's triggers: on PostgreSQL acts are dated by the function that dates entries."""
    op.create_table(
        "dispute_event",
        sa.Column("event_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("dispute_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("entry_id", RowNumber, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("acted_by", sa.String(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("correction", RowNumber, nullable=True),
        sa.CheckConstraint(
            "act IN ('opened', 'upheld', 'rejected', 'withdrawn')", name=op.f("dispute_act_known")
        ),
        sa.CheckConstraint("cause IN ('person', 'staff', 'conflict')", name=op.f("dispute_cause_known")),
        sa.CheckConstraint("words <> ''", name=op.f("dispute_says_why")),
        sa.CheckConstraint(
            "(act = 'upheld') = (correction IS NOT NULL)", name=op.f("upheld_dispute_is_corrected")
        ),
        sa.CheckConstraint("occurred_at <= recorded_at", name=op.f("dispute_is_not_of_the_future")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_dispute_event_claim_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.entry_id"], name=op.f("fk_dispute_event_entry_id")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_dispute_event_campaign")),
        sa.ForeignKeyConstraint(["correction"], ["entry.entry_id"], name=op.f("fk_dispute_event_correction")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_dispute_event")),
    )
    for name, which in (("opened", "act = 'opened'"), ("ended", "act <> 'opened'")):
        op.create_index(
            f"uq_dispute_event_{name}_once",
            "dispute_event",
            ["dispute_id"],
            unique=True,
            sqlite_where=sa.text(which),
            postgresql_where=sa.text(which),
        )
    op.create_index("ix_dispute_event_claim_id", "dispute_event", ["claim_id"], unique=False)
    op.create_index("ix_dispute_event_person_id", "dispute_event", ["person_id"], unique=False)
    op.create_table(
        "open_dispute",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("dispute_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_open_dispute_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_open_dispute")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_open_dispute_dispute_id")),
    )
    op.create_table(
        "dispute_file",
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("dispute_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_dispute_file")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_dispute_file_stored_as")),
    )
    op.create_index("ix_dispute_file_dispute_id", "dispute_file", ["dispute_id", "file_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for statement in keep_append_only(dialect, APPEND_ONLY):
        op.execute(statement)
    op.execute(
        "CREATE TRIGGER dispute_after_every_list BEFORE INSERT ON dispute_event "
        + (
            "FOR EACH ROW EXECUTE FUNCTION date_after_every_list()"
            if dialect == "postgresql"
            else "WHEN NEW.recorded_at <= (SELECT as_of FROM listed) "
            f"BEGIN SELECT RAISE(ABORT, '{ALREADY_LISTED}'); END"
        )
    )


def drop_dispute_tables() -> None:
    dialect = op.get_bind().dialect.name
    op.execute(
        "DROP TRIGGER dispute_after_every_list" + (" ON dispute_event" if dialect == "postgresql" else "")
    )
    for statement in release(dialect, APPEND_ONLY):
        op.execute(statement)
    op.drop_index("ix_dispute_file_dispute_id", table_name="dispute_file")
    op.drop_table("dispute_file")
    op.drop_table("open_dispute")
    op.drop_index("ix_dispute_event_person_id", table_name="dispute_event")
    op.drop_index("ix_dispute_event_claim_id", table_name="dispute_event")
    for name, which in (("ended", "act <> 'opened'"), ("opened", "act = 'opened'")):
        op.drop_index(
            f"uq_dispute_event_{name}_once",
            table_name="dispute_event",
            sqlite_where=sa.text(which),
            postgresql_where=sa.text(which),
        )
    op.drop_table("dispute_event")
