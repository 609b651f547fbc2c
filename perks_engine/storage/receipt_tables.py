"""The tables of evidence about receipt that is no entry of the ledger: what people say, and what came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from perks_engine.services.report_records import ReportState
from perks_engine.storage.table_model import TableModel, among, instant, long_text, row_number, table_of
from perks_engine.storage.types import RowNumber


class ReceiptDenialRow(TableModel, table=True):
    """The person says that they did not receive it; `entry_id` is what the ledger said of the unit when they
    did. Append-only: it moves nothing, and what follows from it is for others to decide."""

    __table_args__ = (Index("ix_receipt_denial_claim_id", "claim_id", "denial_id"),)

    denial_id: int | None = row_number()
    claim_id: str = Field(foreign_key="claim.claim_id")
    person_id: str
    entry_id: int = Field(sa_column=Column(RowNumber, ForeignKey("entry.entry_id"), nullable=False))
    said_at: datetime = instant()
    why: str = long_text()


class CarrierReportRow(TableModel, table=True):
    """A webhook of a carrier as it came in, what became of it, and why. What is refused, because nobody can
    have signed it so, is kept as well; what waits, until somebody has looked."""

    __table_args__ = (
        CheckConstraint(among("state", ReportState), name="carrier_report_state_known"),
        CheckConstraint(
            "state NOT IN ('waiting', 'refused', 'dismissed') OR (code <> '' AND why <> '')",
            name="carrier_report_says_why",
        ),
        Index("ix_carrier_report_state", "state", "report_id"),
        UniqueConstraint("source", "event_id"),
    )

    report_id: str = Field(primary_key=True)
    source: str
    event_id: str
    state: str
    code: str = ""
    why: str = long_text()
    tracking_number: str = ""
    carrier: str = ""
    status: str = ""
    occurred_at: datetime | None = instant(nullable=True)
    claim_id: str | None = Field(default=None, foreign_key="claim.claim_id")
    body: str = long_text()
    received_at: datetime = instant()
    settled_at: datetime | None = instant(nullable=True)
    settled_by: str = ""


class ClaimCodeRow(TableModel, table=True):
    """What a person shows at a door or a till: it stands for one claim."""

    code: str = Field(primary_key=True)
    claim_id: str = Field(foreign_key="claim.claim_id", unique=True)
    made_at: datetime = instant()


carrier_report = table_of(CarrierReportRow)
claim_code = table_of(ClaimCodeRow)
receipt_denial = table_of(ReceiptDenialRow)
