"""The tables of sign-ins and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import Instant, JsonData

_WAITING = sa.text("address IS NOT NULL")


def create_identity_tables() -> None:
    op.create_table(
        "sign_in",
        sa.Column("sign_in_id", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.CheckConstraint("(address IS NULL) <> (person_id IS NULL)", name=op.f("sign_in_of_one")),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_person_id_requested_at", "sign_in", ["person_id", "requested_at"])
    op.create_index("ix_sign_in_expires_at", "sign_in", ["expires_at"])
    op.create_index(
        "ix_sign_in_waiting", "sign_in", ["sign_in_id"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )
    op.create_table(
        "web_session",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("brands", JsonData, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("provider_session", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (holder IS NULL)", name=op.f("session_of_one")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_web_session")),
    )
    for column in ("person_id", "holder", "expires_at", "subject", "provider_session"):
        op.create_index(f"ix_web_session_{column}", "web_session", [column])
    op.create_table(
        "provider_logout",
        sa.Column("logout_id", sa.String(), nullable=False),
        sa.Column("subject_hash", sa.String(), nullable=True),
        sa.Column("session_hash", sa.String(), nullable=True),
        sa.Column("said_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("logout_id", name=op.f("pk_provider_logout")),
    )
    for column in ("subject_hash", "session_hash", "said_at"):
        op.create_index(f"ix_provider_logout_{column}", "provider_logout", [column])


def drop_identity_tables() -> None:
    op.drop_table("provider_logout")
    op.drop_table("web_session")
    op.drop_table("sign_in")
