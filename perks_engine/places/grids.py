"""Zones as grids: which cells lie so clear of the edge that a disc in them needs no measuring.

A block of cells is asked once at its middle. Where the answer holds for all of the block with room to
spare, all its cells get it; else it is cut in four, down to single cells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from perks_engine.domain.geography import Disc, Position, Territory
from perks_engine.domain.screens import GridScreen
from perks_engine.places.areas import Area
from perks_engine.places.territories import Territories

LONGEST_DEGREE_M = 111_700.0
"""A degree of latitude is nowhere longer (111,694 m at the poles)."""
EQUATOR_DEGREE_M = 111_320.0
AREA_CELLS = 64
TERRITORY_CELLS = 128
ENOUGH_M = 10_000.0
"""Discs of evidence are seldom larger: a block with this room is not cut further."""
EDGE_ERROR = 0.01
"""Distances from an edge are better than this share of themselves (see `Edges.nearest_m`)."""
UNMEASURED_M = 1_000_000.0
"""Blocks larger than this are cut without being asked."""
TERRITORY_ROOMS_M = (50_000.0, 10_000.0, 1_000.0)

Rooms = tuple[float, float]
NEITHER: Rooms = (-1.0, -1.0)


@dataclass(frozen=True, slots=True)
class Block:
    """Cells from (row, column) on, as many as its sides say, with its middle and reach in degrees, metres."""

    row: int
    column: int
    rows: int
    columns: int
    lat: float
    lon: float
    reach_m: float

    def cells(self, width: int) -> Iterator[int]:
        for row in range(self.row, self.row + self.rows):
            start = row * width + self.column
            yield from range(start, start + self.columns)


Ask = Callable[[Block], Rooms]


_area_grids: dict[str, GridScreen] = {}
_territory_grids: dict[tuple[str, ...], GridScreen] = {}


def area_grid(area: Area) -> GridScreen:
    """The grid over an area's own bounds, made once in a process for each file's content."""
    if area.sha256 not in _area_grids:
        _area_grids[area.sha256] = _area_grid(area)
    return _area_grids[area.sha256]


def territory_grid(territories: Territories, territory: Territory) -> GridScreen:
    """The grid over the whole earth, made once in a process for each set of codes: disputed and undrawn
    land matters wherever it lies."""
    if territory.codes not in _territory_grids:
        _territory_grids[territory.codes] = _territory_grid(territories, territory)
    return _territory_grids[territory.codes]


def _area_grid(area: Area) -> GridScreen:
    west, south, east, north = area.shape.bounds

    def ask(block: Block) -> Rooms:
        placed = area.relate(Disc(block.lat, block.lon, 1e-3))
        room = (placed.edge_m or 0.0) * (1 - EDGE_ERROR) - block.reach_m - 1.0
        if room <= 0:
            return NEITHER
        return (room, -1.0) if placed.position is Position.INSIDE else (-1.0, room)

    return _grid(south, west, north, east, AREA_CELLS, ask)


def _territory_grid(territories: Territories, territory: Territory) -> GridScreen:
    def ask(block: Block) -> Rooms:
        for room in TERRITORY_ROOMS_M:
            position = territories.relate(
                Disc(block.lat, block.lon, block.reach_m + room), territory
            ).position
            if position is Position.OUTSIDE:
                return (-1.0, room)
            if position is Position.INSIDE:
                half_lat, half_lon = block.rows / 2 * lat_step, block.columns / 2 * lon_step
                box = (block.lon - half_lon, block.lat - half_lat, block.lon + half_lon, block.lat + half_lat)
                # In the water a smaller disc may touch no land at all, and is not inside any more.
                return (room, -1.0) if territories.is_all_land(box, territory) else NEITHER
        return NEITHER

    lat_step, lon_step = 180 / TERRITORY_CELLS, 360 / TERRITORY_CELLS
    return _grid(-90.0, -180.0, 90.0, 180.0, TERRITORY_CELLS, ask)


def _grid(south: float, west: float, north: float, east: float, side: int, ask: Ask) -> GridScreen:
    lat_step, lon_step = (north - south) / side, (east - west) / side
    inside, outside = [-1.0] * (side * side), [-1.0] * (side * side)

    def block(row: int, column: int, size: int) -> Block:
        lat, lon = south + (row + size / 2) * lat_step, west + (column + size / 2) * lon_step
        along = size / 2 * lon_step * EQUATOR_DEGREE_M * math.cos(math.radians(lat))
        return Block(
            row, column, size, size, lat, lon, along * 1.001 + size / 2 * lat_step * LONGEST_DEGREE_M
        )

    todo = [block(0, 0, side)]
    while todo:
        one = todo.pop()
        rooms = NEITHER if one.reach_m > UNMEASURED_M and one.rows > 1 else ask(one)
        if one.rows == 1 or max(rooms) >= ENOUGH_M:
            for cell in one.cells(side):
                inside[cell], outside[cell] = rooms
            continue
        half = one.rows // 2
        todo += [block(one.row + i * half, one.column + j * half, half) for i in (0, 1) for j in (0, 1)]
    return GridScreen(south, west, lat_step, lon_step, side, side, tuple(inside), tuple(outside))
