"""New York City is the polygon of its five boroughs, and Newark is not in it."""

import pytest

from perks_engine.domain.geography import Atlas
from perks_engine.domain.verdict import Verdict
from tests.places.ground import ask

CITY = "New York City (the five boroughs)"
BOROUGHS = "{inside: areas/nyc_boroughs}"


@pytest.mark.parametrize(
    ("where", "lat", "lon"),
    [
        ("Times Square", 40.7580, -73.9855),
        ("JFK", 40.6413, -73.7781),
        ("Marble Hill", 40.8761, -73.9110),
        ("St. George", 40.6437, -74.0736),
    ],
)
def test_inside_at_20_metres(atlas: Atlas, where: str, lat: float, lon: float) -> None:
    reason = ask(atlas, BOROUGHS, f"{{device: [{lat}, {lon}], radius: 20 m}}")
    assert (where, reason.verdict, reason.code) == (where, Verdict.ELIGIBLE, "location.inside")


@pytest.mark.parametrize(
    ("where", "lat", "lon"),
    [
        ("Hoboken Terminal", 40.7349, -74.0278),
        ("Fort Lee", 40.8509, -73.9701),
        ("Newark", 40.7357, -74.1724),
        ("Yonkers", 40.9312, -73.8988),
    ],
)
def test_outside_at_20_metres(atlas: Atlas, where: str, lat: float, lon: float) -> None:
    reason = ask(atlas, BOROUGHS, f"{{device: [{lat}, {lon}], radius: 20 m}}")
    assert (where, reason.verdict, reason.code) == (where, Verdict.INELIGIBLE, "location.outside")
    assert str(reason.change) == f"Only a location inside {CITY} would do."


def test_marble_hill_known_to_500_metres_could_be_either_side(atlas: Atlas) -> None:
    reason = ask(atlas, BOROUGHS, "{device: [40.8761, -73.9110], radius: 500 m}")
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.near_edge")
    assert str(reason.actual).endswith(f"from the edge of {CITY}, known to 500 m: it could be either side")
    assert str(reason.change) == "A location known more exactly would settle it."
    assert reason.edge_m == pytest.approx(200, abs=20)


def test_a_reported_accuracy_is_widened_before_it_decides(atlas: Atlas) -> None:
    """A device's 100 m holds the truth in 68 % of cases only: it stands for a disc of 250 m."""
    at_marble_hill = "device: [40.8761, -73.9110]"
    exact = ask(atlas, BOROUGHS, f"{{{at_marble_hill}, radius: 100 m}}")
    reported = ask(atlas, BOROUGHS, f"{{{at_marble_hill}, accuracy: 100 m}}")
    assert exact.code == "location.inside"
    assert reported.code == "location.near_edge"
    assert "known to 250 m" in str(reported.actual)


@pytest.mark.parametrize("name", ["New York City", "NYC", "areas/nyc_boroughs"])
def test_every_name_of_the_city_means_the_same_polygon(atlas: Atlas, name: str) -> None:
    hoboken = ask(atlas, f"{{inside: {name}}}", "{device: [40.7349, -74.0278], radius: 20 m}")
    assert (hoboken.code, str(hoboken.required)) == (
        ask(atlas, BOROUGHS, "{device: [40.7349, -74.0278], radius: 20 m}").code,
        str(ask(atlas, BOROUGHS, "{device: [40.7349, -74.0278], radius: 20 m}").required),
    )
    assert hoboken.code == "location.outside"
