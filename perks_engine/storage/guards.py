"""What guards count: running counts that move in the transaction of each claim.

A claim costs the same however many came before it: counts are added to, never counted again. Two claims at
the same time must not both miss that together they leave what is healthy, and a campaign must not become
one row that everybody waits for. On PostgreSQL (READ COMMITTED: each statement sees what was committed
before it began) the two go together like this:

1. Being counted is the last thing a claim does but for its ledger entry. Its transaction takes a lane of the
   campaign, a row that it locks until it commits: one that is free, so that nobody waits (`SKIP LOCKED`). A
   campaign has `LANES` lanes, and of `MOST_TOGETHER` claims at most is one transaction, so that there are
   never more than `OTHERS` whose counts a claim cannot see yet.
2. It adds to the counts of its own lane, which nobody else writes, and reads the sums over all lanes.
3. Were that many others of the worst kind enough to leave what is healthy, the transaction is undone and done
   again alone: it takes all lanes, in their order, and so waits for those under way and keeps the next ones
   waiting. What it reads then is exact. Where several claims of it leave what is healthy, each is written
   once more by itself, alone. Only so is a campaign paused.

So whoever reads the sums last has either seen everybody, or knows that those not seen do not matter: no
crossing is missed, the claim that crosses is the last one granted, and as long as a guard is far from its
limit claims run side by side. Who waited for a lane looks at the campaign once more (`seen`): if it was
paused meanwhile, the claim is decided again. People on one point are counted in one row for each point,
whatever the lane, for that row is shared only by people on that point.

SQLite lets one writer in at a time, so that each sees all that were counted before.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.guards import Guard, Tally
from perks_engine.services.claim_ports import MOST_TOGETHER
from perks_engine.services.records import ClaimOutcome, Decision, GuardCount, Seen
from perks_engine.storage import tables
from perks_engine.storage.agreed import LANES

OTHERS = LANES * MOST_TOGETHER - 1
"""So many claims of a campaign may be counted at the same time, on PostgreSQL, without being seen."""

PARTS = 12
"""A span is counted in so many parts: what is looked at is between the span and a twelfth more."""

_RING = PARTS + 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_count, _lane = tables.guard_count, tables.guard_lane


class SqlGuardBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._side_by_side = connection.dialect.name == "postgresql"
        self._mine = 0

    @property
    def others(self) -> int:
        """How many may be counted at the same time without being seen by one that is not alone."""
        return OTHERS if self._side_by_side else 0

    def start(self, campaign: str, now: datetime) -> None:
        """Count anew from now on; the caller is alone."""
        insert = postgresql.insert if self._side_by_side else sqlite.insert
        lanes = [{"campaign": campaign, "lane": lane} for lane in range(LANES if self._side_by_side else 1)]
        self._connection.execute(insert(_lane).on_conflict_do_nothing(), lanes)
        self.forget(campaign)
        self._connection.execute(
            update(tables.campaign).where(tables.campaign.c.name == campaign).values(counted_from=now)
        )

    def forget(self, campaign: str) -> None:
        """Forget what was counted; the caller is alone."""
        self._connection.execute(delete(_count).where(_count.c.campaign == campaign))

    def enter(self, campaign: str, alone: bool) -> int:
        """Lock a lane of the campaign, or all of them, until the transaction ends; returns how many others
        may be counted at the same time without being seen here."""
        if not self._side_by_side:
            return 0
        if alone:
            self._connection.execute(_ALL_LANES, {"campaign": campaign}).all()
            self._mine = 0
            return 0
        free = self._connection.execute(_FREE_LANE, {"campaign": campaign}).scalar_one_or_none()
        if free is None:
            free = secrets.randbelow(LANES)
            self._connection.execute(_THIS_LANE, {"campaign": campaign, "lane": free}).all()
        self._mine = free
        return OTHERS

    def seen(self, decision: Decision) -> Seen:
        """The campaign as it is now, and when the same person came to the same before, since it counts."""
        found = self._connection.execute(
            _SEEN,
            {
                "campaign": decision.campaign,
                "person": decision.person_id,
                "verdict": decision.verdict.value,
                "purpose": decision.purpose,
                "this": decision.decision_id,
            },
        ).one()
        return Seen(CampaignState(found.state), found.version, found.decided_at, found.granted_at)

    def add(self, campaign: str, counts: Sequence[GuardCount], now: datetime) -> list[Tally]:
        """Count one person for each of these guards; returns what each has counted with it."""
        rows = [counted_row(campaign, one, self._mine, now) for one in counts]
        # In one order, so that two claims never wait for each other.
        upsert = UPSERT[self._connection.dialect.name]
        self._connection.execute(upsert, sorted(rows, key=lambda row: (row["key"], row["guard"])))
        keys = sorted({"", *(row["key"] for row in rows)})
        found = by_place(self._connection.execute(_SUMS, {"campaign": campaign, "keys": keys}).all())
        return [tally_of(found, one, now) for one in counts]

    def tallies(self, campaign: str, guards: Sequence[Guard], now: datetime) -> list[tuple[str, Tally]]:
        """What each guard has counted, and of what is counted apart the most, with its key."""
        found = by_place(self._connection.execute(_SUMS, {"campaign": campaign, "keys": [""]}).all())
        most = {
            row.guard: (row.key, Tally(row.hits, row.total))
            for row in self._connection.execute(_MOST, {"campaign": campaign})
        }
        return [
            most.get(place) or ("", _added_up(found.get((place, ""), ()), guard.over, now))
            for place, guard in enumerate(guards)
        ]


def counted_row(campaign: str, one: GuardCount, lane: int, now: datetime) -> dict[str, Any]:
    """One person as a row to be added to what was counted; people on one point share one, in any lane."""
    part = _part(one.over, now)
    return {
        "campaign": campaign,
        "key": one.counted.key,
        "guard": one.guard,
        "place": part % _RING,
        "lane": 0 if one.counted.key else lane,
        "part": part,
        "hits": int(one.counted.is_hit),
        "total": 1,
    }


@lru_cache(1_000)
def _part(over: timedelta | None, now: datetime) -> int:
    """The number, since 1970, of the part of the span that `now` falls into; 0 for the whole run. Kept, for
    claims that come together are counted at one moment."""
    return 0 if over is None else (now - _EPOCH) * PARTS // over


Parts = list[tuple[int, int, int]]
"""Of what a guard counted under a key: each part with its hits and its total."""


def by_place(sums: Sequence[Sequence[Any]]) -> dict[tuple[int, str], Parts]:
    """Rows of guard, key, part, hits and total, by guard and key."""
    found: dict[tuple[int, str], Parts] = {}
    for guard, key, part, hits, total in sums:
        found.setdefault((guard, key), []).append((part, hits, total))
    return found


def tally_of(found: Mapping[tuple[int, str], Parts], one: GuardCount, now: datetime) -> Tally:
    """What the guard has counted, of what `by_place` found."""
    return _added_up(found.get((one.guard, one.counted.key), ()), one.over, now)


def _added_up(parts: Sequence[tuple[int, int, int]], over: timedelta | None, now: datetime) -> Tally:
    """Those parts that are still looked at."""
    oldest = 0 if over is None else _part(over, now) - PARTS
    hits = total = 0
    for part, some, all_of_it in parts:
        if part >= oldest:
            hits, total = hits + some, total + all_of_it
    return Tally(hits, total)


_LANES = select(_lane.c.lane).where(_lane.c.campaign == bindparam("campaign")).order_by(_lane.c.lane)
_ALL_LANES = _LANES.with_for_update()
_FREE_LANE = _LANES.limit(1).with_for_update(skip_locked=True)
_THIS_LANE = _LANES.where(_lane.c.lane == bindparam("lane")).with_for_update()


def _upsert(insert: Any) -> Any:
    """A place of the ring that holds an older part is begun anew; one that holds a later one (of a process
    whose clock is ahead) is left."""
    row = insert(_count).values({one.name: bindparam(one.name, type_=one.type) for one in _count.columns})
    new, old = row.excluded, _count.c
    added = {
        name: case(
            (old.part == new.part, old[name] + new[name]), (old.part < new.part, new[name]), else_=old[name]
        )
        for name in ("hits", "total")
    }
    later = case((old.part < new.part, new.part), else_=old.part)
    return row.on_conflict_do_update(
        index_elements=["campaign", "key", "guard", "place", "lane"], set_={**added, "part": later}
    )


UPSERT = {"postgresql": _upsert(postgresql.insert), "sqlite": _upsert(sqlite.insert)}

_SUMS = (
    select(
        *(_count.c.guard, _count.c.key, _count.c.part),
        func.sum(_count.c.hits).label("hits"),
        func.sum(_count.c.total).label("total"),
    )
    .where(_count.c.campaign == bindparam("campaign"), _count.c.key.in_(bindparam("keys", expanding=True)))
    .group_by(_count.c.guard, _count.c.key, _count.c.part)
)

_ranked = (
    select(
        *(_count.c.guard, _count.c.key, _count.c.hits, _count.c.total),
        func.row_number().over(partition_by=_count.c.guard, order_by=_count.c.total.desc()).label("rank"),
    )
    .where(_count.c.campaign == bindparam("campaign"), _count.c.key != "")
    .subquery()
)
_MOST = select(_ranked).where(_ranked.c.rank == 1)

_decision, _claim, _campaign = tables.decision, tables.claim, tables.campaign
_decided_at = (
    select(_decision.c.decided_at)
    .where(
        _decision.c.person_id == bindparam("person"),
        _decision.c.campaign == _campaign.c.name,
        _decision.c.verdict == bindparam("verdict"),
        _decision.c.purpose == bindparam("purpose"),
        _decision.c.decided_at >= _campaign.c.counted_from,
        _decision.c.decision_id != bindparam("this"),
    )
    .order_by(_decision.c.decided_at.desc())
    .limit(1)
    .correlate(_campaign)
    .scalar_subquery()
)
_granted_at = (
    select(_claim.c.created_at)
    .where(
        _claim.c.person_id == bindparam("person"),
        _claim.c.campaign == _campaign.c.name,
        _claim.c.outcome == ClaimOutcome.GRANTED.value,
        _claim.c.created_at >= _campaign.c.counted_from,
        _claim.c.decision_id != bindparam("this"),
    )
    .order_by(_claim.c.created_at.desc())
    .limit(1)
    .correlate(_campaign)
    .scalar_subquery()
)
_SEEN = select(
    *(_campaign.c.state, _campaign.c.version),
    _decided_at.label("decided_at"),
    _granted_at.label("granted_at"),
).where(_campaign.c.name == bindparam("campaign"))
