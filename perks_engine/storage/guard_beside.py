"""Counting a claim side by side with others, in one call (see `storage.guards` for how the counts move)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, func, select

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.guards import Tally
from perks_engine.services.records import GuardCount
from perks_engine.storage import tables
from perks_engine.storage.guards import UPSERT, counted_row, oldest_part, tally_of
from perks_engine.storage.prepared import Prepared, Send
from perks_engine.storage.types import JsonData


class _Sum(NamedTuple):
    guard: int
    key: str
    part: int
    hits: int
    total: int


_count, _campaign = tables.guard_count.c, tables.campaign.c
_CAMPAIGN, _VERSION = bindparam("campaign", type_=String), bindparam("version", type_=String)

COUNT_BESIDE = Prepared(
    select(func.count_beside(_CAMPAIGN, _VERSION, bindparam("counted", type_=JsonData)).label("sums"))
)
"""On PostgreSQL: takes a lane and counts in it; the sums, or null where the campaign is no longer open with
that version."""

_LIVE = Prepared(
    select(_campaign.name).where(
        _campaign.name == _CAMPAIGN,
        _campaign.version == _VERSION,
        _campaign.state == bindparam("state", type_=String),
    )
)
_ADD = Prepared(UPSERT["sqlite"])
_keys = func.json_each(bindparam("keys", type_=JsonData)).table_valued("value")
_SUMS = Prepared(
    select(_count.guard, _count.key, _count.part, func.sum(_count.hits), func.sum(_count.total))
    .where(_count.campaign == _CAMPAIGN, _count.key.in_(select(_keys.c.value)))
    .group_by(_count.guard, _count.key, _count.part)
)


def beside_values(campaign: str, version: str, counts: Sequence[GuardCount], now: datetime) -> dict[str, Any]:
    counted = [counted_row(campaign, one, 0, now) for one in counts]
    return {"campaign": campaign, "version": version, "counted": counted}


def count_on_sqlite(
    send: Send, campaign: str, version: str, counts: Sequence[GuardCount], now: datetime
) -> list[Sequence[Any]] | None:
    """The same, where whoever writes is alone."""
    state = CampaignState.OPEN.value
    if send(_LIVE, {"campaign": campaign, "version": version, "state": state}).fetchone() is None:
        return None
    for one in counts:
        send(_ADD, counted_row(campaign, one, 0, now))
    keys = sorted({"", *(one.counted.key for one in counts)})
    return list(send(_SUMS, {"campaign": campaign, "keys": keys}).fetchall())


def tallies_beside(sums: Sequence[Sequence[Any]], counts: Sequence[GuardCount], now: datetime) -> list[Tally]:
    """What each of the guards has counted."""
    rows = [_Sum(*one) for one in sums]
    return [tally_of(rows, one.guard, one.counted.key, oldest_part(one.over, now)) for one in counts]
