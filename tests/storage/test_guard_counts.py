"""Running counts of guards: side by side where it makes no difference, one after the other where it does."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from perks_engine.bootstrap import Application
from perks_engine.domain.guards import Counted, Tally
from perks_engine.services.records import GuardCount
from perks_engine.storage import tables
from perks_engine.storage.agreed import LANES
from perks_engine.storage.guards import PARTS
from tests.engine_room import PHONE, Room, in_brooklyn

HOUR = timedelta(hours=1)
SAYS_SO = "{claimed: New York City}"


def one(guard: int = 0, is_hit: bool = True, key: str = "", over: timedelta | None = None) -> GuardCount:
    return GuardCount(guard, Counted(is_hit, key), over)


def counted(room: Room, *counts: GuardCount) -> list[Tally]:
    with room.engine.store.write() as tx:
        tx.guards.enter(PHONE, alone=False)
        return tx.guards.add(PHONE, counts, room.clock())


@pytest.fixture
def opened(room: Room) -> Room:
    room.campaign()
    return room


def test_counts_add_up_and_are_kept_apart_by_guard_and_key(opened: Room) -> None:
    assert counted(opened, one(), one(1, is_hit=False)) == [Tally(1, 1), Tally(0, 1)]
    assert counted(opened, one(is_hit=False), one(2, key="here")) == [Tally(1, 2), Tally(1, 1)]
    assert counted(opened, one(2, key="there"), one(2, key="here")) == [Tally(1, 1), Tally(2, 2)]


def test_what_is_undone_was_not_counted(opened: Room) -> None:
    def fail() -> None:
        with opened.engine.store.write() as tx:
            tx.guards.enter(PHONE, alone=False)
            tx.guards.add(PHONE, [one()], opened.clock())
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert counted(opened, one()) == [Tally(1, 1)]


def test_a_span_forgets_in_parts(opened: Room) -> None:
    """What is looked at is between the span and a twelfth more."""
    assert counted(opened, one(over=HOUR)) == [Tally(1, 1)]
    opened.clock.move(minutes=59)
    assert counted(opened, one(over=HOUR)) == [Tally(2, 2)]
    opened.clock.move(minutes=7)
    assert counted(opened, one(over=HOUR)) == [Tally(2, 2)], "the first is 66 minutes old"
    opened.clock.move(days=1)
    assert counted(opened, one(over=HOUR)) == [Tally(1, 1)]


def test_a_clock_that_is_behind_takes_nothing_away(opened: Room) -> None:
    assert counted(opened, one(over=HOUR)) == [Tally(1, 1)]
    opened.clock.move(minutes=-65)
    counted(opened, one(over=HOUR))
    opened.clock.move(minutes=65)
    assert counted(opened, one(over=HOUR)) == [Tally(2, 2)]


def test_the_rows_do_not_grow_with_what_is_counted(opened: Room) -> None:
    for _ in range(3 * PARTS):
        counted(opened, one(), one(1, over=HOUR))
        opened.clock.move(minutes=5)
    with opened.engine.engine.connect() as connection:
        rows = connection.execute(select(func.count()).select_from(tables.guard_count)).scalar_one()
    assert rows == 1 + PARTS + 1


def test_counting_anew_forgets_all(opened: Room) -> None:
    counted(opened, one(), one(1, key="here"))
    with opened.engine.store.write() as tx:
        tx.guards.enter(PHONE, alone=True)
        tx.guards.start(PHONE, opened.clock())
    assert counted(opened, one(), one(1, key="here")) == [Tally(1, 1), Tally(1, 1)]


def test_those_beside_each_other_do_not_wait_and_do_not_see_each_other(opened: Room) -> None:
    with ExitStack() as under_way:
        writers = 1
        with opened.engine.store.read() as tx:
            if tx.guards.others:
                writers = 4
        for _ in range(writers):
            tx = under_way.enter_context(opened.engine.store.write())
            others = tx.guards.enter(PHONE, alone=False)
            assert others == tx.guards.others
            assert tx.guards.add(PHONE, [one()], opened.clock()) == [Tally(1, 1)]
    assert counted(opened, one()) == [Tally(writers + 1, writers + 1)]


def test_alone_waits_for_those_under_way_and_then_sees_them(opened: Room) -> None:
    found: list[Tally] = []
    is_asked = threading.Event()

    def alone() -> None:
        is_asked.set()
        with opened.engine.store.write() as tx:
            assert tx.guards.enter(PHONE, alone=True) == 0
            found.extend(tx.guards.add(PHONE, [one()], opened.clock()))

    waiting = threading.Thread(target=alone)
    with opened.engine.store.write() as tx:
        tx.guards.enter(PHONE, alone=False)
        tx.guards.add(PHONE, [one()], opened.clock())
        waiting.start()
        is_asked.wait()
        time.sleep(0.2)
        assert found == []
    waiting.join(30)
    assert found == [Tally(2, 2)]


def test_more_than_there_are_lanes_wait_for_one(opened: Room) -> None:
    with ThreadPoolExecutor(2 * LANES) as pool:
        list(pool.map(lambda _: counted(opened, one()), range(3 * LANES)))
    assert counted(opened, one()) == [Tally(3 * LANES + 1, 3 * LANES + 1)]


def claims_at_once(room: Room, people: list[str]) -> list[str]:
    """Everybody claims, from 16 threads on two engines; their outcomes."""
    second = Application(room.engine.settings, room.clock)
    engines = (room.engine, second)

    def claim(numbered: tuple[int, str]) -> str:
        number, person = numbered
        return str(engines[number % 2].claiming.claim(person, PHONE, "once")["outcome"])

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(claim, enumerate(people)))
    second.close()
    return outcomes


def test_a_count_is_crossed_by_one_however_many_claim_at_once(room: Room) -> None:
    room.campaign(guards="[{grants: {at_most: 40, over: 1h}}]")
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(100)]
    assert claims_at_once(room, people).count("granted") == 41
    assert room.engine.campaigning.show(PHONE)["paused_because"].startswith("41 people were granted within")


def test_a_share_is_crossed_by_one_however_many_claim_at_once(room: Room) -> None:
    """Of 120 people every sixth is unknown: too many from the fiftieth on, or as soon as they pile up."""
    room.campaign(guards="[{unknown_share: {at_most: 15%, after: 50}}]")
    people = [
        room.person(f"p{number}", SAYS_SO if number % 6 == 5 else in_brooklyn(number))
        for number in range(120)
    ]
    claims_at_once(room, people)
    [reading] = room.engine.campaigning.show(PHONE)["guards"]
    hits, total = reading["hits"], reading["total"]
    assert hits > 0.15 * total, "it is broken"
    was_healthy_before = total == 50 or hits - 1 <= 0.15 * (total - 1)
    assert was_healthy_before, f"{hits} of {total}: it was broken before the last one was counted"
    assert room.engine.campaigning.show(PHONE)["state"] == "paused"


def test_no_statement_of_a_claim_reads_a_whole_table(sqlite_room: Room) -> None:
    """So that a claim costs the same however many came before it."""
    room = sqlite_room
    room.campaign(
        guards="[{unknown_share: {at_most: 5%, over: 1h}}, {near_edge_share: {within: 1 km, at_most: 10%}},"
        " {source_share: {from: device, at_least: 1%}}, {same_point: {at_most: 5}},"
        " {grants: {at_most: 500, over: 1d}}]"
    )
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(3)]
    room.claim(people[0])
    seen: list[str] = []

    def note(statement: str) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            seen.append(statement)

    lent = room.engine.engine.raw_connection()
    driver: Any = lent.driver_connection
    driver.set_trace_callback(note)
    lent.close()
    room.claim(people[1])
    driver.set_trace_callback(None)
    assert len(seen) > 3, seen
    with room.engine.engine.connect() as connection:
        for statement in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            steps = [str(step[3]) for step in plan]
            scanned = {step.split()[1] for step in steps if step.startswith("SCAN")}
            # `listed` has one row; what is no table is what the statement has found itself.
            scans = [table for table in scanned if table in tables.metadata.tables and table != "listed"]
            assert scans == [], statement
        assert connection.execute(text("SELECT count(*) FROM guard_count")).scalar_one() > 0
