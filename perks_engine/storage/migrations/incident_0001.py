"""The tables of incidents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.types import Instant, JsonData, RowNumber

APPEND_ONLY = ("incident", "incident_event", "incident_line", "incident_step", "incident_done")


def create_incident_tables() -> None:
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("wrong", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.CheckConstraint("wrong <> ''", name=op.f("incident_says_what_was_wrong")),
        sa.CheckConstraint(
            "campaign IS NOT NULL OR source IS NOT NULL OR since IS NOT NULL OR until IS NOT NULL",
            name=op.f("incident_has_a_scope"),
        ),
        sa.CheckConstraint(
            "(campaign IS NULL) = (brand IS NULL)", name=op.f("incident_is_of_the_campaigns_brand")
        ),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_incident_campaign")),
        sa.ForeignKeyConstraint(["version"], ["campaign_version.version"], name=op.f("fk_incident_version")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_brand"), "incident", ["brand"], unique=False)
    op.create_table(
        "incident_event",
        sa.Column("event_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("acted_by", sa.String(), nullable=False),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.Column("numbers", JsonData, nullable=False),
        sa.CheckConstraint(
            "act IN ('replayed', 'planned', 'approved', 'applied')", name=op.f("incident_act_known")
        ),
        _of_an_incident("incident_event"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_incident_event")),
        sa.UniqueConstraint("act", "subject", name=op.f("uq_incident_event_act_subject")),
    )
    op.create_index(
        "uq_incident_event_applied_once",
        "incident_event",
        ["incident_id"],
        unique=True,
        sqlite_where=sa.text("act = 'applied'"),
        postgresql_where=sa.text("act = 'applied'"),
    )
    op.create_index(
        "ix_incident_event_incident_id", "incident_event", ["incident_id", "event_id"], unique=False
    )
    op.create_table(
        "incident_line",
        sa.Column("replay", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("was", sa.String(), nullable=False),
        sa.Column("now", sa.String(), nullable=False),
        *(
            sa.Column(name, JsonData, nullable=False)
            for name in ("was_codes", "now_codes", "harms", "messages", "exports")
        ),
        _of_an_incident("incident_line"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.decision_id"], name=op.f("fk_incident_line_decision_id")
        ),
        sa.PrimaryKeyConstraint("replay", "place", name=op.f("pk_incident_line")),
    )
    op.create_index(
        "ix_incident_line_replay_person_id", "incident_line", ["replay", "person_id", "place"], unique=False
    )
    op.create_table(
        "incident_reason",
        sa.Column("replay", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("was", JsonData, nullable=False),
        sa.Column("now", JsonData, nullable=False),
        sa.PrimaryKeyConstraint("replay", "place", name=op.f("pk_incident_reason")),
    )
    op.create_table(
        "incident_step",
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("actions", JsonData, nullable=False),
        _of_an_incident("incident_step"),
        sa.PrimaryKeyConstraint("plan", "number", name=op.f("pk_incident_step")),
        sa.UniqueConstraint("plan", "person_id", name=op.f("uq_incident_step_plan_person_id")),
    )
    op.create_table(
        "incident_done",
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcomes", JsonData, nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("done_at", Instant(), nullable=False),
        _of_an_incident("incident_done"),
        sa.PrimaryKeyConstraint("incident_id", "person_id", name=op.f("pk_incident_done")),
        sa.UniqueConstraint("message_id", name=op.f("uq_incident_done_message_id")),
    )
    op.create_index("ix_incident_done_person_id", "incident_done", ["person_id"], unique=False)
    _create_job_tables()
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def _create_job_tables() -> None:
    op.create_table(
        "incident_job",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("correction", JsonData, nullable=False),
        sa.Column("place", JsonData, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('replay', 'apply')", name=op.f("incident_job_kind_known")),
        sa.CheckConstraint(
            "done >= 0 AND total >= 0 AND attempts >= 0", name=op.f("incident_job_is_counted")
        ),
        sa.CheckConstraint(
            "(leased_by IS NULL) = (leased_until IS NULL)", name=op.f("incident_job_lease_is_whole")
        ),
        _of_an_incident("incident_job"),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_incident_job")),
    )
    op.create_index(
        "uq_incident_job_under_way",
        "incident_job",
        ["incident_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_incident_job_incident_id", "incident_job", ["incident_id", "job_id"], unique=False)
    op.create_table(
        "incident_fact",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("facts", JsonData, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["incident_job.job_id"], name=op.f("fk_incident_fact_job_id")),
        sa.PrimaryKeyConstraint("job_id", "person_id", name=op.f("pk_incident_fact")),
    )
    op.create_index("ix_incident_fact_person_id", "incident_fact", ["person_id"], unique=False)


def _of_an_incident(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["incident_id"], ["incident.incident_id"], name=op.f(f"fk_{table}_incident_id")
    )


def drop_incident_tables() -> None:
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    for table in ("incident_fact", "incident_job"):
        op.drop_table(table)
    for table in ("incident_done", "incident_step", "incident_reason", "incident_line", "incident_event"):
        op.drop_table(table)
    op.drop_table("incident")
