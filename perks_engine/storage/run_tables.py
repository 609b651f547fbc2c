"""The tables of a campaign's run: who did what with it, what its guards count, and who is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, SmallInteger
from sqlmodel import Field

from perks_engine.domain.campaign import CampaignAct
from perks_engine.storage.table_model import TableModel, among, instant, long_text, row_number, table_of
from perks_engine.storage.types import JsonData


class CampaignEventRow(TableModel, table=True):
    """Who opened, paused, resumed or closed a campaign, when and why; append-only. A pause may go before its
    reason, which then is a row of its own. `numbers` are what a
    guard had counted when it paused the campaign."""

    __table_args__ = (
        CheckConstraint(among("act", CampaignAct), name="campaign_act_known"),
        CheckConstraint("act NOT IN ('explained', 'resumed') OR why <> ''", name="resumption_says_why"),
        Index("ix_campaign_event_campaign_event_id", "campaign", "event_id"),
    )

    event_id: int | None = row_number()
    campaign: str = Field(foreign_key="campaign.name")
    act: str
    state: str
    version: str | None = None
    acted_by: str
    acted_at: datetime = instant()
    why: str = long_text()
    numbers: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonData, nullable=True))


class GuardLaneRow(TableModel, table=True):
    """What a claim locks while it is counted (see `storage.guards`)."""

    campaign: str = Field(primary_key=True, foreign_key="campaign.name")
    lane: int = Field(primary_key=True, sa_type=SmallInteger)


class GuardCountRow(TableModel, table=True):
    """What a guard has counted since the campaign was opened or resumed.

    `guard` is its place in the campaign's version, `key` tells apart what is counted apart (a point). A
    span is counted in parts: `place` is a part's place in a ring, `part` the number of the part since 1970
    that it holds now; both are 0 for what is counted over the whole run.
    """

    campaign: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    guard: int = Field(primary_key=True, sa_type=SmallInteger)
    place: int = Field(primary_key=True, sa_type=SmallInteger)
    lane: int = Field(primary_key=True, sa_type=SmallInteger)
    part: int = Field(sa_column=Column(BigInteger, nullable=False))
    hits: int
    total: int


class ContactRow(TableModel, table=True):
    """A member of a brand's staff, who is told when one of its campaigns is paused by a guard."""

    brand: str = Field(primary_key=True)
    email: str = Field(primary_key=True)
    name: str = ""
    added_by: str
    added_at: datetime = instant()


campaign_event = table_of(CampaignEventRow)
guard_lane = table_of(GuardLaneRow)
guard_count = table_of(GuardCountRow)
contact = table_of(ContactRow)
