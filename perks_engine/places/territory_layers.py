"""The file of boundaries: layers of countries, US states and Canadian provinces (see data/README.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon

COUNTRIES, STATES, PROVINCES = "countries", "states", "provinces"

ACCURACY_M: Mapping[str, float] = {COUNTRIES: 5_000.0, STATES: 3_000.0, PROVINCES: 10_000.0}
"""How far off a boundary may lie, in metres: Natural Earth at 1:10 million (half a millimetre on the map),
the Census Bureau's cartographic boundaries as generalised by us-atlas, Natural Earth at 1:50 million."""

REGIONS_OF: Mapping[str, str] = {"US": STATES, "CA": PROVINCES}

DISPUTED = "?"
"""Land whose state is in dispute, or that has no ISO code: it may be anybody's."""

ALSO_DISPUTED: Mapping[str, tuple[float, float, float, float]] = {"RU": (32.0, 44.0, 37.0, 46.3)}
"""What the sources draw as a part of one country and the General Assembly of the United Nations holds to be
another's, by the country and a box (west, south, east, north) that holds the whole part: the Crimean
peninsula (resolution 68/262)."""

STEP_DEG = 1e-5
"""Coordinates are kept as whole steps of about 1 m."""

Layers = dict[str, dict[str, MultiPolygon]]


class TerritoryFileError(RuntimeError):
    """The file of boundaries is missing or broken."""


def write_layers(layers: Mapping[str, Mapping[str, MultiPolygon]], target: Path) -> None:
    """Rings one after the other, as differences between points: they compress well."""
    members: list[str] = []
    owners: list[int] = []
    first_in_polygon: list[bool] = []
    sizes: list[int] = []
    runs: list[NDArray[np.int32]] = []
    for layer, shapes in layers.items():
        for code in sorted(shapes):
            members.append(f"{layer}/{code}")
            for polygon in shapes[code].geoms:
                for place, ring in enumerate((polygon.exterior, *polygon.interiors)):
                    steps = np.rint(shapely.get_coordinates(ring) / STEP_DEG).astype(np.int32)
                    owners.append(len(members) - 1)
                    first_in_polygon.append(place == 0)
                    sizes.append(len(steps))
                    runs.append(np.diff(steps, axis=0, prepend=np.zeros((1, 2), np.int32)))
    np.savez_compressed(
        target,
        members=np.array(members),
        owners=np.array(owners, np.int32),
        first_in_polygon=np.array(first_in_polygon),
        sizes=np.array(sizes, np.int32),
        steps=np.concatenate(runs),
    )


def read_layers(file: Path) -> Layers:
    """The shapes by layer and code, in longitude and latitude; raises `TerritoryFileError`."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            members = [str(member) for member in kept["members"]]
            owners: NDArray[np.int32] = kept["owners"]
            first: NDArray[np.bool_] = kept["first_in_polygon"]
            sizes: NDArray[np.int32] = kept["sizes"]
            steps: NDArray[np.int32] = kept["steps"]
    except (OSError, KeyError, ValueError) as error:
        raise TerritoryFileError(
            f"{file.name}: the boundaries of countries and states cannot be read ({error}); "
            "install perks-engine again"
        ) from error
    rings = [
        shapely.linearrings(np.cumsum(run, axis=0) * STEP_DEG)
        for run in np.split(steps, np.cumsum(sizes)[:-1])
    ]
    starts = np.flatnonzero(first)
    layers: Layers = {}
    parts: dict[int, list[shapely.Polygon]] = {}
    for start, stop in zip(starts.tolist(), [*starts.tolist()[1:], len(rings)], strict=True):
        polygon = shapely.Polygon(rings[start], rings[start + 1 : stop])
        parts.setdefault(int(owners[start]), []).append(polygon)
    for place, member in enumerate(members):
        layer, _, code = member.partition("/")
        layers.setdefault(layer, {})[code] = MultiPolygon(parts.get(place, []))
    return layers


def with_disputes(layers: Layers) -> Layers:
    """The same with the parts in `ALSO_DISPUTED` as disputed land; raises `TerritoryFileError`."""
    countries = dict(layers[COUNTRIES])
    for code, bounds in ALSO_DISPUTED.items():
        box = shapely.box(*bounds)
        kept = [part for part in countries[code].geoms if not box.covers(part)]
        moved = [part for part in countries[code].geoms if box.covers(part)]
        if not moved:
            raise TerritoryFileError(f"nothing of {code} is drawn in {bounds}; install perks-engine again")
        countries[code] = MultiPolygon(kept)
        countries[DISPUTED] = MultiPolygon([*countries[DISPUTED].geoms, *moved])
    return {**layers, COUNTRIES: countries}
