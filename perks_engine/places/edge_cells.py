"""Which edges may be the nearest ones around a place, kept by cells of a grid.

People of a campaign live close together. Those few pieces of an edge that can be the nearest to anybody of a
cell, some 200 m wide, are looked up once; for the next one who lives there plain arithmetic on them will do,
which takes a sixth of the time of a search through all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perks_engine.places.geodesy import Point, distance_to_piece_m

Ids = NDArray[np.int64]

SLACK_M = 1.5
"""Pieces bulge by this at most over the straight lines between their ends."""

_PER_DEGREE = 500
"""Cells along a degree of longitude or latitude."""
_REACH_M = 111_700 / _PER_DEGREE * math.sqrt(0.5)
"""From the middle of a cell to its corners at most; no degree is longer than 111.7 km."""
_MOST_CELLS, _MOST_RUNS, _MOST_IDS = 20_000, 20_000, 1_000_000
"""What is kept of an area at most: some 30 MB."""
_FEW = 40
"""Up to so many pieces plain arithmetic is quicker than arrays."""


class Run(NamedTuple):
    """A piece of an edge: the straight line between its ends, in space (metres) from `x`, `y`, `z` on by
    `dx`, `dy`, `dz`; `per_square` is 1 over its squared length. `ends` are longitude and latitude of both."""

    x: float
    y: float
    z: float
    dx: float
    dy: float
    dz: float
    per_square: float
    ends: list[list[float]]


def run_of(begin: Sequence[float], step: Sequence[float], ends: list[list[float]]) -> Run:
    x, y, z = begin
    dx, dy, dz = step
    return Run(x, y, z, dx, dy, dz, 1 / max(dx * dx + dy * dy + dz * dz, 1e-12), ends)


class Cells:
    """`at` gives the pieces that may be nearest to a place: runs where they are few, else their ids. `near`
    finds those for all that is within a reach of a place, in metres."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], list[Run] | Ids | None] = {}
        self._runs: dict[int, Run] = {}  # neighbouring cells share theirs
        self._ids = 0

    def at(
        self,
        lat: float,
        lon: float,
        run: Callable[[int], Run],
        near: Callable[[float, float, float], Ids],
    ) -> list[Run] | Ids:
        cell = math.floor(lat * _PER_DEGREE), math.floor(lon * _PER_DEGREE)
        known = self._known.get(cell)
        if known is not None:
            return known
        if cell not in self._known:  # the first one there: nobody else may ever come
            self._make_room()
            self._known[cell] = None
            return near(lat, lon, 0.0)
        ids = near((cell[0] + 0.5) / _PER_DEGREE, (cell[1] + 0.5) / _PER_DEGREE, _REACH_M)
        if len(ids) > _FEW:
            self._ids += len(ids)
            known = ids
        else:
            known = [self._runs.get(one) or self._runs.setdefault(one, run(one)) for one in ids.tolist()]
        self._known[cell] = known
        return known

    def _make_room(self) -> None:
        if len(self._known) >= _MOST_CELLS or len(self._runs) >= _MOST_RUNS or self._ids >= _MOST_IDS:
            self._known.clear()
            self._runs.clear()
            self._ids = 0


def least_m(point: Point, runs: Sequence[Run]) -> float:
    """The straight distance in space from a point to the nearest of these pieces: all that it may be are
    followed exactly."""
    px, py, pz = point
    rough: list[tuple[float, float, list[list[float]]]] = []
    for x, y, z, dx, dy, dz, per_square, ends in runs:
        ox, oy, oz = px - x, py - y, pz - z
        share = min(1.0, max(0.0, (ox * dx + oy * dy + oz * dz) * per_square))
        ox, oy, oz = ox - share * dx, oy - share * dy, oz - share * dz
        rough.append((ox * ox + oy * oy + oz * oz, share, ends))
    within = (math.sqrt(min(rough)[0]) + 2 * SLACK_M) ** 2
    return min(distance_to_piece_m(point, ends, share) for square, share, ends in rough if square <= within)
