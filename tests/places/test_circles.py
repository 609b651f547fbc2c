"""Circles are geodesic on WGS 84, exact to a millimetre near the edge, anywhere on earth."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from perks_engine.domain.geography import Circle, Disc, Position
from perks_engine.places.geodesy import NEAR_EDGE_M, relate_circle
from tests.places.ground import metres, walk

MILLIMETRE = 0.001

LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, -89.999, 0.0, 60.0, 78.2, 89.999, 90.0])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, -179.999, 0.0, 179.999, 180.0])
AZIMUTHS = st.floats(-180, 180)
RADII_M = st.floats(20, 2_000_000)


@given(LATITUDES, LONGITUDES, RADII_M, AZIMUTHS, st.floats(2 * MILLIMETRE, 0.99 * NEAR_EDGE_M), st.booleans())
@example(-17.0, 179.99, 50_000.0, 90.0, 0.002, True).via("over the 180th meridian")
@example(-17.0, -179.99, 50_000.0, -90.0, 0.002, False).via("over the 180th meridian")
@example(90.0, 0.0, 10_000.0, 33.0, 0.002, True).via("around the pole")
@example(89.95, 12.0, 20_000.0, 0.0, 0.002, False).via("over the pole")
@example(78.2, 15.6, 40_233.6, 270.0, 0.002, True).via("high latitude")
def test_near_the_edge_a_disc_is_related_to_the_millimetre(
    lat: float, lon: float, radius_m: float, azimuth: float, gap_m: float, outside: bool
) -> None:
    assume(outside or gap_m < radius_m)
    point = walk(lat, lon, azimuth, radius_m + gap_m if outside else radius_m - gap_m)
    circle = Circle(lat, lon, radius_m, "a circle")

    clear = relate_circle(Disc(*point, gap_m - MILLIMETRE), circle)
    touching = relate_circle(Disc(*point, gap_m + MILLIMETRE), circle)

    assert clear.position is (Position.OUTSIDE if outside else Position.INSIDE)
    assert touching.position is Position.CROSSES
    assert clear.edge_m == pytest.approx(gap_m, abs=MILLIMETRE)
    assert touching.edge_m == pytest.approx(gap_m, abs=MILLIMETRE)


@given(LATITUDES, LONGITUDES, RADII_M, LATITUDES, LONGITUDES, st.floats(1, 2_000_000))
def test_far_from_the_edge_the_quick_way_says_the_same(
    lat: float, lon: float, radius_m: float, lat2: float, lon2: float, disc_m: float
) -> None:
    distance_m = metres(lat, lon, lat2, lon2)
    assume(abs(abs(distance_m - radius_m) - disc_m) > MILLIMETRE)

    found = relate_circle(Disc(lat2, lon2, disc_m), Circle(lat, lon, radius_m, "a circle"))

    if distance_m + disc_m <= radius_m:
        assert found.position is Position.INSIDE
    elif distance_m - disc_m > radius_m:
        assert found.position is Position.OUTSIDE
    else:
        assert found.position is Position.CROSSES
    assert found.edge_m == pytest.approx(abs(distance_m - radius_m), abs=MILLIMETRE + 0.006 * distance_m)


@pytest.mark.parametrize("lon", [-180.0, -90.0, 0.0, 45.0, 180.0])
def test_at_the_pole_every_longitude_is_as_near(lon: float) -> None:
    around_the_pole = Circle(90, 0, 10_000, "around the pole")
    assert relate_circle(Disc(89.95, lon, 30), around_the_pole).position is Position.INSIDE
    assert relate_circle(Disc(89.85, lon, 30), around_the_pole).position is Position.OUTSIDE


@pytest.mark.parametrize(("lat", "lon"), [(-17.0, 180.0), (-17.0, -180.0), (-17.0, -179.9), (-17.0, 179.7)])
def test_a_circle_reaches_over_the_180th_meridian(lat: float, lon: float) -> None:
    found = relate_circle(Disc(lat, lon, 30), Circle(-17.0, 179.9, 25_000, "in Fiji"))
    assert found.position is Position.INSIDE


def test_a_disc_larger_than_the_circle_around_the_same_point_crosses() -> None:
    found = relate_circle(Disc(40.7, -74.0, 2_000), Circle(40.7, -74.0, 1_000, "a small circle"))
    assert found.position is Position.CROSSES
