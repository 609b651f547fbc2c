"""A location is a disc: it is inside only as a whole, to the centimetre, on poles and date line."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.evidence import Location
from perks_engine.domain.geography import Circle, Disc, Zone
from perks_engine.domain.judge_location import normal_postal_code
from perks_engine.domain.reasons import Reason
from perks_engine.domain.rules import About, LocatedIn, PostalCodeIn
from perks_engine.domain.verdict import Mark
from tests.domain.asking import ask, fact
from tests.domain.zones import (
    AMERICA,
    CENTIMETRE,
    CIRCLES,
    CITY,
    DATELINE,
    FIJI,
    MEADOW,
    NEW_YORK,
    POLE,
    SOUND_DISCS,
    UNSOUND_DISCS,
    ZONES,
    disc_at,
)

WHERE = About("location", "location")
MANHATTAN = Disc(40.7128, -74.0060, 30.0)
ALABAMA = Disc(33.5186, -86.8104, 30.0)


def placed(zone: Zone, location: Location | Disc, source: str = "device") -> Reason:
    value = Location(location) if isinstance(location, Disc) else location
    return ask(LocatedIn(WHERE, zone), fact("location", value, source))


def code(zone: Zone, location: Location | Disc, source: str = "device") -> str:
    return placed(zone, location, source).code.removeprefix("location.")


bearings = st.floats(0, 360, exclude_max=True)
precisions = st.floats(0.5, 20.0)


@given(st.sampled_from(CIRCLES), bearings, precisions)
def test_a_disc_within_a_circle_is_decided_to_the_centimetre(
    circle: Circle, bearing: float, radius_m: float
) -> None:
    inner, outer = circle.radius_m - radius_m, circle.radius_m + radius_m
    assert code(circle, disc_at(circle, bearing, inner - CENTIMETRE, radius_m)) == "inside"
    assert code(circle, disc_at(circle, bearing, inner + CENTIMETRE, radius_m)) == "near_edge"
    assert code(circle, disc_at(circle, bearing, outer - CENTIMETRE, radius_m)) == "near_edge"
    assert code(circle, disc_at(circle, bearing, outer + CENTIMETRE, radius_m)) == "outside"


@given(st.sampled_from(CIRCLES), bearings, st.floats(0, 2), st.floats(1, 50_000), st.floats(1, 10))
def test_a_location_known_more_exactly_never_turns(
    circle: Circle, bearing: float, out: float, radius_m: float, finer: float
) -> None:
    """What a coarse disc decides, a finer one around the same point decides alike."""
    coarse = disc_at(circle, bearing, circle.radius_m * out, radius_m)
    fine = Disc(coarse.lat, coarse.lon, radius_m / finer)
    assert code(circle, coarse) in ("near_edge", code(circle, fine))


def test_the_distance_from_the_edge_is_told_and_kept() -> None:
    reason = placed(CITY, disc_at(CITY, 90.0, CITY.radius_m - 1_500, 30.0))
    assert reason.edge_m == pytest.approx(1_500, abs=CENTIMETRE)
    assert str(reason.actual) == "inside 25 mi around New York City, 1.5 km from its edge"


def test_the_date_line_and_the_pole_are_places_like_any_other() -> None:
    west, east = Disc(-16.5, 180.0, 10.0), Disc(-16.5, -180.0, 10.0)
    for zone in (FIJI, DATELINE):
        assert [code(zone, west), code(zone, east)] == ["inside", "inside"]
    assert [code(POLE, Disc(90.0, lon, 10.0)) for lon in (-180.0, 0.0, 123.0)] == ["inside"] * 3
    assert code(POLE, Disc(-90.0, 0.0, 10.0)) == "outside"


def test_an_area_is_a_polygon() -> None:
    assert code(MEADOW, Disc(40.5, -74.5, 500.0)) == "inside"
    assert code(MEADOW, Disc(40.0, -75.0, 0.5)) == "near_edge"
    assert code(MEADOW, ALABAMA) == "outside"


@pytest.mark.parametrize("disc", UNSOUND_DISCS, ids=str)
def test_a_location_that_cannot_be_right_is_unknown_wherever_one_asks(disc: Disc) -> None:
    reasons = [placed(zone, disc) for zone in ZONES]
    assert {reason.code for reason in reasons} == {"location.imprecise"}
    assert {str(reason.change) for reason in reasons} == {"Share your location again, with its accuracy."}


@given(st.sampled_from(ZONES), st.floats(), st.floats(), st.floats() | st.none())
def test_no_numbers_break_the_rule(zone: Zone, lat: float, lon: float, radius_m: float | None) -> None:
    disc = Disc(lat, lon, radius_m)
    numbers = [lat, lon, math.nan if radius_m is None else radius_m]
    if not all(map(math.isfinite, numbers)) or (radius_m or 0) <= 0:
        assert code(zone, disc) == "imprecise"
    else:
        assert code(zone, disc) in ("inside", "outside", "near_edge", "undecidable", "imprecise")


@pytest.mark.parametrize("source", ["claimed", "ip"])
@pytest.mark.parametrize("disc", SOUND_DISCS, ids=str)
def test_what_is_merely_claimed_places_nobody_in_less_than_a_country(source: str, disc: Disc) -> None:
    for zone in {*ZONES} - {AMERICA}:
        reason = placed(zone, Location(disc, "US", "US-NY", "10001"), source)
        assert (reason.mark, reason.code) == (Mark.UNKNOWN, "location.source_not_accepted")
        assert str(reason.change) == "Share a location that is measured or verified."
    assert code(AMERICA, Location(country="US"), source) == "inside"


@pytest.mark.parametrize(
    ("location", "america", "new_york"),
    [
        (Location(country="US", region="US-NY"), "inside", "inside"),
        (Location(country="US", region="US-NJ"), "inside", "outside"),
        (Location(country="CA"), "inside", "outside"),
        (Location(country="GB"), "outside", "outside"),
        (Location(country="US"), "inside", "unresolved"),
        (Location(text="Springfield", candidates=30), "ambiguous", "ambiguous"),
        (Location(text="nowhere at all", candidates=0), "unresolved", "unresolved"),
        (Location(), "unresolved", "unresolved"),
    ],
)
def test_an_address_says_which_territory_it_is_in(location: Location, america: str, new_york: str) -> None:
    assert code(AMERICA, location, "verified_address") == america
    assert code(NEW_YORK, location, "verified_address") == new_york


def test_a_name_that_fits_several_places_is_told_with_their_count() -> None:
    reason = placed(CITY, Location(text="Springfield", candidates=30))
    assert str(reason.actual) == "“Springfield”, which 30 places are called"
    assert str(reason.change) == "Name the state and the country as well."


POSTAL_US = PostalCodeIn(WHERE, "US", ("10001",), ("071",))
POSTAL_CA = PostalCodeIn(WHERE, "CA", ("K1A0B1",))


@pytest.mark.parametrize(
    ("rule", "location", "expected"),
    [
        (POSTAL_US, Location(country="US", postal_code="10001"), "inside"),
        (POSTAL_US, Location(country="US", postal_code="10001-1234"), "inside"),
        (POSTAL_US, Location(country="US", postal_code="07102"), "inside"),
        (POSTAL_US, Location(country="US", postal_code="10002"), "outside"),
        (POSTAL_US, Location(country="DE", postal_code="10001"), "outside"),
        (POSTAL_US, Location(country="DE"), "outside"),
        (POSTAL_US, Location(postal_code="10001"), "no_postal_code"),
        (POSTAL_US, Location(country="US"), "no_postal_code"),
        (POSTAL_US, Location(country="US", postal_code=" - "), "no_postal_code"),
        (POSTAL_CA, Location(country="CA", postal_code="k1a 0b1"), "inside"),
        (POSTAL_CA, Location(MANHATTAN), "no_postal_code"),
    ],
)
def test_a_postal_code_counts_in_its_country(rule: PostalCodeIn, location: Location, expected: str) -> None:
    assert ask(rule, fact("location", location, "verified_address")).code == f"location.{expected}"


def test_a_claimed_postal_code_proves_nothing() -> None:
    claimed = fact("location", Location(country="US", postal_code="10001"), "claimed")
    assert ask(POSTAL_US, claimed).code == "location.source_not_accepted"


@given(st.text(alphabet="aZ09 -"))
def test_postal_codes_are_compared_without_what_people_write_between(text: str) -> None:
    assert normal_postal_code(text) == text.upper().replace(" ", "").replace("-", "")
