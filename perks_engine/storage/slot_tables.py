"""The free units of campaigns: a number, or, of hot ones, each a row of its own (see
`migrations/slots_0001.py`)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Double, Index
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, row_number, table_of


class StockRow(TableModel, table=True):
    """How many units of a campaign are free, and how many one person may have. Those of a `hot` one lie in
    slots instead (PostgreSQL only)."""

    __table_args__ = (
        CheckConstraint("units >= 0", name="stock_not_below_zero"),
        CheckConstraint("units = 0 OR NOT hot", name="hot_stock_lies_in_slots"),
    )

    campaign: str = Field(primary_key=True, foreign_key="campaign.name")
    units: int
    per_person: int
    hot: bool = False


class SlotRow(TableModel, table=True):
    """One free unit of a hot campaign: who takes it deletes it, and nobody else can. `place` is random, so
    that those who look for one do not all begin at the same."""

    __table_args__ = (Index("ix_slot_campaign_place", "campaign", "place"),)

    slot_id: int | None = row_number()
    campaign: str = Field(foreign_key="campaign.name")
    place: float = Field(sa_column=Column(Double, nullable=False))


stock = table_of(StockRow)
slot = table_of(SlotRow)
