"""Countries, states and provinces: a point is in one only where the boundary is known that exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.geography import Atlas, Disc, Position, Territory
from perks_engine.domain.verdict import Verdict
from perks_engine.places.territories import shipped_territories
from tests.places.ground import ask


def position(lat: float, lon: float, *codes: str, radius_m: float = 30) -> Position:
    return shipped_territories().relate(Disc(lat, lon, radius_m), Territory(codes, "there")).position


@pytest.mark.parametrize(
    ("where", "lat", "lon", "inside", "outside"),
    [
        ("Albany", 42.6526, -73.7562, "US-NY", "US-NJ"),
        ("Queens", 40.7500, -73.9000, "US-NY", "US-NJ"),
        ("Birmingham, Alabama", 33.5186, -86.8104, "US-AL", "US-NY"),
        ("Honolulu", 21.3069, -157.8583, "US-HI", "US-CA"),
        ("Wichita", 37.6872, -97.3301, "US", "CA"),
        ("Montréal", 45.5019, -73.5674, "CA-QC", "CA-ON"),
        ("Québec", 46.8139, -71.2080, "CA", "US"),
        ("London", 51.5074, -0.1278, "GB", "US-NY"),
        ("San Juan", 18.4655, -66.1057, "PR", "DO"),
        ("Taveuni, over the 180th meridian", -16.9000, -179.9500, "FJ", "NZ"),
        ("Chukotka, over the 180th meridian", 66.0000, -179.9000, "RU", "US"),
        ("the South Pole", -90.0, 0.0, "AQ", "AR"),
    ],
)
def test_well_inside_a_territory(where: str, lat: float, lon: float, inside: str, outside: str) -> None:
    assert (where, position(lat, lon, inside)) == (where, Position.INSIDE)
    assert (where, position(lat, lon, outside)) == (where, Position.OUTSIDE)


@pytest.mark.parametrize(
    ("where", "lat", "lon", "codes"),
    [
        ("lower Manhattan", 40.7128, -74.0060, ("US-NY", "US-NJ")),
        ("Hoboken", 40.7440, -74.0324, ("US-NJ", "US-NY")),
        ("Detroit", 42.3314, -83.0458, ("US", "CA")),
        ("Niagara Falls", 43.0962, -79.0377, ("CA", "US")),
        ("Ottawa", 45.4215, -75.6972, ("CA-ON", "CA-QC")),
        ("Monaco", 43.7384, 7.4246, ("MC", "FR")),
    ],
)
def test_near_a_border_nobody_can_say_which_side(
    where: str, lat: float, lon: float, codes: tuple[str, str]
) -> None:
    for code in codes:
        assert (where, code, position(lat, lon, code)) == (where, code, Position.CROSSES)
    assert (where, position(lat, lon, *codes)) == (where, Position.INSIDE)


def test_the_high_seas_are_in_no_country() -> None:
    assert {position(30.0, -40.0, code) for code in ("US", "PT", "US-NY")} == {Position.OUTSIDE}


def test_a_region_that_is_not_drawn_is_undecidable_in_its_country_and_outside_elsewhere() -> None:
    assert position(51.5074, -0.1278, "GB-ENG") is Position.UNDECIDABLE
    assert position(42.6526, -73.7562, "GB-ENG") is Position.OUTSIDE


@pytest.mark.parametrize(
    ("where", "lat", "lon", "claimants"),
    [
        ("Simferopol", 44.95, 34.10, ("UA", "RU")),
        ("Sevastopol", 44.60, 33.52, ("UA", "RU")),
        ("Northern Nicosia", 35.25, 33.40, ("CY", "TR")),
    ],
)
def test_land_in_dispute_is_undecidable(
    where: str, lat: float, lon: float, claimants: tuple[str, str]
) -> None:
    for code in claimants:
        assert (where, code, position(lat, lon, code)) == (where, code, Position.UNDECIDABLE)


def test_the_land_around_it_is_not() -> None:
    assert (position(46.63, 32.60, "UA"), position(46.63, 32.60, "RU")) == (Position.INSIDE, Position.OUTSIDE)
    assert (position(45.20, 37.00, "RU"), position(45.20, 37.00, "UA")) == (Position.INSIDE, Position.OUTSIDE)


@pytest.mark.parametrize(
    ("where", "lat", "lon", "nearest", "radius_m"),
    [
        ("an island of Nunavut off Québec", 56.407, -77.508, "CA-QC", 60_000),
        ("an island of Nunavut off Ontario", 54.351, -81.098, "CA-ON", 82_000),
        ("the Chandeleur Islands off Louisiana", 29.544, -89.072, "US-LA", 26_000),
    ],
)
def test_an_island_that_no_region_is_drawn_at_may_belong_to_any(
    where: str, lat: float, lon: float, nearest: str, radius_m: float
) -> None:
    country = nearest.partition("-")[0]
    for radius in (30, radius_m):
        assert (where, position(lat, lon, nearest, radius_m=radius)) == (where, Position.CROSSES)
        assert (where, position(lat, lon, country, radius_m=radius)) == (where, Position.INSIDE)


def test_off_a_shore_it_is_the_nearest_region_that_is_touched_first() -> None:
    """Four kilometres off New Jersey: as near as countries are known, and not as near as states are."""
    for radius_m in (30, 3_000):
        assert position(39.2718, -74.5133, "US-NJ", radius_m=radius_m) is Position.INSIDE
        assert position(39.2718, -74.5133, "US-NY", radius_m=radius_m) is Position.OUTSIDE


def test_a_code_that_there_is_not_is_never_inside() -> None:
    assert position(42.6526, -73.7562, "XX") is Position.UNDECIDABLE


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 500_000), st.floats(1, 100))
def test_a_larger_disc_never_knows_more(lat: float, lon: float, radius_m: float, times: float) -> None:
    for codes in (("US",), ("CA-QC",), ("US-NY", "US-NJ"), ("GB-ENG",)):
        small = position(lat, lon, *codes, radius_m=radius_m)
        large = position(lat, lon, *codes, radius_m=min(radius_m * times, 2_000_000))
        if large in (Position.INSIDE, Position.OUTSIDE):
            assert small is large


@pytest.mark.parametrize(
    ("where", "location", "verdict"),
    [
        ("{region: US-NY}", "{device: [42.6526, -73.7562], radius: 30 m}", Verdict.ELIGIBLE),
        ("{region: US-NY}", "{device: [33.5186, -86.8104], radius: 30 m}", Verdict.INELIGIBLE),
        ("{region: US-NY}", "{device: [40.7440, -74.0324], radius: 30 m}", Verdict.UNKNOWN),
        ("{country: US}", "{device: [37.6872, -97.3301], radius: 30 m}", Verdict.ELIGIBLE),
        ("{country: US}", "{device: [43.0962, -79.0377], radius: 30 m}", Verdict.UNKNOWN),
    ],
)
def test_a_rule_about_a_territory_takes_a_device(
    atlas: Atlas, where: str, location: str, verdict: Verdict
) -> None:
    assert ask(atlas, where, location).verdict is verdict


@pytest.mark.parametrize(
    ("address", "verdict", "code"),
    [
        ("{region: US-NY}", Verdict.ELIGIBLE, "location.inside"),
        ("{country: US, region: US-NJ}", Verdict.INELIGIBLE, "location.outside"),
        ("{country: CA}", Verdict.INELIGIBLE, "location.outside"),
        ("{country: US}", Verdict.UNKNOWN, "location.unresolved"),
        ("Albany NY", Verdict.ELIGIBLE, "location.inside"),
    ],
)
def test_an_address_says_its_state_itself(atlas: Atlas, address: str, verdict: Verdict, code: str) -> None:
    reason = ask(atlas, "{region: New York State}", f"{{verified_address: {address}}}")
    assert (reason.verdict, reason.code) == (verdict, code)
