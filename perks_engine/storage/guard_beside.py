"""Counting claims side by side with others (see `storage.guards` for how the counts move): those of a
campaign that are written together in one call, for their counts are added up first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, bindparam, func, select

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.guards import Tally
from perks_engine.services.records import Counting
from perks_engine.storage import tables
from perks_engine.storage.guards import UPSERT, Parts, by_place, counted_row, tally_of
from perks_engine.storage.prepared import Prepared, Send
from perks_engine.storage.types import JsonData

_count, _campaign = tables.guard_count.c, tables.campaign.c
_CAMPAIGN, _VERSION = bindparam("campaign", type_=String), bindparam("version", type_=String)

COUNT_BESIDE = Prepared(select(func.count_beside(bindparam("groups", type_=JsonData)).label("sums")))
"""On PostgreSQL: takes a lane of each group's campaign, or all of them, and counts in it; the sums of each
group, or null where its campaign is no longer open with that version."""

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


@dataclass(frozen=True, slots=True)
class Group:
    """Claims of one campaign under one version, to be counted at one moment; `rows` are their counts. They
    are counted `alone` where one of them has to be."""

    campaign: str
    version: str
    alone: bool
    rows: tuple[dict[str, Any], ...]

    def values(self) -> dict[str, Any]:
        """For `COUNT_BESIDE`."""
        named = {"campaign": self.campaign, "version": self.version, "alone": self.alone}
        return {**named, "counted": self.rows}


def groups(claims: Sequence[Counting]) -> list[Group]:
    """In the order in which every transaction takes its lanes."""
    found: dict[tuple[str, str], list[Counting]] = {}
    for one in claims:
        found.setdefault((one.campaign, one.version), []).append(one)
    alone = {one.campaign for one in claims if one.alone}
    return [Group(*live, live[0] in alone, _added_up(found[live])) for live in sorted(found)]


def _added_up(claims: Sequence[Counting]) -> tuple[dict[str, Any], ...]:
    """A row for each place of the counts, for none can be added to twice by one statement. Where a place of
    the ring comes round meanwhile, the older part is forgotten, as by those who count later."""
    rows: dict[tuple[str, int, int], dict[str, Any]] = {}
    for claim in claims:
        for one in claim.counts:
            row = counted_row(claim.campaign, one, 0, claim.at)
            place = (row["key"], row["guard"], row["place"])
            known = rows.setdefault(place, row)
            if known is row or known["part"] > row["part"]:
                continue
            if known["part"] < row["part"]:
                rows[place] = row
            else:
                known["hits"] += row["hits"]
                known["total"] += row["total"]
    return tuple(rows[place] for place in sorted(rows))


def count_on_sqlite(send: Send, group: Group) -> list[Sequence[Any]] | None:
    """The same as `COUNT_BESIDE`, where whoever writes is alone."""
    live = {"campaign": group.campaign, "version": group.version, "state": CampaignState.OPEN.value}
    if send(_LIVE, live).fetchone() is None:
        return None
    for row in group.rows:
        send(_ADD, row)
    keys = sorted({"", *(row["key"] for row in group.rows)})
    return list(send(_SUMS, {"campaign": group.campaign, "keys": keys}).fetchall())


def tallies_beside(
    claims: Sequence[Counting], counted: Sequence[Group], sums: Sequence[Sequence[Sequence[Any]] | None]
) -> list[list[Tally] | None]:
    """What each guard of each claim has counted; `sums` are what was found for these groups."""
    found = {
        (group.campaign, group.version): None if one is None else by_place(one)
        for group, one in zip(counted, sums, strict=True)
    }
    return [_tallies(claim, found[claim.campaign, claim.version]) for claim in claims]


def _tallies(claim: Counting, found: Mapping[tuple[int, str], Parts] | None) -> list[Tally] | None:
    return None if found is None else [tally_of(found, one, claim.at) for one in claim.counts]
