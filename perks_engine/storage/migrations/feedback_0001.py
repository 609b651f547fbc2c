"""The tables of feedback and of pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import (
    keep_append_only,
    keep_unedited,
    release,
    release_unedited,
)
from perks_engine.storage.types import Instant, RowNumber

APPEND_ONLY = ("feedback_request", "feedback_version")
UNEDITED = ("feedback_words",)


def create_feedback_tables() -> None:
    op.create_table(
        "picture",
        sa.Column("picture_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=True),
        sa.CheckConstraint("use IN ('feedback', 'judgement')", name=op.f("picture_use_known")),
        sa.CheckConstraint(
            "kind IN ('image/jpeg', 'image/png', 'image/webp')", name=op.f("picture_kind_known")
        ),
        sa.CheckConstraint("width > 0 AND height > 0 AND size > 0", name=op.f("picture_has_a_size")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_picture_claim_id")),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_picture")),
        sa.UniqueConstraint("claim_id", "use", "sha256", name=op.f("uq_picture_claim_id_use_sha256")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_picture_stored_as")),
    )
    op.create_index(op.f("ix_picture_person_id"), "picture", ["person_id"], unique=False)
    unkept = sa.text("kept_at IS NULL")
    op.create_index(
        "ix_picture_unkept", "picture", ["given_at"], sqlite_where=unkept, postgresql_where=unkept
    )
    op.create_table(
        "feedback_request",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("entry_id", RowNumber, nullable=False),
        sa.Column("consented_at", Instant(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_feedback_request_claim_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.decision_id"], name=op.f("fk_feedback_request_decision_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.entry_id"], name=op.f("fk_feedback_request_entry_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_feedback_request")),
    )
    op.create_table(
        "feedback_version",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("has_words", sa.Boolean(), nullable=False),
        sa.Column("through", sa.String(), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.CheckConstraint("act IN ('answered', 'withdrawn')", name=op.f("feedback_act_known")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("feedback_rating_is_one_of_five")),
        sa.CheckConstraint("number >= 1", name=op.f("feedback_is_counted")),
        sa.CheckConstraint(
            "act = 'answered' OR (rating IS NULL AND NOT has_words)",
            name=op.f("withdrawn_feedback_says_nothing"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_feedback_version_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "number", name=op.f("pk_feedback_version")),
    )
    op.create_table(
        "feedback_words",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f("feedback_words_are_some")),
        sa.ForeignKeyConstraint(
            ["claim_id", "number"],
            ["feedback_version.claim_id", "feedback_version.number"],
            name=op.f("fk_feedback_words_claim_id_number"),
        ),
        sa.PrimaryKeyConstraint("claim_id", "number", name=op.f("pk_feedback_words")),
    )
    dialect = op.get_bind().dialect.name
    for statement in (*keep_append_only(dialect, APPEND_ONLY), *keep_unedited(dialect, UNEDITED)):
        op.execute(statement)


def drop_feedback_tables() -> None:
    dialect = op.get_bind().dialect.name
    for statement in (*release(dialect, APPEND_ONLY), *release_unedited(dialect, UNEDITED)):
        op.execute(statement)
    op.drop_table("feedback_words")
    op.drop_table("feedback_version")
    op.drop_table("feedback_request")
    op.drop_index("ix_picture_unkept", table_name="picture")
    op.drop_index(op.f("ix_picture_person_id"), table_name="picture")
    op.drop_table("picture")
