"""Areas: polygons that answer about discs of evidence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import shapely
from shapely.geometry import MultiPolygon

from perks_engine.domain.geography import Disc, Placement, Position
from perks_engine.places.area_file import AreaFileError, read_drawing
from perks_engine.places.edges import Edges, TooManyEdgesError, edges_of
from perks_engine.places.prepared import has_point

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees; the east may lie beyond 180°."""


@dataclass(frozen=True, slots=True)
class Area:
    """A checked area. `sha256` names the very bytes it was read from."""

    name: str
    sha256: str
    label: str
    shape: MultiPolygon
    edges: Edges

    @property
    def bounds(self) -> Bounds:
        """Around all of the area, over the 180th meridian where that makes it narrower."""
        west, south, east, north = self.shape.bounds
        parts = shapely.get_parts(self.shape)
        wests, _, easts, _ = shapely.bounds(parts).T
        if west == -180 and east == 180 and not ((wests < 0) & (easts > 0)).any():
            return float(wests[wests >= 0].min()), south, float(easts[easts <= 0].max()) + 360, north
        return west, south, east, north

    def relate(self, disc: Disc) -> Placement:
        """Whether the whole (sound) disc lies inside.

        The edge is made of straight lines in longitude and latitude, and the distance from it is measured
        on the ellipsoid, to better than 1 cm up to 90 km (see `Edges.nearest_m`).
        """
        radius_m = disc.radius_m or 0.0
        # The edge itself counts as inside, so that a point on a cut at the 180th meridian is not lost;
        # a disc on a real edge crosses it anyway.
        inside = has_point(self.shape, disc.lon, disc.lat)
        edge_m = self.edges.nearest_m(disc.lat, disc.lon)
        if inside:
            return Placement(Position.INSIDE if edge_m >= radius_m else Position.CROSSES, edge_m)
        return Placement(Position.OUTSIDE if edge_m > radius_m else Position.CROSSES, edge_m)


@lru_cache(maxsize=16)
def read_area(data: bytes, name: str, label: str = "") -> Area:
    """Reads and checks the file of an area, once for all atlases of a process; raises `AreaFileError`.

    The label that people read is the one given, else the file's own `title`, else the name in words.
    """
    file = f"{name}.geojson"
    drawing = read_drawing(data, file)
    try:
        edges = edges_of(drawing.shape)
    except TooManyEdgesError as error:
        raise AreaFileError(file, f"has edges too long to measure: {error}", "draw a smaller area") from error
    shapely.prepare(drawing.shape)
    title = label or drawing.title or name.rsplit("/", 1)[-1].replace("_", " ").replace("-", " ")
    return Area(name, hashlib.sha256(data).hexdigest(), title, drawing.shape, edges)
