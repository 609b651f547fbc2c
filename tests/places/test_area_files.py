"""An area file that cannot be used is refused with the cause and the mend."""

import json
from pathlib import Path
from typing import Any

import pytest

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.domain.geography import Disc, Position
from perks_engine.places.area_file import AreaFileError
from perks_engine.places.areas import read_area
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.gazetteer import Gazetteer
from tests.places.ground import ask

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
INNER = [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.2]]


def polygon(*rings: list[Any]) -> bytes:
    return json.dumps({"type": "Polygon", "coordinates": list(rings)}).encode()


def comb(teeth: int) -> list[Any]:
    """Few points, and edges from pole to pole and back again."""
    points = [[0, -80], [teeth / 10, -80]]
    for tooth in reversed(range(teeth)):
        points += [[tooth / 10 + 0.08, 80], [tooth / 10 + 0.04, -79]]
    return [*points, [0, -80]]


def refusal(data: bytes) -> str:
    with pytest.raises(AreaFileError) as refused:
        read_area(data, "areas/drawn")
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            polygon(SQUARE[:-1]),
            "has a ring that is not closed, from [0, 0]; "
            "end each ring of at least four points where it began",
            id="not closed",
        ),
        pytest.param(
            polygon([[0, 0], [3, 0], [0, 2], [2, 2], [0, 0]]),
            "crosses itself near [1.2, 1.2] (Self-intersection); redraw it without crossings",
            id="self-crossing",
        ),
        pytest.param(
            polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]),
            "crosses itself near [0.5, 0.5] (Self-intersection); redraw it without crossings",
            id="a bow-tie, whose halves cancel out",
        ),
        pytest.param(
            polygon([[0, 0], [1, 0], [1, 1], [1, 0], [0, 0]]),
            "has a ring that encloses nothing, from [0, 0]; draw around it",
            id="there and back",
        ),
        pytest.param(
            polygon([[0, 0], [1, 1], [2, 2], [0, 0]]),
            "has a ring that encloses nothing, from [0, 0]; draw around it",
            id="a line",
        ),
        pytest.param(
            polygon([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], [[5, 5], [5, 6], [6, 6], [6, 5], [5, 5]]),
            "has a hole outside of its outer ring, near [5, 5]; leave it out, or draw it inside",
            id="hole outside",
        ),
        pytest.param(
            polygon(
                [[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]],
                [[1, 1], [1, 8], [8, 8], [8, 1], [1, 1]],
                [[2, 2], [2, 3], [3, 3], [3, 2], [2, 2]],
            ),
            "has a hole in a hole, near [2, 2]; draw land in it as a polygon of its own",
            id="hole in a hole",
        ),
        pytest.param(
            polygon([[0, 0], [1e-7, 0], [1e-7, 1e-7], [0, 1e-7], [0, 0]]),
            "encloses less than a square metre; draw it in degrees, and check its scale",
            id="a centimetre",
        ),
        pytest.param(
            polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]),
            "jumps from longitude 179 to -179; "
            "cut the area at the 180th meridian (RFC 7946, 3.1.9), or go on beyond it: 179, 181",
            id="jump across 180°",
        ),
        pytest.param(
            polygon([[170, 0], [400, 0], [400, 1], [170, 1], [170, 0]]),
            "has the point [400, 0], which is out of range; write [longitude, latitude] in degrees",
            id="longitudes out of range",
        ),
        pytest.param(
            polygon(
                [[-190, 0], [-20, 0], [150, 0], [190, 0], [190, 1], [20, 1], [-150, 1], [-190, 1], [-190, 0]]
            ),
            "goes around the earth from -190° to 190°; draw it once",
            id="around the earth, and on",
        ),
        pytest.param(
            polygon([[-170, -80], [0, -80], [170, -80], [170, 80], [0, 80], [-170, 80], [-170, -80]]),
            "covers 93% of the earth, where at most 33% is an area; "
            "check for a ring that runs around the wrong side, or use countries",
            id="absurd size",
        ),
        pytest.param(
            polygon(comb(700)),
            "has edges too long to measure: more than 2,000,000 pieces of 0.05°; draw a smaller area",
            id="absurd edges",
        ),
        pytest.param(
            b" " * 20_000_001,
            "is 20,000,001 bytes long; simplify it to at most 20,000,000 bytes",
            id="absurd bytes",
        ),
        pytest.param(
            polygon([[34, -118.3], [34, -118.2], [34.1, -118.2], [34, -118.3]]),
            "has the point [34, -118.3], which is out of range; write [longitude, latitude] in degrees",
            id="Los Angeles swapped",
        ),
        pytest.param(
            b"hello", "is not JSON at line 1, column 1: Expecting value; write GeoJSON (RFC 7946)", id="text"
        ),
        pytest.param(b'{"type": "\xe9"}', "is not UTF-8 at byte 10; save it as UTF-8", id="Latin-1"),
        pytest.param(
            b'{"name": "New York"}',
            "holds something without a GeoJSON type; draw Polygons or MultiPolygons only",
            id="JSON, not GeoJSON",
        ),
        pytest.param(
            b'{"type": "Point", "coordinates": [0, 0]}',
            "holds a Point; draw Polygons or MultiPolygons only",
            id="a point",
        ),
        pytest.param(
            b'{"type": "FeatureCollection", "features": []}',
            "draws no polygon; draw at least one Polygon or MultiPolygon",
            id="nothing drawn",
        ),
        pytest.param(
            b'{"type": "Feature", "geometry": null}',
            "has a Feature without a geometry; draw it, or leave it out",
            id="no geometry",
        ),
        pytest.param(
            polygon([["40.7", "-74"], *SQUARE[1:]]),
            "has the point ['40.7', '-74']; write [longitude, latitude] in degrees",
            id="texts for numbers",
        ),
        pytest.param(
            b'{"type": "Polygon", "coordinates": [[[NaN, 0]]]}',
            "has the number NaN; write GeoJSON (RFC 7946)",
            id="NaN",
        ),
        pytest.param(b"[" * 100_000, "is nested too deep; write GeoJSON (RFC 7946)", id="nested"),
    ],
)
def test_a_faulty_file_is_refused(data: bytes, message: str) -> None:
    assert refusal(data) == f"areas/drawn.geojson: {message}"


@pytest.mark.parametrize(
    ("rings", "message"),
    [
        (
            [SQUARE[::-1]],
            (
                "has an outer ring that turns the wrong way, from [0, 0]; "
                "draw it counterclockwise (RFC 7946, 3.1.6)"
            ),
        ),
        (
            [SQUARE, INNER],
            "has a hole that turns the wrong way, from [0.2, 0.2]; draw it clockwise (RFC 7946, 3.1.6)",
        ),
    ],
)
def test_a_ring_that_turns_the_wrong_way_is_refused(rings: list[Any], message: str) -> None:
    assert refusal(polygon(*rings)).startswith(f"areas/drawn.geojson: {message}")


@pytest.mark.parametrize("west", [179, -181])
def test_a_ring_may_go_on_beyond_180_degrees(west: float) -> None:
    """It is the same area as the one that is cut there (RFC 7946, 3.1.9)."""
    unwrapped = [[west, -17], [west + 2, -17], [west + 2, -16], [west, -16], [west, -17]]
    halves = [[[lon, -17], [lon + 1, -17], [lon + 1, -16], [lon, -16], [lon, -17]] for lon in (179, -180)]
    cut = json.dumps({"type": "MultiPolygon", "coordinates": [[half] for half in halves]}).encode()
    whole, in_two = read_area(polygon(unwrapped), "areas/fiji"), read_area(cut, "areas/fiji")
    for lon in (178.99, 179.01, 179.999999, 180, -180, -179.5, -179.01, -178.99):
        disc = Disc(-16.5, lon, 100)
        assert whole.relate(disc) == in_two.relate(disc), lon
    assert whole.relate(Disc(-16.5, 180, 100)).position is Position.INSIDE
    assert whole.relate(Disc(-16.5, 178.99, 100)).position is Position.OUTSIDE


def test_swapped_coordinates_are_refused_and_the_order_is_named() -> None:
    """New York swapped lies in Antarctica, and turns the other way: turning it back would not mend it."""
    new_york = [[-74.1, 40.6], [-73.9, 40.6], [-73.9, 40.8], [-74.1, 40.8], [-74.1, 40.6]]
    read_area(polygon(new_york), "areas/drawn")
    message = refusal(polygon([[lat, lon] for lon, lat in new_york]))
    assert "turns the wrong way, from [40.6, -74.1]" in message
    assert "[longitude, latitude]" in message


@pytest.mark.parametrize("digits", [400, 5_000])
def test_a_number_without_end_is_refused_in_words(digits: int) -> None:
    message = refusal(b'{"type": "Polygon", "coordinates": [[[1' + b"0" * digits + b", 0]]]}")
    assert message.startswith("areas/drawn.geojson: ")


def test_a_rule_that_names_a_missing_file_is_refused(atlas: RulesAtlas) -> None:
    with pytest.raises(FileProblemsError) as refused:
        ask(atlas, "{inside: areas/nyc_burroughs}", "{claimed: anywhere}")
    [problem] = str(refused.value).splitlines()
    assert problem.startswith("somewhere.yaml:7:")
    assert "there is no area 'areas/nyc_burroughs'" in problem
    assert "one of areas/nyc_boroughs" in problem
    assert "did you mean 'areas/nyc_boroughs'?" in problem


def test_a_rule_that_names_a_faulty_file_is_refused(tmp_path: Path, gazetteer: Gazetteer) -> None:
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas" / "open.geojson").write_bytes(polygon(SQUARE[:-1]))
    with pytest.raises(FileProblemsError) as refused:
        ask(RulesAtlas([tmp_path], gazetteer), "{inside: areas/open}", "{device: nowhere, colour: red}")
    area, colour = str(refused.value).splitlines()
    assert area.startswith("somewhere.yaml:7:22: eligibility.location.inside: areas/open.geojson: ")
    assert "has a ring that is not closed, from [0, 0]; end each ring of at least four points" in area
    assert "colour" in colour, "the other faults of the file are told as well"


def test_a_name_cannot_climb_out_of_the_folder(tmp_path: Path, gazetteer: Gazetteer) -> None:
    (tmp_path / "areas").mkdir()
    (tmp_path / "secret.geojson").write_bytes(polygon(SQUARE))
    atlas = RulesAtlas([tmp_path], gazetteer)
    assert [atlas.area(name) for name in ("areas/../secret", "secret", "areas/", "areas//secret")] == [
        None
    ] * 4


def test_an_area_is_named_by_its_very_bytes(tmp_path: Path, gazetteer: Gazetteer) -> None:
    """A version that was approved on one drawing is never decided on another one of the same name."""
    (tmp_path / "areas").mkdir()
    file = tmp_path / "areas" / "square.geojson"
    file.write_bytes(polygon(SQUARE))
    kept: dict[str, bytes] = {}
    atlas = RulesAtlas([tmp_path], gazetteer, kept.get)
    before = atlas.area("areas/square")
    assert before is not None
    kept[before.sha256] = atlas.area_bytes(before)
    file.write_bytes(polygon([[2 * lon, 2 * lat] for lon, lat in SQUARE]))
    after = atlas.area("areas/square")
    assert after is not None
    assert after.sha256 != before.sha256
    assert atlas.area_bytes(before) == polygon(SQUARE)
