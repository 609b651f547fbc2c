"""A list as of an instant never changes: not by a writer who was on the way, nor by a slow clock."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from perks_engine.bootstrap import Application
from perks_engine.domain.fulfillment import Account, Fulfillment, MoveKind
from perks_engine.services.access import Actor, Role
from perks_engine.services.errors import ForbiddenError, InvalidInputError
from perks_engine.services.records import Entry
from tests.engine_room import BRAND, PHONE, STAFF, Room


def shipped(room: Room, count: int) -> list[str]:
    """So many people whose phones are on their way; their claims."""
    room.campaign()
    places = (f"{{device: [40.{6500 + number}, -73.9442], radius: 30 m}}" for number in range(count))
    people = [room.person(f"p{number}", place) for number, place in enumerate(places)]
    claims = [str(room.claim(person)["claim"]) for person in people]
    for claim in claims:
        room.record(claim, "ship")
    return claims


def delivery(room: Room, claim: str) -> Entry:
    """To the first of them, now."""
    return Entry(
        campaign=PHONE,
        move=MoveKind.DELIVER,
        source=Account.IN_TRANSIT,
        target=Account.RECIPIENT,
        units=1,
        occurred_at=room.clock(),
        recorded_at=room.clock(),
        recorded_by="test",
        claim_id=claim,
        person_id="p0",
        evidence="carrier",
    )


def test_a_delivery_that_is_being_written_is_waited_for(room: Room) -> None:
    [claim] = shipped(room, 1)
    written, may_commit = threading.Event(), threading.Event()

    def deliver() -> None:
        with room.engine.store.write() as tx:
            tx.ledger.append(delivery(room, claim))
            written.set()
            assert may_commit.wait(30)

    with ThreadPoolExecutor(2) as pool:
        delivering = pool.submit(deliver)
        assert written.wait(30)
        listing = pool.submit(room.listed, room.clock())
        with pytest.raises(TimeoutError):
            listing.result(0.3)
        may_commit.set()
        delivering.result(30)
        assert listing.result(30) == ["p0"]


def test_what_comes_after_a_list_is_dated_after_it(room: Room) -> None:
    """A writer who looked at the clock, and then had to wait; or whose clock runs behind."""
    [claim] = shipped(room, 1)
    late = delivery(room, claim)
    room.clock.move(minutes=5)
    listed_at = room.clock()
    assert room.listed(listed_at) == []
    with room.engine.store.write() as tx:
        tx.ledger.append(late)
    with room.engine.store.read() as tx:
        recorded = tx.ledger.entries(claim)[-1]
    assert recorded.occurred_at == late.occurred_at
    assert recorded.recorded_at == listed_at + timedelta(microseconds=1)
    assert room.listed(listed_at) == []
    # As of now it is there, also for a clock that has not moved on.
    assert room.listed() == ["p0"]


def test_what_was_listed_while_deliveries_came_in_is_listed_so_again(room: Room) -> None:
    claims = shipped(room, 12)
    began = time.monotonic()

    def running_clock() -> datetime:
        return room.clock() + timedelta(seconds=time.monotonic() - began)

    engine = Application(room.engine.settings, running_clock, room.engine.rules)

    def deliver(claim: str) -> None:
        engine.fulfilling.record([Fulfillment(claim, MoveKind.DELIVER, engine.clock())], STAFF)

    def listed(as_of: datetime | None = None) -> tuple[datetime, list[str]]:
        with engine.disclosing.lines(STAFF, BRAND, as_of) as (instant, lines):
            return instant, [line.person for line in lines]

    with ThreadPoolExecutor(8) as pool:
        given = [pool.submit(listed) for _ in range(4)]
        for claim in claims:
            pool.submit(deliver, claim)
            given += [pool.submit(listed), pool.submit(listed)]
    for instant, people in (one.result() for one in given):
        assert listed(instant) == (instant, people)
    assert len(listed()[1]) == len(claims)
    engine.close()


def test_who_may_not_have_a_list_does_not_close_the_books(room: Room) -> None:
    [claim] = shipped(room, 1)
    stranger = Actor("stranger", Role.COMPLIANCE, ("other-brand",))
    with pytest.raises(ForbiddenError), room.engine.disclosing.lines(stranger, BRAND):
        pass
    with pytest.raises(InvalidInputError, match="lies in the future"):
        room.listed(room.clock() + timedelta(days=1))
    room.record(claim, "deliver")
    with room.engine.store.read() as tx:
        assert tx.ledger.entries(claim)[-1].recorded_at == room.clock()
