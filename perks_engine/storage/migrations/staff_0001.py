"""The table of what members of staff did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.types import Instant, RowNumber

APPEND_ONLY = ("staff_action",)
_INDEXED = ("acted_at", "acted_by", "about", "person_id", "brand")


def create_staff_tables() -> None:
    op.create_table(
        "staff_action",
        sa.Column("action_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.Column("acted_by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.CheckConstraint("status BETWEEN 100 AND 599", name=op.f("staff_action_has_a_status")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_staff_action")),
    )
    for column in _INDEXED:
        op.create_index(op.f(f"ix_staff_action_{column}"), "staff_action", [column], unique=False)
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def drop_staff_tables() -> None:
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_table("staff_action")
