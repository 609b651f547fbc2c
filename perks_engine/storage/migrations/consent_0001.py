"""The tables of consent. That they are only appended to is held by the ledger's statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import Instant, RowNumber


def create_consent_tables() -> None:
    op.create_table(
        "consent_request",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("asked_at < expires_at", name=op.f("consent_request_expires")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_consent_request")),
    )
    op.create_index(op.f("ix_consent_request_person_id"), "consent_request", ["person_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("consent_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("through", sa.String(), server_default="import", nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=True),
        sa.Column("text_sha256", sa.String(), server_default="", nullable=False),
        sa.Column("language", sa.String(), server_default="", nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by", sa.String(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "through IN ('own', 'link', 'import', 'provider', 'staff')", name=op.f("consent_through_known")
        ),
        sa.CheckConstraint("through <> 'staff' OR why <> ''", name=op.f("consent_by_staff_says_why")),
        sa.CheckConstraint(
            "request_id IS NULL OR confirmed_at IS NOT NULL", name=op.f("double_opt_in_says_when_confirmed")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["consent_request.request_id"], name=op.f("fk_consent_request_id")
        ),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consent")),
        sa.UniqueConstraint("request_id", name=op.f("uq_consent_request_id")),
    )
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_table(
        "consent_text",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_used_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "channel", "version", "language", name=op.f("pk_consent_text")),
    )
    op.create_index(op.f("ix_consent_text_sha256"), "consent_text", ["sha256"], unique=False)
    op.create_table(
        "age_refusal",
        sa.Column("refused_on", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("age_refusal_counts")),
        sa.PrimaryKeyConstraint("refused_on", name=op.f("pk_age_refusal")),
    )


def drop_consent_tables() -> None:
    op.drop_table("age_refusal")
    op.drop_index(op.f("ix_consent_text_sha256"), table_name="consent_text")
    op.drop_table("consent_text")
    op.drop_index(op.f("ix_consent_person_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index(op.f("ix_consent_request_person_id"), table_name="consent_request")
    op.drop_table("consent_request")
