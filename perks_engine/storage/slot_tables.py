"""The free units of hot campaigns, each a row of its own (see `migrations/slots_0001.py`)."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, row_number, table_of


class SlotRow(TableModel, table=True):
    """One free unit of a hot campaign: who takes it deletes it, and nobody else can. `place` is random, so
    that those who look for one do not all begin at the same."""

    __table_args__ = (Index("ix_slot_campaign_place", "campaign", "place"),)

    slot_id: int | None = row_number()
    campaign: str = Field(foreign_key="campaign.name")
    place: float = Field(sa_column=Column(Double, nullable=False))


slot = table_of(SlotRow)
