"""The table of steps that were taken while no post was on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from perks_engine.services.duty_records import Step
from perks_engine.storage.table_model import TableModel, among, instant, table_of


class DutyStepRow(TableModel, table=True):
    """Append-only: each step is taken once, and `message_id` is the letter that it was."""

    __table_args__ = (
        CheckConstraint(among("step", Step), name="duty_step_known"),
        CheckConstraint("number >= 1", name="duty_step_is_counted"),
        CheckConstraint("step <> 'escalation' OR number = 1", name="duty_is_escalated_once"),
    )

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    step: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    message_id: str
    taken_at: datetime = instant()


duty_step = table_of(DutyStepRow)
