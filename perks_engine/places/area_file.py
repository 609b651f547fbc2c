"""Area files: GeoJSON polygons (RFC 7946), checked when they are read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from perks_engine.places.geodesy import Numbers

MAX_BYTES = 20_000_000
MAX_VERTICES = 500_000
MAX_SHARE_OF_EARTH = 1 / 3
EARTH_M2 = 5.1e14
MIN_M2 = 1.0
"""Somebody must be able to stand in an area; a smaller one was drawn on another scale than degrees."""
MAX_DEPTH = 50
"""GeoJSON nests at most eight deep; more is no area, and would cost a stack."""
FARTHEST = 1e9
"""A number beyond is no coordinate of anything; one within it may be a projection's metres."""
_NUMBERS = frozenset({int, float})


class AreaFileError(ValueError):
    """An area file that cannot be used; the message names the file, the cause and the mend."""

    def __init__(self, file: str, cause: str, mend: str) -> None:
        super().__init__(f"{file}: {cause}; {mend}")
        self.file = file
        self.cause = cause
        self.mend = mend


@dataclass(frozen=True, slots=True)
class AreaDrawing:
    """What an area file draws: the union of its polygons in longitude and latitude (degrees), and the
    title that it gives itself, or nothing."""

    shape: MultiPolygon
    title: str


def read_drawing(data: bytes, file: str) -> AreaDrawing:
    """Reads any GeoJSON object that holds polygons and nothing else; raises `AreaFileError`."""
    if len(data) > MAX_BYTES:
        raise AreaFileError(
            file, f"is {len(data):,} bytes long", f"simplify it to at most {MAX_BYTES:,} bytes"
        )
    document = _parse(data, file)
    budget = _Budget(file)
    polygons = [
        part for rings in _polygons(document, file, 0) for part in _wrapped(_polygon(rings, budget), file)
    ]
    if not polygons:
        raise AreaFileError(file, "draws no polygon", "draw at least one Polygon or MultiPolygon")
    union = shapely.union_all(polygons)
    shape = MultiPolygon([part for part in shapely.get_parts(union) if isinstance(part, Polygon)])
    share = share_of_earth(shape)
    if share > MAX_SHARE_OF_EARTH:
        raise AreaFileError(
            file,
            f"covers {share:.0%} of the earth, where at most {MAX_SHARE_OF_EARTH:.0%} is an area",
            "check for a ring that runs around the wrong side, or use countries",
        )
    if share * EARTH_M2 < MIN_M2:
        raise AreaFileError(
            file, "encloses less than a square metre", "draw it in degrees, and check its scale"
        )
    return AreaDrawing(shape, _title(document))


def share_of_earth(shape: MultiPolygon) -> float:
    """The share of a sphere's surface (0 to 1), good to a percent: equal-area cylindrical, edges cut fine."""
    fine = shapely.segmentize(shape, 1.0)
    equal_area: MultiPolygon = shapely.transform(
        fine, lambda points: np.stack((np.radians(points[:, 0]), np.sin(np.radians(points[:, 1]))), axis=1)
    )
    return float(equal_area.area) / (4 * math.pi)


def _parse(data: bytes, file: str) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise AreaFileError(file, f"is not UTF-8 at byte {error.start}", "save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise AreaFileError(
            file,
            f"is not JSON at line {error.lineno}, column {error.colno}: {error.msg}",
            "write GeoJSON (RFC 7946)",
        ) from error
    except _ConstantError as error:
        raise AreaFileError(file, f"has the number {error}", "write GeoJSON (RFC 7946)") from error
    except (ValueError, RecursionError) as error:
        # Python refuses whole numbers of more than 4,300 digits.
        cause = "is nested too deep" if isinstance(error, RecursionError) else "has a number without end"
        raise AreaFileError(file, cause, "write GeoJSON (RFC 7946)") from error


class _ConstantError(ValueError):
    """NaN or Infinity, which Python reads and JSON does not have."""


def _refuse_constant(name: str) -> Any:
    raise _ConstantError(name)


def _title(document: Any) -> str:
    title = document.get("title") if isinstance(document, dict) else None
    return title.strip() if isinstance(title, str) else ""


def _polygons(node: Any, file: str, depth: int) -> Iterator[Any]:
    """The coordinate arrays of all polygons in a GeoJSON object."""
    kind = node.get("type") if isinstance(node, dict) else None
    if depth > MAX_DEPTH:
        raise AreaFileError(file, "is nested too deep", "put the polygons into one FeatureCollection")
    match kind:
        case "FeatureCollection" | "GeometryCollection":
            members = node.get("features" if kind == "FeatureCollection" else "geometries")
            for member in _list(members, file, f"a {kind} without its list"):
                yield from _polygons(member, file, depth + 1)
        case "Feature":
            if node.get("geometry") is None:
                raise AreaFileError(file, "has a Feature without a geometry", "draw it, or leave it out")
            yield from _polygons(node["geometry"], file, depth + 1)
        case "Polygon":
            yield node.get("coordinates")
        case "MultiPolygon":
            yield from _list(node.get("coordinates"), file, "a MultiPolygon without coordinates")
        case _:
            found = f"a {kind}" if isinstance(kind, str) else "something without a GeoJSON type"
            raise AreaFileError(file, f"holds {found}", "draw Polygons or MultiPolygons only")


def _list(value: Any, file: str, found: str) -> list[Any]:
    if not isinstance(value, list):
        raise AreaFileError(file, f"has {found}", "write GeoJSON (RFC 7946)")
    return value


@dataclass(slots=True)
class _Budget:
    """Counts the points of a whole file."""

    file: str
    points: int = 0

    def spend(self, count: int) -> None:
        self.points += count
        if self.points > MAX_VERTICES:
            raise AreaFileError(
                self.file,
                f"has more than {MAX_VERTICES:,} points",
                f"simplify it to at most {MAX_VERTICES:,}",
            )


def _polygon(rings: Any, budget: _Budget) -> Polygon:
    file = budget.file
    if not isinstance(rings, list) or not rings:
        raise AreaFileError(file, "has a polygon without rings", "give each polygon an outer ring")
    points = [_ring(ring, budget) for ring in rings]
    for ring in points:
        alone = Polygon(ring)
        # The halves of a bow-tie cancel each other out, and yet it encloses something.
        if alone.area == 0 and shapely.make_valid(alone).area == 0:
            raise AreaFileError(
                file, f"has a ring that encloses nothing, from {_shown(ring[0])}", "draw around it"
            )
    polygon = Polygon(points[0], points[1:])
    if not polygon.is_valid:
        raise _invalid(polygon, file)
    for number, ring in enumerate(points):
        if bool(shapely.is_ccw(shapely.linearrings(ring))) != (number == 0):
            kind, turn = ("an outer ring", "counterclockwise") if number == 0 else ("a hole", "clockwise")
            raise AreaFileError(
                file,
                f"has {kind} that turns the wrong way, from {_shown(ring[0])}",
                f"draw it {turn} (RFC 7946, 3.1.6), each point as [longitude, latitude]",
            )
    return polygon


def _invalid(polygon: Polygon, file: str) -> AreaFileError:
    reason, _, there = shapely.is_valid_reason(polygon).partition("[")
    where = f" near [{', '.join(there.rstrip(']').split())}]"
    match reason:
        case "Hole lies outside shell":
            return AreaFileError(
                file, f"has a hole outside of its outer ring,{where}", "leave it out, or draw it inside"
            )
        case "Holes are nested":
            return AreaFileError(
                file, f"has a hole in a hole,{where}", "draw land in it as a polygon of its own"
            )
        case _:
            return AreaFileError(file, f"crosses itself{where} ({reason})", "redraw it without crossings")


def _ring(ring: Any, budget: _Budget) -> Numbers:
    file = budget.file
    budget.spend(len(_list(ring, file, "a ring that is no list of points")))
    for point in ring:
        # Areas have a hundred thousand of them: one look at each, and words only for one that is wrong.
        if not _is_point(point):
            raise _wrong_point(point, file)
    points = np.array([point[:2] for point in ring], dtype=np.float64).reshape(-1, 2)
    if len(points) < 4 or not np.array_equal(points[0], points[-1]):
        begin = f", from {_shown(points[0])}" if len(points) else ""
        raise AreaFileError(
            file,
            f"has a ring that is not closed{begin}",
            "end each ring of at least four points where it began",
        )
    jumps = np.flatnonzero(np.abs(np.diff(points[:, 0])) > 180)
    if len(jumps):
        jump = int(jumps[0])
        raise AreaFileError(
            file,
            f"jumps from longitude {points[jump, 0]:g} to {points[jump + 1, 0]:g}",
            "cut the area at the 180th meridian (RFC 7946, 3.1.9), or go on beyond it: 179, 181",
        )
    return points


def _wrapped(polygon: Polygon, file: str) -> Iterator[Polygon]:
    """The parts of a polygon whose longitudes go on beyond 180°, each where it lies."""
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        yield polygon
        return
    if east - west > 360:
        raise AreaFileError(file, f"goes around the earth from {west:g}° to {east:g}°", "draw it once")
    for turn in (-360, 0, 360):
        cut = shapely.intersection(polygon, shapely.box(turn - 180, -90, turn + 180, 90))
        parts = (part for part in shapely.get_parts(cut) if isinstance(part, Polygon))
        yield from (shapely.transform(part, lambda points, by=turn: points - (by, 0)) for part in parts)


def _is_point(point: Any) -> bool:
    return (
        type(point) is list
        and len(point) >= 2
        and type(point[0]) in _NUMBERS
        and type(point[1]) in _NUMBERS
        and -360 <= point[0] <= 360
        and -90 <= point[1] <= 90
    )


def _wrong_point(point: Any, file: str) -> AreaFileError:
    mend = "write [longitude, latitude] in degrees"
    is_pair = type(point) is list and len(point) >= 2 and all(type(one) in _NUMBERS for one in point[:2])
    if is_pair and all(-FARTHEST < one < FARTHEST for one in point[:2]):
        return AreaFileError(file, f"has the point [{point[0]}, {point[1]}], which is out of range", mend)
    return AreaFileError(file, f"has the point {point!r:.60}", mend)


def _shown(point: Numbers) -> str:
    return f"[{point[0]:g}, {point[1]:g}]"
