"""The tables of offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.types import Instant

APPEND_ONLY = ("offer",)


def create_offer_tables() -> None:
    op.create_table(
        "offer_run",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("reached", sa.String(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("offered >= 0 AND passed_over >= 0", name=op.f("offers_are_counted")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_offer_run_campaign")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_offer_run")),
    )
    op.create_index(op.f("ix_offer_run_campaign"), "offer_run", ["campaign"], unique=False)
    under_way = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_offer_run_under_way",
        "offer_run",
        ["campaign"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.create_table(
        "offer",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("offered_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_offer_campaign")),
        sa.ForeignKeyConstraint(["run_id"], ["offer_run.run_id"], name=op.f("fk_offer_run_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.decision_id"], name=op.f("fk_offer_decision_id")),
        sa.PrimaryKeyConstraint("campaign", "person_id", name=op.f("pk_offer")),
    )
    op.create_index(op.f("ix_offer_person_id"), "offer", ["person_id"], unique=False)
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def drop_offer_tables() -> None:
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_table("offer")
    op.drop_table("offer_run")
