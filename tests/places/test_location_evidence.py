"""Evidence that is imprecise, old, ahead of its time, contradictory or weak is unknown, never met."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.evidence import Evidence, Location, Person
from perks_engine.domain.geography import AreaRef, Atlas, Circle, Disc, Placement, Position, Territory, Zone
from perks_engine.domain.judges import judge
from perks_engine.domain.rules import About, Accept, LocatedIn, PostalCodeIn
from perks_engine.domain.screens import Screen, screen_circle
from perks_engine.domain.verdict import Mark, Verdict
from tests.places.ground import NOON, ask, weigh

BOROUGHS = "{inside: areas/nyc_boroughs}"
BROOKLYN = (40.6782, -73.9442)
ALABAMA = (33.5186, -86.8104)


def seen(
    radius_m: float | None,
    point: tuple[float, float] = BROOKLYN,
    *,
    source: str = "device",
    at: datetime = NOON,
) -> Evidence:
    return Evidence("location", Location(Disc(*point, radius_m)), source, at)


@pytest.mark.parametrize("radius_m", [None, 0.0, -0.0, -30.0, math.nan, math.inf, -math.inf, 2_000_000.1])
def test_without_a_usable_accuracy_nobody_is_anywhere(atlas: Atlas, radius_m: float | None) -> None:
    reason = weigh(atlas, BOROUGHS, seen(radius_m))
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.imprecise")
    assert str(reason.actual) == "a location without a usable precision"
    assert str(reason.change) == "Share your location again, with its accuracy."


@pytest.mark.parametrize(
    "point", [(0.0, 0.0), (90.1, 0.0), (-74.0, 180.1), (math.nan, -73.9), (40.7, math.inf), (-0.0, 0.0)]
)
def test_numbers_that_are_no_place_on_earth_are_unknown(atlas: Atlas, point: tuple[float, float]) -> None:
    assert weigh(atlas, BOROUGHS, seen(30, point)).code == "location.imprecise"


def test_the_same_person_with_an_accuracy_is_inside(atlas: Atlas) -> None:
    assert weigh(atlas, BOROUGHS, seen(30)).verdict is Verdict.ELIGIBLE


def test_two_accepted_sources_that_contradict_each_other_are_unknown(atlas: Atlas) -> None:
    reason = weigh(atlas, BOROUGHS, seen(30), seen(30, ALABAMA, source="verified_address"))
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.conflicting")
    assert "device: inside New York City" in str(reason.actual)
    assert "verified address: outside New York City" in str(reason.actual)
    assert str(reason.change) == "The sources would have to agree."


def test_a_source_that_says_two_things_at_once_is_unknown(atlas: Atlas) -> None:
    assert weigh(atlas, BOROUGHS, seen(30), seen(30, ALABAMA)).code == "location.conflicting"


def test_what_a_source_said_before_does_not_conflict_with_what_it_says_now(atlas: Atlas) -> None:
    moved = weigh(atlas, BOROUGHS, seen(30, ALABAMA, at=NOON - timedelta(hours=3)), seen(30))
    assert moved.verdict is Verdict.ELIGIBLE


def test_a_source_that_is_not_accepted_neither_helps_nor_contradicts(atlas: Atlas) -> None:
    only_device = "{inside: areas/nyc_boroughs, accept: device}"
    address = seen(30, ALABAMA, source="verified_address")
    assert weigh(atlas, only_device, seen(30), address).verdict is Verdict.ELIGIBLE
    assert weigh(atlas, only_device, address).code == "location.source_not_accepted"


@pytest.mark.parametrize(
    ("age", "verdict", "code"),
    [
        (timedelta(0), Verdict.ELIGIBLE, "location.inside"),
        (timedelta(hours=6), Verdict.ELIGIBLE, "location.inside"),
        (timedelta(hours=6, microseconds=1), Verdict.UNKNOWN, "location.stale"),
        (timedelta(days=400), Verdict.UNKNOWN, "location.stale"),
        (timedelta(microseconds=-1), Verdict.UNKNOWN, "location.future"),
        (timedelta(days=-1), Verdict.UNKNOWN, "location.future"),
    ],
)
def test_evidence_counts_from_when_it_was_seen_until_it_is_too_old(
    atlas: Atlas, age: timedelta, verdict: Verdict, code: str
) -> None:
    reason = weigh(atlas, "{inside: areas/nyc_boroughs, max_age: 6h}", seen(30, at=NOON - age))
    assert (reason.verdict, reason.code) == (verdict, code)


def test_a_person_is_told_how_old_and_how_fresh(atlas: Atlas) -> None:
    stale = ask(
        atlas, BOROUGHS, "{device: [40.6782, -73.9442], radius: 30 m, observed_at: 2026-11-20T10:00Z}"
    )
    ahead = ask(
        atlas, BOROUGHS, "{device: [40.6782, -73.9442], radius: 30 m, observed_at: 2027-01-01T10:00Z}"
    )
    assert str(stale.actual) == "last seen on 2026-11-20, more than 1 day ago"
    assert str(ahead.actual) == "dated 2027-01-01, which lies ahead"


def test_evidence_from_the_future_hides_what_the_source_said_before(atlas: Atlas) -> None:
    """A clock that runs ahead makes the source unreliable: its older word is not fallen back on."""
    reason = weigh(atlas, BOROUGHS, seen(30), seen(30, ALABAMA, at=NOON + timedelta(hours=1)))
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.future")


class Everywhere:
    """An atlas on which every disc is inside of everything."""

    def relate(self, disc: Disc, zone: Zone) -> Placement:
        return Placement(Position.INSIDE, 1_000.0)

    def places(self, text: str) -> tuple[()]:
        return ()

    def area_names(self) -> tuple[()]:
        return ()

    def area(self, name: str) -> AreaRef | None:
        return None

    def screen(self, zone: Zone) -> Screen:
        return screen_circle(0, 0, 40_000_000)


ANY_SOURCE = About("location", "location", accept=Accept(sources=()))
SMALL_ZONES: list[Zone] = [
    Circle(*BROOKLYN, 2_000_000, "a large circle"),
    AreaRef("areas/nyc_boroughs", "0" * 64, "New York City"),
    Territory(("US-NY",), "New York"),
    Territory(("US", "CA-ON"), "the United States or Ontario"),
]
LOCATIONS = st.builds(
    Location,
    st.none() | st.just(Disc(*BROOKLYN, 10.0)),
    st.sampled_from([None, "US", "CA"]),
    st.sampled_from([None, "US-NY", "CA-ON"]),
    st.sampled_from([None, "10001"]),
    st.sampled_from([None, "Brooklyn, NY"]),
    st.sampled_from([None, 1, 2]),
)
SMALL = st.sampled_from(
    [*(LocatedIn(ANY_SOURCE, zone) for zone in SMALL_ZONES), PostalCodeIn(ANY_SOURCE, "US", ("10001",))]
)


@given(SMALL, st.sampled_from(["claimed", "ip"]), LOCATIONS)
def test_claimed_text_and_an_ip_place_nobody_in_anything_smaller_than_a_country(
    condition: LocatedIn | PostalCodeIn, source: str, location: Location
) -> None:
    person = Person("somebody", (Evidence("location", location, source, datetime(2026, 12, 1, tzinfo=UTC)),))
    reason = judge(condition, person, NOON, Everywhere())
    assert (reason.mark, reason.code) == (Mark.UNKNOWN, "location.source_not_accepted")


@pytest.mark.parametrize("source", ["claimed", "ip"])
def test_they_may_place_somebody_in_a_country(atlas: Atlas, source: str) -> None:
    anywhere_in_the_us = f"{{country: US, accept: [{source}]}}"
    assert ask(atlas, anywhere_in_the_us, f"{{{source}: {{country: US}}}}").verdict is Verdict.ELIGIBLE
    assert ask(atlas, anywhere_in_the_us, f"{{{source}: {{country: CA}}}}").verdict is Verdict.INELIGIBLE


def test_a_claimed_city_says_its_country(atlas: Atlas) -> None:
    assert (
        ask(atlas, "{country: US, accept: [claimed]}", "{claimed: 'Newark, NJ'}").verdict is Verdict.ELIGIBLE
    )
    assert ask(atlas, "{country: US, accept: [claimed]}", "{claimed: Newark}").code == "location.ambiguous"
