"""Claims that are written together are counted by one call, however many were counted before."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text

from perks_engine.domain.guards import Counted
from perks_engine.services.records import Counting, GuardCount
from perks_engine.storage import tables
from perks_engine.storage.guard_beside import COUNT_BESIDE, groups
from tests.engine_room import PHONE, Room

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
OTHER = "other-launch"


def counting(room: Room, campaign: str, *counts: GuardCount, version: str = "") -> Counting:
    live = str(room.engine.campaigning.show(campaign)["version"])
    return Counting(campaign, version or live, counts, room.clock(), alone=False)


def one(guard: int = 0, key: str = "") -> GuardCount:
    return GuardCount(guard, Counted(True, key), None)


def test_each_campaign_is_told_its_own_sums_and_one_that_is_not_live_none(room: Room) -> None:
    room.campaign()
    room.campaign(campaign=OTHER)
    claims = [
        counting(room, PHONE, one(), one(1, "here")),
        counting(room, PHONE, one()),
        counting(room, OTHER, one()),
        counting(room, OTHER, one(), version="an older one"),
    ]
    for times in (1, 2):
        with room.engine.store.claim() as work:
            found = work.count(claims)
        sums = [None if one is None else [tally.total for tally in one] for one in found]
        assert sums == [[2 * times, times], [2 * times], [times], None]


def test_what_a_claim_reads_does_not_grow_with_those_that_were_counted(room: Room) -> None:
    """People on one point are counted apart, each point in a row of its own."""
    room.campaign()
    fetched = [_rows_read(room)]
    rows = [
        {"campaign": PHONE, "key": f"point {number}", "guard": 1, "place": 0, "lane": 0}
        | {"part": 0, "hits": 1, "total": 1}
        for number in range(3_000)
    ]
    with room.engine.engine.begin() as connection:
        connection.execute(insert(tables.guard_count), rows)
    fetched.append(_rows_read(room))
    assert fetched[1] <= fetched[0] + 10


def _rows_read(room: Room) -> int:
    told = {"groups": [group.values() for group in groups([counting(room, PHONE, one(), one(1, "here"))])]}
    read = text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'guard_count'"
    )
    with room.engine.engine.begin() as connection:
        before = int(connection.execute(read).scalar_one())
        COUNT_BESIDE.run(connection, told)
        return int(connection.execute(read).scalar_one()) - before
