"""The tables of incidents. All but the reasons in words are only ever appended to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from perks_engine.services.incident_job_records import JobKind
from perks_engine.services.incident_records import IncidentAct
from perks_engine.storage.table_model import (
    TableModel,
    among,
    instant,
    json_data,
    long_text,
    row_number,
    table_of,
)


class IncidentRow(TableModel, table=True):
    """What was wrong, over which decisions; append-only."""

    __table_args__ = (
        CheckConstraint("wrong <> ''", name="incident_says_what_was_wrong"),
        CheckConstraint(
            "campaign IS NOT NULL OR source IS NOT NULL OR since IS NOT NULL OR until IS NOT NULL",
            name="incident_has_a_scope",
        ),
        CheckConstraint("(campaign IS NULL) = (brand IS NULL)", name="incident_is_of_the_campaigns_brand"),
    )

    incident_id: str = Field(primary_key=True)
    brand: str | None = Field(default=None, index=True)
    campaign: str | None = Field(default=None, foreign_key="campaign.name")
    version: str | None = Field(default=None, foreign_key="campaign_version.version")
    source: str | None = None
    since: datetime | None = instant(nullable=True)
    until: datetime | None = instant(nullable=True)
    wrong: str = long_text()
    opened_by: str
    opened_at: datetime = instant()


class IncidentEventRow(TableModel, table=True):
    """Who replayed, planned, approved and applied; append-only. A replay or a plan counts once it stands
    here: what a run that was cut short left behind does not."""

    __table_args__ = (
        CheckConstraint(among("act", IncidentAct), name="incident_act_known"),
        UniqueConstraint("act", "subject"),
        Index(
            "uq_incident_event_applied_once",
            "incident_id",
            unique=True,
            sqlite_where=text("act = 'applied'"),
            postgresql_where=text("act = 'applied'"),
        ),
        Index("ix_incident_event_incident_id", "incident_id", "event_id"),
    )

    event_id: int | None = row_number()
    incident_id: str = Field(foreign_key="incident.incident_id")
    act: str
    subject: str
    acted_by: str
    acted_at: datetime = instant()
    numbers: dict[str, Any] = json_data()


class IncidentLineRow(TableModel, table=True):
    """A decision that a replay brought out otherwise; append-only, so it holds codes and no words."""

    __table_args__ = (Index("ix_incident_line_replay_person_id", "replay", "person_id", "place"),)

    replay: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incident.incident_id")
    decision_id: str = Field(foreign_key="decision.decision_id")
    claim_id: str | None = None
    person_id: str
    campaign: str
    version: str
    decided_at: datetime = instant()
    was: str
    now: str
    was_codes: list[Any] = json_data()
    now_codes: list[Any] = json_data()
    harms: list[Any] = json_data()
    messages: list[Any] = json_data()
    exports: list[Any] = json_data()


class IncidentReasonRow(TableModel, table=True):
    """The reasons of a line in words, which name what is known of a person. Erasure deletes them."""

    replay: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    was: list[Any] = json_data()
    now: list[Any] = json_data()


class IncidentStepRow(TableModel, table=True):
    """What a plan does for one person; append-only."""

    __table_args__ = (UniqueConstraint("plan", "person_id"),)

    plan: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incident.incident_id")
    person_id: str
    actions: list[Any] = json_data()


class IncidentDoneRow(TableModel, table=True):
    """What was done for a person: once for each incident, with one letter; append-only."""

    __table_args__ = (Index("ix_incident_done_person_id", "person_id"),)

    incident_id: str = Field(primary_key=True, foreign_key="incident.incident_id")
    person_id: str = Field(primary_key=True)
    plan: str
    number: int
    outcomes: list[Any] = json_data()
    message_id: str | None = Field(default=None, unique=True)
    done_at: datetime = instant()


class IncidentJobRow(TableModel, table=True):
    """How far a replay or the application of a plan is. Of an incident one is under way at a time."""

    __table_args__ = (
        CheckConstraint(among("kind", JobKind), name="incident_job_kind_known"),
        CheckConstraint("done >= 0 AND total >= 0 AND attempts >= 0", name="incident_job_is_counted"),
        CheckConstraint("(leased_by IS NULL) = (leased_until IS NULL)", name="incident_job_lease_is_whole"),
        Index(
            "uq_incident_job_under_way",
            "incident_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_incident_job_incident_id", "incident_id", "job_id"),
    )

    job_id: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incident.incident_id")
    kind: str
    subject: str
    asked_by: str
    asked_at: datetime = instant()
    correction: dict[str, Any] = json_data()
    place: dict[str, Any] = json_data()
    done: int
    total: int
    attempts: int
    started_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    error: str
    why: str = long_text()
    leased_by: str | None = None
    leased_until: datetime | None = instant(nullable=True)


class IncidentFactRow(TableModel, table=True):
    """What a replay takes for right about somebody, until it has ended. Erasure deletes it."""

    __table_args__ = (Index("ix_incident_fact_person_id", "person_id"),)

    job_id: str = Field(primary_key=True, foreign_key="incident_job.job_id")
    person_id: str = Field(primary_key=True)
    facts: list[Any] = json_data()


incident = table_of(IncidentRow)
incident_event = table_of(IncidentEventRow)
incident_line = table_of(IncidentLineRow)
incident_reason = table_of(IncidentReasonRow)
incident_step = table_of(IncidentStepRow)
incident_done = table_of(IncidentDoneRow)
incident_job = table_of(IncidentJobRow)
incident_fact = table_of(IncidentFactRow)
