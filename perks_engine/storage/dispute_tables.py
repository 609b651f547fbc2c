"""The tables of disputes: the acts, which claim has an open one, and the files that were given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, text
from sqlmodel import Field

from perks_engine.services.dispute_records import Cause, DisputeAct
from perks_engine.storage.table_model import TableModel, among, instant, long_text, row_number, table_of
from perks_engine.storage.types import RowNumber


class DisputeEventRow(TableModel, table=True):
    """Append-only. `occurred_at` is when it was true, `recorded_at` when it became known: after every list
    that was given, as for entries, so that a list as of an instant never changes."""

    __table_args__ = (
        CheckConstraint(among("act", DisputeAct), name="dispute_act_known"),
        CheckConstraint(among("cause", Cause), name="dispute_cause_known"),
        CheckConstraint("words <> ''", name="dispute_says_why"),
        CheckConstraint("(act = 'upheld') = (correction IS NOT NULL)", name="upheld_dispute_is_corrected"),
        CheckConstraint("occurred_at <= recorded_at", name="dispute_is_not_of_the_future"),
        Index(
            "uq_dispute_event_opened_once",
            "dispute_id",
            unique=True,
            sqlite_where=text("act = 'opened'"),
            postgresql_where=text("act = 'opened'"),
        ),
        Index(
            "uq_dispute_event_ended_once",
            "dispute_id",
            unique=True,
            sqlite_where=text("act <> 'opened'"),
            postgresql_where=text("act <> 'opened'"),
        ),
        Index("ix_dispute_event_claim_id", "claim_id"),
        Index("ix_dispute_event_person_id", "person_id"),
    )

    event_id: int | None = row_number()
    dispute_id: str
    act: str
    claim_id: str = Field(foreign_key="claim.claim_id")
    entry_id: int = Field(sa_column=Column(RowNumber, ForeignKey("entry.entry_id"), nullable=False))
    person_id: str
    campaign: str = Field(foreign_key="campaign.name")
    cause: str
    words: str = long_text()
    acted_by: str
    occurred_at: datetime = instant()
    recorded_at: datetime = instant()
    correction: int | None = Field(
        default=None, sa_column=Column(RowNumber, ForeignKey("entry.entry_id"), nullable=True)
    )


class OpenDisputeRow(TableModel, table=True):
    """Which claims have an open dispute: at most one each. Gone when it ends."""

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    dispute_id: str = Field(unique=True)


class DisputeFileRow(TableModel, table=True):
    """A file given with a dispute; its bytes lie elsewhere, under `stored_as`. Append-only."""

    __table_args__ = (Index("ix_dispute_file_dispute_id", "dispute_id", "file_id"),)

    file_id: str = Field(primary_key=True)
    dispute_id: str
    name: str
    kind: str
    size: int
    sha256: str
    stored_as: str = Field(unique=True)
    given_by: str
    recorded_at: datetime = instant()


dispute_event = table_of(DisputeEventRow)
open_dispute = table_of(OpenDisputeRow)
dispute_file = table_of(DisputeFileRow)
