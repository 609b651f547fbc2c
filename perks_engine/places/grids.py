"""Zones as grids: which cells lie so clear of the edge that a disc in them needs no measuring."""

from __future__ import annotations

import numpy as np

from perks_engine.domain.geography import Disc, Territory
from perks_engine.domain.screens import UNSURE, GridScreen
from perks_engine.places.areas import Area
from perks_engine.places.cells import Block, Cells, fill, letter_of, squares_of, turned
from perks_engine.places.territories import Territories
from perks_engine.places.territory_cells import shipped_cells

AREA_SQUARES, AREA_FINE = 8, 16
ENOUGH_M = 3_000.0
"""Discs of evidence are seldom larger: a block with this room is not cut further."""
EDGE_ERROR = 0.01
"""Distances from an edge are better than this share of themselves (see `Edges.nearest_m`)."""


def area_grid(area: Area) -> GridScreen:
    """The grid over an area's own bounds, made once in a process for each file's content."""
    if area.sha256 not in _area_grids:
        _area_grids[area.sha256] = _area_grid(area)
    return _area_grids[area.sha256]


def territory_grid(territories: Territories, territory: Territory) -> GridScreen:
    """The grid over the whole earth, made once in a process for each set of codes: disputed and undrawn
    land matters wherever it lies."""
    if territory.codes not in _territory_grids:
        _territory_grids[territory.codes] = shipped_cells().grid_of(territories, territory)
    return _territory_grids[territory.codes]


_area_grids: dict[str, GridScreen] = {}
_territory_grids: dict[tuple[str, ...], GridScreen] = {}


def _area_grid(area: Area) -> GridScreen:
    west, south, east, north = area.bounds
    cells = Cells(
        south,
        west,
        (north - south) / (AREA_SQUARES * AREA_FINE),
        (east - west) / (AREA_SQUARES * AREA_FINE),
    )

    def ask(block: Block) -> tuple[str, bool]:
        placed = area.relate(Disc(block.lat, turned(block.lon), 1e-3))
        room_m = (placed.edge_m or 0.0) * (1 - EDGE_ERROR) - block.reach_m - 1.0
        return letter_of(placed.position, room_m), room_m >= ENOUGH_M

    letters = np.full((AREA_SQUARES * AREA_FINE,) * 2, UNSURE.encode())
    fill(letters, cells, cells.block(0, 0, AREA_SQUARES * AREA_FINE), ask)
    return GridScreen(
        south,
        west,
        cells.lat_step,
        cells.lon_step,
        AREA_SQUARES,
        AREA_SQUARES,
        AREA_FINE,
        tuple(squares_of(letters, AREA_FINE)),
    )
