"""The tables of what staff saw of posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import (
    keep_append_only,
    keep_unedited,
    release,
    release_unedited,
)
from perks_engine.storage.types import Instant, JsonData, RowNumber

APPEND_ONLY = ("judgement", "remedy_step")
UNEDITED = ("judgement_note",)


def create_judgement_tables() -> None:
    op.create_table(
        "judgement",
        sa.Column("judgement_id", sa.String(), nullable=False),
        sa.Column("post_id", RowNumber, nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("failures", JsonData, nullable=False),
        sa.Column("picture_id", sa.String(), nullable=True),
        sa.Column("judged_by", sa.String(), nullable=False),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.CheckConstraint("outcome IN ('pass', 'fail', 'unclear')", name=op.f("judgement_outcome_known")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_judgement_claim_id")),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgement")),
    )
    op.create_index(
        "ix_judgement_post_id_judgement_id", "judgement", ["post_id", "judgement_id"], unique=False
    )
    op.create_index("ix_judgement_claim_id", "judgement", ["claim_id"], unique=False)
    belongs = ("judgement_id",), ("judgement.judgement_id",)
    op.create_table(
        "judgement_note",
        sa.Column("judgement_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(*belongs, name=op.f("fk_judgement_note_judgement_id")),
        sa.PrimaryKeyConstraint("judgement_id", name=op.f("pk_judgement_note")),
    )
    op.create_index(op.f("ix_judgement_note_claim_id"), "judgement_note", ["claim_id"], unique=False)
    op.create_table(
        "remedy_step",
        sa.Column("judgement_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.CheckConstraint("step IN ('asked', 'fixed', 'escalated')", name=op.f("remedy_step_known")),
        sa.ForeignKeyConstraint(*belongs, name=op.f("fk_remedy_step_judgement_id")),
        sa.PrimaryKeyConstraint("judgement_id", "step", name=op.f("pk_remedy_step")),
    )
    op.create_index(op.f("ix_remedy_step_claim_id"), "remedy_step", ["claim_id"], unique=False)
    dialect = op.get_bind().dialect.name
    for statement in (*keep_append_only(dialect, APPEND_ONLY), *keep_unedited(dialect, UNEDITED)):
        op.execute(statement)


def drop_judgement_tables() -> None:
    dialect = op.get_bind().dialect.name
    for statement in (*release(dialect, APPEND_ONLY), *release_unedited(dialect, UNEDITED)):
        op.execute(statement)
    op.drop_index(op.f("ix_remedy_step_claim_id"), table_name="remedy_step")
    op.drop_table("remedy_step")
    op.drop_index(op.f("ix_judgement_note_claim_id"), table_name="judgement_note")
    op.drop_table("judgement_note")
    op.drop_index("ix_judgement_claim_id", table_name="judgement")
    op.drop_index("ix_judgement_post_id_judgement_id", table_name="judgement")
    op.drop_table("judgement")
