"""The table of the duty to disclose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.types import Instant

APPEND_ONLY = ("duty_step",)


def create_duty_tables() -> None:
    op.create_table(
        "duty_step",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.CheckConstraint("step IN ('reminder', 'escalation')", name=op.f("duty_step_known")),
        sa.CheckConstraint("number >= 1", name=op.f("duty_step_is_counted")),
        sa.CheckConstraint("step <> 'escalation' OR number = 1", name=op.f("duty_is_escalated_once")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_duty_step_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "step", "number", name=op.f("pk_duty_step")),
    )
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def drop_duty_tables() -> None:
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_table("duty_step")
