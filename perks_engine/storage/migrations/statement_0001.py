"""The table of requests for statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import Instant

_WAITING = "subject IS NOT NULL"


def create_statement_tables() -> None:
    op.create_table(
        "statement_request",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("mailbox", sa.String(), nullable=True),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(subject_kind IS NULL) = (subject IS NULL)", name=op.f("statement_subject_is_whole")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_statement_request")),
    )
    for columns in (("mailbox", "requested_at"), ("expires_at",)):
        op.create_index(
            f"ix_statement_request_{'_'.join(columns)}", "statement_request", list(columns), unique=False
        )
    op.create_index(
        "ix_statement_request_waiting",
        "statement_request",
        ["request_id"],
        unique=False,
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )


def drop_statement_tables() -> None:
    op.drop_index(
        "ix_statement_request_waiting",
        table_name="statement_request",
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )
    op.drop_index("ix_statement_request_expires_at", table_name="statement_request")
    op.drop_index("ix_statement_request_mailbox_requested_at", table_name="statement_request")
    op.drop_table("statement_request")
