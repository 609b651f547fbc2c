"""Every row of the geofence file decides as the file says, by the rule that a brand manager would write."""

import csv
from pathlib import Path

import pytest

from perks_engine.domain.geography import Atlas, Disc, Position
from perks_engine.domain.verdict import Verdict
from perks_engine.places.geodesy import geodesic_m, great_circle_m
from tests.places.ground import ask

FILE = Path(__file__).parent.parent / "data" / "geofence_nyc.csv"
ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))

CENTRE = (40.712776, -74.005974)
CIRCLES_M = {"25 mi": 40_233.6, "50 km": 50_000.0}
COLUMNS = {"25 mi": "within_25_mi", "50 km": "within_50_km"}
ANSWERS = {
    "in": (Verdict.ELIGIBLE, "location.inside"),
    "out": (Verdict.INELIGIBLE, "location.outside"),
    "unknown": (Verdict.UNKNOWN, "location.near_edge"),
}


def test_the_file_holds_every_answer_for_both_circles() -> None:
    assert len(ROWS) == 30
    for column in COLUMNS.values():
        assert {row[column] for row in ROWS} == set(ANSWERS)


@pytest.mark.parametrize("within", COLUMNS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['place']} ± {row['radius_m']} m")
def test_a_row_decides_as_the_file_says(atlas: Atlas, row: dict[str, str], within: str) -> None:
    reason = ask(
        atlas,
        f"{{within: {within}, of: [{CENTRE[0]}, {CENTRE[1]}]}}",
        f"{{device: [{row['lat']}, {row['lon']}], radius: {row['radius_m']} m}}",
    )
    assert (reason.verdict, reason.code) == ANSWERS[row[COLUMNS[within]]]
    assert reason.edge_m == pytest.approx(abs(float(row["distance_m"]) - CIRCLES_M[within]), rel=0.006)


@pytest.mark.parametrize("row", ROWS[::3], ids=lambda row: row["place"])
def test_the_distance_is_the_one_in_the_file(row: dict[str, str]) -> None:
    found = geodesic_m(*CENTRE, float(row["lat"]), float(row["lon"]))
    assert found == pytest.approx(float(row["distance_m"]), abs=0.005_1)


def test_a_sphere_would_put_pleasantville_on_the_other_side(atlas: Atlas) -> None:
    pleasantville = (41.13287, -73.79263)
    assert great_circle_m(*CENTRE, *pleasantville) > 50_000 > geodesic_m(*CENTRE, *pleasantville)
    reason = ask(
        atlas,
        "{within: 50 km, of: [40.712776, -74.005974]}",
        "{device: [41.13287, -73.79263], radius: 1 m}",
    )
    assert str(reason.actual) == "inside 50 km around 40.712776, -74.005974, 6.089 m from its edge"


def test_a_place_is_measured_once_for_a_zone(atlas: Atlas) -> None:
    area = atlas.area("areas/nyc_boroughs")
    assert area is not None
    here = Disc(40.6782, -73.9442, 30.0)
    assert atlas.relate(here, area) is atlas.relate(Disc(40.6782, -73.9442, 30.0), area)
    assert atlas.relate(here, area).position is Position.INSIDE
    assert atlas.relate(Disc(40.6782, -73.9442, 30_000.0), area).position is Position.CROSSES
