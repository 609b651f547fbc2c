"""The tables of what staff saw of posts, and of what was done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field

from perks_engine.services.judgement_records import Outcome, RemedyStep
from perks_engine.storage.table_model import TableModel, among, instant, json_data, long_text, table_of
from perks_engine.storage.types import RowNumber


class JudgementRow(TableModel, table=True):
    """Append-only: who judged which post, when and how. Whoever looks again adds another."""

    __table_args__ = (
        CheckConstraint(among("outcome", Outcome), name="judgement_outcome_known"),
        Index("ix_judgement_post_id_judgement_id", "post_id", "judgement_id"),
        Index("ix_judgement_claim_id", "claim_id"),
    )

    judgement_id: str = Field(primary_key=True)
    post_id: int = Field(sa_column=Column(RowNumber, nullable=False))
    claim_id: str = Field(foreign_key="claim.claim_id")
    outcome: str
    failures: list[Any] = json_data()
    picture_id: str | None = None
    judged_by: str
    judged_at: datetime = instant()


class JudgementNoteRow(TableModel, table=True):
    """What was noted of it. It is never changed; erasure deletes it."""

    judgement_id: str = Field(primary_key=True, foreign_key="judgement.judgement_id")
    claim_id: str = Field(index=True)
    note: str = long_text()


class RemedyStepRow(TableModel, table=True):
    """Append-only: each step about a failing post is taken once; `message_id` is the letter that it was."""

    __table_args__ = (CheckConstraint(among("step", RemedyStep), name="remedy_step_known"),)

    judgement_id: str = Field(primary_key=True, foreign_key="judgement.judgement_id")
    step: str = Field(primary_key=True)
    claim_id: str = Field(index=True)
    message_id: str | None = None
    taken_at: datetime = instant()


judgement = table_of(JudgementRow)
judgement_note = table_of(JudgementNoteRow)
remedy_step = table_of(RemedyStepRow)
