"""Draws zones, countries and states for maps: simplified to what a small picture can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from geopy.distance import geodesic
from numpy.typing import NDArray
from shapely.geometry import Polygon

from perks_engine.domain.drawing import Box, Line
from perks_engine.domain.geography import AreaRef, Circle, Territory, Zone
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.geodesy import geodesic_m
from perks_engine.places.territories import Layer, Territories, shipped_territories

BEARINGS = range(0, 361, 3)
FINEST = 1 / 600
"""Of the size of what is drawn: less than this cannot be seen."""
DIGITS = 4
WIDEST_WITH_STATES_DEG = 30.0

Parts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Drawings:
    atlas: RulesAtlas

    def box(self, zone: Zone) -> Box:
        if isinstance(zone, Circle):
            return _circle_box(zone)
        return _box_of(self._parts(zone))

    def outline(self, zone: Zone) -> list[Line]:
        if isinstance(zone, Circle):
            return [_circle(zone)]
        box = self.box(zone)
        return list(_lines(self._parts(zone), _finest(box)))

    def land(self, box: Box) -> list[Line]:
        territories = shipped_territories()
        lines: list[Line] = []
        for turn in (0.0, 360.0):
            rectangle = (box.west - turn, box.south, box.east - turn, box.north)
            parts = np.concatenate([_within(layer, rectangle) for layer in _layers(territories, box)])
            clipped = shapely.clip_by_rect(parts, *rectangle)
            shapes = (part for shape in clipped for part in shapely.get_parts(shape))
            seen = _lines((part for part in shapes if isinstance(part, Polygon)), _finest(box))
            lines.extend([(lon + turn, lat) for lon, lat in line] for line in seen)
        return lines

    def _parts(self, zone: AreaRef | Territory) -> list[Polygon]:
        if isinstance(zone, AreaRef):
            return list(self.atlas.shape(zone).geoms)
        return list(_drawn(shipped_territories(), zone))


def _layers(territories: Territories, box: Box) -> list[Layer]:
    layers = [territories.countries]
    return (
        [*layers, *territories.regions.values()] if box.east - box.west <= WIDEST_WITH_STATES_DEG else layers
    )


def _within(layer: Layer, rectangle: tuple[float, float, float, float]) -> Parts:
    return layer.parts[layer.tree.query(shapely.box(*rectangle))]


def _drawn(territories: Territories, zone: Territory) -> Iterator[Polygon]:
    """The land of a territory's codes; nothing of one that is not drawn."""
    for code in zone.codes:
        country, _, region = code.partition("-")
        layer = territories.regions.get(country) if region else territories.countries
        if layer is not None and code in layer.codes:
            yield from layer.parts[layer.part_owners == layer.codes.index(code)].tolist()


def _lines(parts: Iterable[Polygon], finest: float) -> Iterator[Line]:
    """The rings of polygons, without those too small to be seen."""
    for part in parts:
        for ring in (part.exterior, *part.interiors):
            points = shapely.get_coordinates(shapely.simplify(ring, finest)).round(DIGITS)
            if len(points) >= 4 and max(np.ptp(points, axis=0)) > finest:
                yield [(float(lon), float(lat)) for lon, lat in points]


def _finest(box: Box) -> float:
    return max(box.east - box.west, box.north - box.south) * FINEST


def _circle(circle: Circle) -> Line:
    """The circle point by point, its longitudes going on where it crosses the 180th meridian."""
    around = [
        geodesic(meters=circle.radius_m).destination((circle.lat, circle.lon), bearing)
        for bearing in BEARINGS
    ]
    lons = np.unwrap([point.longitude for point in around], period=360)
    return [
        (round(float(lon), DIGITS), round(point.latitude, DIGITS))
        for lon, point in zip(lons, around, strict=True)
    ]


def _circle_box(circle: Circle) -> Box:
    box = Box.of(_circle(circle))
    for pole in (90.0, -90.0):
        if geodesic_m(circle.lat, circle.lon, pole, 0) <= circle.radius_m:
            south, north = min(box.south, pole), max(box.north, pole)
            return Box(south, -180.0, north, 180.0)
    return box


def _box_of(parts: Iterable[Polygon]) -> Box:
    """The smallest box around polygons, which may cross the 180th meridian: the widest gap between them is
    what it leaves out. All of the earth where there are none."""
    bounds = shapely.bounds(np.array(list(parts), dtype=object))
    if not len(bounds):
        return Box(-90.0, -180.0, 90.0, 180.0)
    spans = sorted(zip(bounds[:, 0].tolist(), bounds[:, 2].tolist(), strict=True))
    joined = [spans[0]]
    for west, east in spans[1:]:
        last_west, last_east = joined[-1]
        if west <= last_east:
            joined[-1] = (last_west, max(last_east, east))
        else:
            joined.append((west, east))
    gaps = [(after[0] - before[1], before[1], after[0]) for before, after in pairwise(joined)]
    gaps.append((joined[0][0] + 360 - joined[-1][1], joined[-1][1], joined[0][0]))
    _, east, west = max(gaps)
    south, north = float(bounds[:, 1].min()), float(bounds[:, 3].max())
    return Box(south, west, north, east if east >= west else east + 360)
