"""The tables of feedback: who was asked, every version of what was said, and the words apart from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint
from sqlmodel import Field

from perks_engine.services.feedback_records import FeedbackAct
from perks_engine.storage.table_model import TableModel, among, instant, long_text, table_of
from perks_engine.storage.types import RowNumber


class FeedbackRequestRow(TableModel, table=True):
    """Append-only: a recipient is asked once about a unit, and on which receipt and consent that rested."""

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    message_id: str
    entry_id: int = Field(sa_column=Column(RowNumber, ForeignKey("entry.entry_id"), nullable=False))
    consented_at: datetime = instant()
    asked_at: datetime = instant()
    decision_id: str = Field(foreign_key="decision.decision_id")


class FeedbackVersionRow(TableModel, table=True):
    """Append-only: a change is a further version. It says of nobody more than that a claim has one."""

    __table_args__ = (
        CheckConstraint(among("act", FeedbackAct), name="feedback_act_known"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="feedback_rating_is_one_of_five"),
        CheckConstraint("number >= 1", name="feedback_is_counted"),
        CheckConstraint(
            "act = 'answered' OR (rating IS NULL AND NOT has_words)", name="withdrawn_feedback_says_nothing"
        ),
    )

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    number: int = Field(primary_key=True)
    act: str
    rating: int | None = None
    has_words: bool
    through: str
    said_at: datetime = instant()


class FeedbackWordsRow(TableModel, table=True):
    """What a version says. It is never changed; erasure deletes it."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["claim_id", "number"], ["feedback_version.claim_id", "feedback_version.number"]
        ),
        CheckConstraint("words <> ''", name="feedback_words_are_some"),
    )

    claim_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    words: str = long_text()


feedback_request = table_of(FeedbackRequestRow)
feedback_version = table_of(FeedbackVersionRow)
feedback_words = table_of(FeedbackWordsRow)
