"""What maps are drawn with: boxes that hold a zone, edges that can be seen, and the land around."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.drawing import Box
from perks_engine.domain.geography import Circle, Territory
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.drawings import Drawings
from perks_engine.places.geodesy import geodesic_m
from tests.domain.zones import ATLAS, DATELINE, FIJI, MEADOW, POLE

DRAWINGS = Drawings(ATLAS)


def test_the_box_of_an_area_is_what_it_draws() -> None:
    assert DRAWINGS.box(MEADOW) == Box(40.0, -75.0, 41.0, -74.0)
    [edge] = DRAWINGS.outline(MEADOW)
    assert set(edge) == {(-75.0, 40.0), (-74.0, 40.0), (-74.0, 41.0), (-75.0, 41.0)}


def test_a_box_goes_on_beyond_the_180th_meridian() -> None:
    assert DRAWINGS.box(DATELINE) == Box(-17.0, 179.0, -16.0, 181.0)
    fiji = DRAWINGS.box(FIJI)
    assert 179 < fiji.west < 180 < fiji.east < 181


def test_a_circle_around_a_pole_has_all_longitudes() -> None:
    box = DRAWINGS.box(POLE)
    assert (box.west, box.north, box.east) == (-180.0, 90.0, 180.0)
    assert 89 < box.south < 89.2


@given(
    st.builds(
        Circle,
        st.floats(-89, 89),
        st.floats(-180, 180),
        st.sampled_from([50.0, 5_000.0, 800_000.0]),
        st.just("somewhere"),
    )
)
def test_a_circle_is_drawn_where_it_is(circle: Circle) -> None:
    [line] = DRAWINGS.outline(circle)
    for lon, lat in line:
        distance_m = geodesic_m(circle.lat, circle.lon, lat, (lon + 540) % 360 - 180)
        assert distance_m == pytest.approx(circle.radius_m, abs=10), "to the four digits that are kept"
    assert all(abs(one[0] - other[0]) <= 180 for one, other in pairwise(line)), "it never jumps"


def test_territories_and_what_lies_around() -> None:
    box = DRAWINGS.box(Territory(("US-NY", "US-NJ"), "New York or New Jersey"))
    assert Box(38.5, -80.0, 45.5, -71.5).holds(box)
    assert box.holds(Box(39.0, -79.5, 45.0, -72.0))
    america = DRAWINGS.box(Territory(("US",), "the United States"))
    assert 170 < america.west < 180, "the Aleutians lie beyond the 180th meridian"
    assert 290 < america.east < 295
    nowhere = DRAWINGS.box(Territory(("US-XX",), "nowhere that is drawn"))
    assert nowhere == Box(-90.0, -180.0, 90.0, 180.0)


def test_land_is_clipped_to_the_map_and_light_enough_for_a_page() -> None:
    for box in (
        Box(40.3, -74.5, 41.1, -73.5),
        Box(24.0, -125.0, 50.0, -66.0),
        Box(-20.0, 175.0, -14.0, 185.0),
    ):
        lines = DRAWINGS.land(box)
        assert lines
        assert all(box.around(0.01).holds(Box.of(line)) for line in lines)
        assert sum(len(line) for line in lines) < 4_000
    assert DRAWINGS.land(Box(-1.0, -151.0, 1.0, -149.0)) == [], "the open sea"


def test_the_five_boroughs(atlas: RulesAtlas) -> None:
    drawings = Drawings(atlas)
    boroughs = atlas.area("areas/nyc_boroughs")
    assert boroughs is not None
    box = drawings.box(boroughs)
    assert Box(40.4, -74.3, 41.0, -73.6).holds(box)
    assert box.holds(Box(40.6, -74.2, 40.9, -73.8))
    lines = drawings.outline(boroughs)
    assert len(lines) >= 5
    assert sum(len(line) for line in lines) < 3_000
