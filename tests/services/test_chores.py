"""What the clock asks for is done once, by one process, however many there are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from perks_engine.bootstrap import Application
from perks_engine.domain.campaign import CampaignAct, CampaignState
from perks_engine.jobs import start_scheduler
from perks_engine.services.chores import Chores
from perks_engine.services.records import CampaignEvent
from tests.engine_room import PHONE, Room


@pytest.fixture
def chores_of(room: Room) -> Iterator[Callable[[str], Chores]]:
    """The chores of a process of its own, with its own connections."""
    engines: list[Application] = []

    def make(holder: str) -> Chores:
        engine = Application(room.engine.settings, room.clock)
        engines.append(engine)
        return replace(engine.chores, holder=holder)

    yield make
    for engine in engines:
        engine.close()


def test_a_reservation_that_ran_out_goes_back_to_stock(room: Room) -> None:
    room.campaign(quantity="1")
    ana, bo = room.person("ana"), room.person("bo")
    claim = str(room.claim(ana)["claim"])
    room.clock.move(hours=47)
    assert room.engine.fulfilling.expire_reservations() == 0
    room.clock.move(hours=1)
    assert room.engine.fulfilling.expire_reservations() == 1
    assert room.engine.fulfilling.expire_reservations() == 0
    with room.engine.store.read() as tx:
        last = tx.ledger.entries(claim)[-1]
    assert (last.move, last.note) == ("expire", "the reservation ran out")
    room.person(bo)  # a fresh location
    assert room.claim(bo)["outcome"] == "granted"


def test_what_was_shipped_does_not_expire(room: Room) -> None:
    room.campaign()
    claim = str(room.claim(room.person("ana"))["claim"])
    room.record(claim, "ship")
    room.clock.move(days=10)
    assert room.engine.fulfilling.expire_reservations() == 0


def test_a_campaign_opens_and_closes_by_its_window(room: Room) -> None:
    room.clock.move(days=-3)
    room.campaign()
    state = lambda: room.engine.campaigning.show(PHONE)["state"]  # noqa: E731
    assert state() == "scheduled"
    assert room.engine.campaigning.keep_the_calendar() == 0
    room.clock.move(days=3)
    assert room.engine.campaigning.keep_the_calendar() == 1
    assert state() == "open"
    room.clock.move(days=20)
    assert room.engine.campaigning.keep_the_calendar() == 1
    assert state() == "closed"


def test_one_of_several_processes_holds_the_lease_and_another_takes_it_over(
    room: Room, chores_of: Callable[[str], Chores]
) -> None:
    one, other = chores_of("one"), chores_of("other")
    assert one.run("expiry") == 0
    assert other.run("expiry") is None
    assert one.run("expiry") == 0
    room.clock.move(seconds=61)
    assert other.run("expiry") == 0
    assert one.run("expiry") is None


def test_of_many_at_the_same_moment_one_runs(chores_of: Callable[[str], Chores]) -> None:
    everybody = [chores_of(f"process {number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda chores: chores.run("calendar"), everybody))
    assert sum(one is not None for one in done) == 1


def test_the_scheduler_runs_the_chores(room: Room) -> None:
    room.campaign()
    room.claim(room.person("ana"))
    room.clock.move(hours=49)
    scheduler = start_scheduler(room.engine, every_s=0.05)
    try:
        for _ in range(200):
            if room.engine.campaigning.show(PHONE)["free_units"] == 500:
                break
            time.sleep(0.05)
    finally:
        scheduler.shutdown()
    assert room.engine.campaigning.show(PHONE)["free_units"] == 500


def test_a_backlog_of_reservations_is_worked_off_in_one_run(
    room: Room, chores_of: Callable[[str], Chores]
) -> None:
    """More than one batch: units must not lie reserved while people are told that all are taken."""
    room.campaign(quantity="9")
    for number in range(7):
        room.claim(room.person(f"p{number}", f"{{device: [40.65{number}, -73.9442], radius: 30 m}}"))
    room.clock.move(hours=48)
    chores = chores_of("one")
    in_twos = replace(chores, fulfilling=replace(chores.fulfilling, batch=2))
    assert in_twos.run("expiry") == 7
    assert room.engine.campaigning.show(PHONE)["free_units"] == 9


def test_a_campaign_closed_by_hand_at_the_moment_it_would_open_stays_closed(room: Room) -> None:
    """The calendar has looked, then somebody closes it, then the calendar acts on what it saw."""
    room.clock.move(days=-3)
    room.campaign()
    with room.engine.store.read() as tx:
        seen = tx.campaigns.get(PHONE)
    assert seen is not None
    room.engine.campaigning.close(PHONE, "mara")
    event = CampaignEvent(
        PHONE, CampaignAct.OPENED, CampaignState.OPEN, seen.version, "the calendar", room.clock()
    )
    with room.engine.store.write() as tx:
        assert not tx.campaigns.record(event, was=seen.state)
    assert room.engine.campaigning.show(PHONE)["state"] == "closed"
    assert [one["act"] for one in room.engine.campaigning.show(PHONE)["history"]] == ["opened", "closed"]
