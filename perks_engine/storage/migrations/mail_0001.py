"""The table of what came back of letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import Instant


def create_mail_tables() -> None:
    op.create_table(
        "mail_report",
        sa.Column("report_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reported_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "event IN ('bounced', 'complained', 'undelivered', 'delayed')", name=op.f("mail_event_known")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_mail_report")),
        sa.UniqueConstraint("message_id", "event", name=op.f("uq_mail_report_message_id_event")),
    )
    op.create_index(op.f("ix_mail_report_person_id"), "mail_report", ["person_id"], unique=False)


def drop_mail_tables() -> None:
    op.drop_table("mail_report")
