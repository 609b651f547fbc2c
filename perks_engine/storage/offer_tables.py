"""The tables of offers: runs, and who heard of what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, table_of


class OfferRunRow(TableModel, table=True):
    """One of a campaign at a time."""

    __table_args__ = (
        CheckConstraint("offered >= 0 AND passed_over >= 0", name="offers_are_counted"),
        Index(
            "uq_offer_run_under_way",
            "campaign",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    run_id: str = Field(primary_key=True)
    campaign: str = Field(foreign_key="campaign.name", index=True)
    asked_by: str
    asked_at: datetime = instant()
    reached: str
    offered: int
    passed_over: int
    waits_for: str
    ended_at: datetime | None = instant(nullable=True)


class OfferRow(TableModel, table=True):
    """Append-only: a person hears of a campaign once."""

    campaign: str = Field(primary_key=True, foreign_key="campaign.name")
    person_id: str = Field(primary_key=True, index=True)
    run_id: str = Field(foreign_key="offer_run.run_id")
    decision_id: str = Field(foreign_key="decision.decision_id")
    message_id: str
    offered_at: datetime = instant()


offer_run = table_of(OfferRunRow)
offer = table_of(OfferRow)
