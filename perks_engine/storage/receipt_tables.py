"""The tables of evidence about receipt that is no entry of the ledger: what people say, and what came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, long_text, row_number, table_of
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


receipt_denial = table_of(ReceiptDenialRow)
