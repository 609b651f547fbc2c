"""Decisions on record, to be replayed: on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perks_engine.domain.evidence import Location
from perks_engine.domain.recorded import Recorded, Which
from perks_engine.services.errors import NotFoundError
from tests.engine_room import ALABAMA, BROOKLYN, OPENING, PHONE, Room


@pytest.fixture
def decided(room: Room) -> Room:
    """Ana is granted at the opening, Ben refused an hour later; then Ana moves away."""
    room.campaign()
    room.person("ana")
    room.person("ben", ALABAMA)
    room.claim("ana")
    room.clock.move(hours=1)
    room.claim("ben")
    room.clock.move(hours=1)
    room.person("ana", ALABAMA)
    return room


ALL = Which()


def recorded(room: Room, which: Which = ALL) -> list[Recorded]:
    with room.engine.backtesting.decided(PHONE, which) as found:
        decisions = list(found.decisions)
        assert found.total == len(decisions)
        assert {one.version for one in decisions} == set(found.versions)
    return decisions


def test_in_the_order_in_which_they_were_made_with_what_they_saw(decided: Room) -> None:
    ana, ben = recorded(decided)
    assert [(one.person.person_id, one.verdict, one.granted) for one in (ana, ben)] == [
        ("ana", "eligible", True),
        ("ben", "ineligible", False),
    ]
    assert (ana.decided_at, ana.purpose) == (OPENING, "claim")
    [opted_in] = ana.person.about("opted_in")
    assert opted_in.value == {"perks"}, "the registers are part of what a decision saw"
    [location] = ana.person.about("location")
    assert isinstance(location.value, Location)
    assert location.value.disc is not None
    assert str(location.value.disc.lat) in BROOKLYN, "she lived in Brooklyn then"


def test_those_that_are_meant(decided: Room) -> None:
    later = OPENING + timedelta(minutes=30)
    assert [one.person.person_id for one in recorded(decided, Which(since=later))] == ["ben"]
    assert [one.person.person_id for one in recorded(decided, Which(until=later))] == ["ana"]
    version = recorded(decided)[0].version
    assert len(recorded(decided, Which(purpose="claim", version=version))) == 2
    with pytest.raises(NotFoundError, match=r"no decision about .* for message; there are 2 in all"):
        recorded(decided, Which(purpose="message"))


def test_a_campaign_that_nobody_claimed(room: Room) -> None:
    room.campaign()
    with pytest.raises(NotFoundError, match="there are none at all"):
        recorded(room)
    with (
        pytest.raises(NotFoundError, match="there is no campaign 'no-such'"),
        room.engine.backtesting.decided("no-such", Which()),
    ):
        pass
