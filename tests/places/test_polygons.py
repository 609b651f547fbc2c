"""Polygons: the distance from the edge is that of the ellipsoid, held to a brute-force reference."""

import json
import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perks_engine.bootstrap import packaged
from perks_engine.domain.geography import Disc, Position
from perks_engine.places.areas import Area, read_area
from perks_engine.places.edges import edges_of
from tests.places.ground import Point, is_in_ring, metres, metres_to_ring

Ring = list[Point]


def area_of(*polygons: Sequence[Ring]) -> Area:
    """An area of polygons, each of an outer ring and holes."""
    drawing = {"type": "MultiPolygon", "coordinates": polygons}
    return read_area(json.dumps(drawing).encode(), "areas/drawn")


def promised_m(distance_m: float) -> float:
    """How far off `Edges.nearest_m` says that it may be."""
    if distance_m <= 90_000:
        return 0.01
    return 2.0 if distance_m <= 500_000 else 0.006 * distance_m


@st.composite
def stars(draw: st.DrawFn) -> tuple[Ring, float, float]:
    """A ring around a point that it winds about once, counterclockwise, and a point in or near it."""
    lat, lon = draw(st.floats(-80, 80)), draw(st.floats(-170, 170))
    size = draw(st.floats(0.001, 2))
    reaches = draw(st.lists(st.floats(0.3, 1), min_size=4, max_size=9))
    turn = 2 * math.pi / len(reaches)
    ring = [
        (
            round(lon + size * reach * math.cos(turn * corner), 6),
            round(lat + size * reach * math.sin(turn * corner), 6),
        )
        for corner, reach in enumerate(reaches)
    ]
    off = st.floats(-1.5 * size, 1.5 * size)
    return [*ring, ring[0]], lat + draw(off), lon + draw(off)


@given(stars())
def test_side_and_distance_are_those_of_brute_force(drawn: tuple[Ring, float, float]) -> None:
    ring, lat, lon = drawn
    distance_m = metres_to_ring(lat, lon, ring)
    slack_m = promised_m(distance_m)
    assume(distance_m > 2 * slack_m)
    area = area_of([ring])

    clear = area.relate(Disc(lat, lon, distance_m - slack_m))
    touching = area.relate(Disc(lat, lon, distance_m + slack_m))

    assert clear.edge_m == pytest.approx(distance_m, abs=slack_m)
    assert clear.position is (Position.INSIDE if is_in_ring(lat, lon, ring) else Position.OUTSIDE)
    assert touching.position is Position.CROSSES


offsets = st.floats(-0.003, 0.003)


@given(stars(), st.lists(st.tuples(offsets, offsets), min_size=3, max_size=12))
def test_whoever_comes_later_to_a_neighbourhood_is_measured_like_the_first(
    drawn: tuple[Ring, float, float], neighbours: list[tuple[float, float]]
) -> None:
    """What may be nearest around a place is kept, in cells of a grid; neighbours may live in several."""
    ring, lat, lon = drawn
    area = area_of([ring])
    for north, east in (*neighbours, *neighbours):
        alone = edges_of(area.shape)  # nobody was there before
        there = lat + north, lon + east
        assert area.edges.nearest_m(*there) == pytest.approx(alone.nearest_m(*there), abs=1e-6)


@pytest.mark.parametrize(
    ("lat", "lon"), [(89.9999, 12.0), (-89.9995, -170.0), (0.0, 179.9999), (66.0, -180.0)]
)
def test_so_it_is_at_the_ends_of_the_grid(lat: float, lon: float) -> None:
    area = area_of([[(-60.0, 60.0), (60.0, 60.0), (60.0, 89.9), (-60.0, 89.9), (-60.0, 60.0)]])
    assert {area.edges.nearest_m(lat, lon) for _ in range(4)} == {edges_of(area.shape).nearest_m(lat, lon)}


@pytest.mark.parametrize("share", [0.004, 0.25, 0.5, 0.77])
@pytest.mark.parametrize("south", [-70.0, 5.0, 50.0, 78.0])
def test_whoever_stands_on_a_long_edge_aslant_is_at_no_distance_from_it(south: float, share: float) -> None:
    ring: Ring = [(0, south), (2, south + 2), (0, south + 2), (0, south)]
    assert area_of([ring]).relate(Disc(south + 2 * share, 2 * share, 20)).edge_m == pytest.approx(
        0, abs=0.001
    )


@pytest.mark.parametrize(
    ("where", "lat", "lon"),
    [
        ("Marble Hill", 40.8761, -73.9110),
        ("Hoboken Terminal", 40.7349, -74.0278),
        ("Times Square", 40.7580, -73.9855),
        ("Birmingham, Alabama", 33.5186, -86.8104),
    ],
)
def test_the_boroughs_edge_is_where_brute_force_finds_it(where: str, lat: float, lon: float) -> None:
    data = (packaged("rules") / "areas" / "nyc_boroughs.geojson").read_bytes()
    rings = [
        ring
        for feature in json.loads(data)["features"]
        for polygon in feature["geometry"]["coordinates"]
        for ring in polygon
    ]

    def roughly(point: Point) -> float:
        return math.hypot(point[1] - lat, (point[0] - lon) * math.cos(math.radians(lat)))

    edges = [edge for ring in rings for edge in pairwise(ring)]
    edges.sort(key=lambda edge: min(map(roughly, edge)))
    distance_m = min(metres_to_ring(lat, lon, edge) for edge in edges[:60])

    found = read_area(data, "areas/nyc_boroughs").relate(Disc(lat, lon, 20))
    assert (where, found.edge_m) == (where, pytest.approx(distance_m, abs=promised_m(distance_m)))


def test_a_long_edge_is_a_straight_line_in_degrees_and_no_great_circle() -> None:
    """RFC 7946, 3.1.1: at 60° north, a great circle over 20° of longitude bulges by 49 km."""
    ring: Ring = [(0, 50), (20, 50), (20, 60), (0, 60), (0, 50)]
    found = area_of([ring]).relate(Disc(60.2, 10, 30))
    assert found.position is Position.OUTSIDE
    assert found.edge_m == pytest.approx(metres_to_ring(60.2, 10, ring), abs=0.01)


@pytest.mark.parametrize("lon", [179.2, 180.0, -180.0, -179.3])
def test_a_cut_at_the_180th_meridian_is_no_edge(lon: float) -> None:
    """RFC 7946, 3.1.9: the area is drawn in two, and is one."""
    west: Ring = [(179, -18), (180, -18), (180, -16), (179, -16), (179, -18)]
    east: Ring = [(-180, -18), (-179, -18), (-179, -16), (-180, -16), (-180, -18)]
    uncut: Ring = [(179, -18), (181, -18), (181, -16), (179, -16), (179, -18)]
    distance_m = metres_to_ring(-17, lon, uncut)

    found = area_of([west], [east]).relate(Disc(-17, lon, 100))

    assert found.position is Position.INSIDE
    assert found.edge_m == pytest.approx(distance_m, abs=promised_m(distance_m))


def test_half_of_an_area_ends_at_the_180th_meridian() -> None:
    west: Ring = [(179, -18), (180, -18), (180, -16), (179, -16), (179, -18)]
    found = area_of([west]).relate(Disc(-17, -179.999, 50))
    assert found.position is Position.OUTSIDE
    assert found.edge_m == pytest.approx(metres(-17, -179.999, -17, 180), abs=0.01)


@pytest.mark.parametrize(
    ("lat", "lon"), [(90.0, 0.0), (89.99, 77.0), (80.5, 180.0), (80.5, -180.0), (80.001, -33.0)]
)
def test_an_area_may_hold_a_pole(lat: float, lon: float) -> None:
    turn = [-180.0, -90.0, 0.0, 90.0, 180.0]
    cap: Ring = [(east, 80.0) for east in turn] + [(east, 90.0) for east in reversed(turn)] + [(-180.0, 80.0)]
    distance_m = metres_to_ring(lat, lon, [(east, 80) for east in turn])

    found = area_of([cap]).relate(Disc(lat, lon, 20))

    assert found.position is Position.INSIDE
    assert found.edge_m == pytest.approx(distance_m, abs=promised_m(distance_m))


def test_who_is_in_a_hole_is_outside() -> None:
    outer: Ring = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
    hole: Ring = [(1, 1), (1, 3), (3, 3), (3, 1), (1, 1)]
    area = area_of([outer, hole])
    in_the_hole = area.relate(Disc(2.9, 2, 100))
    assert in_the_hole.position is Position.OUTSIDE
    assert in_the_hole.edge_m == pytest.approx(metres_to_ring(2.9, 2, hole), abs=0.01)
    assert area.relate(Disc(3.5, 2, 100)).position is Position.INSIDE
