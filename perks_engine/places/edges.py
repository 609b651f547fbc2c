"""How far a point is from the edge of an area, measured on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon

from perks_engine.places.edge_cells import SLACK_M, Cells, Ids, Run, least_m, run_of
from perks_engine.places.geodesy import (
    Numbers,
    Point,
    chord_to_arc_m,
    distance_to_piece_m,
    point_in_space,
    to_space,
)

LONGEST_PIECE_DEG = 0.05
"""Edges are cut into pieces of at most this length, about 5 km, which are straight to within 1.4 m."""

MAX_PIECES = 2_000_000
FAN_OUT = 32
MANY_BALLS = 1_000
GUESS_ERROR = 1e-5
"""The share of a distance by which a guess may be too long, beside 25 cm. A piece never runs at more than
0.06° to the line between its ends, so that line's nearest point leads astray by a thousandth of the distance,
which costs half the square of that; and by 25 cm, because degrees are not equally long along a piece."""


class TooManyEdgesError(ValueError):
    """The edges are too long, or too many, to be kept in pieces."""


_EVERYTHING: Ids = np.arange(0)
"""In the place of the ids of a whole level, which need not be picked out."""


@dataclass(frozen=True, slots=True)
class Balls:
    """Balls in space, each around a run of `FAN_OUT` smaller things: middles (balls, 3), reaches (balls)."""

    middles: Numbers
    reaches: Numbers

    def away(self, ids: Ids, point: Numbers) -> Numbers:
        """Metres from the point to the middles."""
        return np.sqrt(_squares(self.middles[ids] - point))


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges in pieces, in balls of pieces, in balls of balls.

    Every distance is that of straight lines in space between points of the ellipsoid, which become
    distances on it by `chord_to_arc_m`: the poles and the 180th meridian need no care. An edge is a
    straight line in longitude and latitude (RFC 7946, 3.1.1), and is followed as such.

    `ends` holds longitude and latitude of both ends of each piece, of shape (pieces, 2, 2), `space` the
    same in metres from the earth's centre, (pieces, 2, 3); `levels` begins with the largest balls.
    """

    ends: Numbers
    space: Numbers
    levels: tuple[Balls, ...]
    _cells: Cells = field(default_factory=Cells, compare=False, repr=False)

    def nearest_m(self, lat: float, lon: float) -> float:
        """The distance in metres to the nearest edge: off by less than 1 cm up to 90 km, 2 m up to
        500 km, and 0.6 % beyond, all of it by `chord_to_arc_m`."""
        point = point_in_space(lat, lon)
        near = self._cells.at(lat, lon, self._run, self._near)
        return chord_to_arc_m(least_m(point, near) if isinstance(near, list) else self._least_to(point, near))

    def _near(self, lat: float, lon: float, reach_m: float) -> Ids:
        """The pieces that may be the nearest one to any place within `reach_m` of this one."""
        point = np.array(point_in_space(lat, lon))
        ids, middles, reaches = _EVERYTHING, self.levels[0].middles, self.levels[0].reaches
        for level, below in self._steps():
            if ids is not _EVERYTHING:
                middles, reaches = level.middles[ids], level.reaches[ids]
            away = np.sqrt(_squares(middles - point))
            (near,) = (away - reaches <= (away + reaches).min() + 2 * reach_m).nonzero()
            ids = _inside(near if ids is _EVERYTHING else ids[near], below)
        if not reach_m:
            return ids
        roughly, _ = self._roughly(point, ids)
        return ids[roughly <= roughly.min() + 2 * reach_m + 4 * SLACK_M]

    def _run(self, piece: int) -> Run:
        begin, end = self.space[piece]
        return run_of(begin.tolist(), (end - begin).tolist(), self.ends[piece].tolist())

    def pieces_within(self, lat: float, lon: float, chord_m: float) -> tuple[Ids, Numbers]:
        """The pieces that come within `chord_m` metres (in a straight line) of a point, and how far each is,
        too much by no more than 25 cm and `GUESS_ERROR`."""
        point = np.array(point_in_space(lat, lon))
        ids = np.arange(len(self.levels[0].reaches))
        for level, below in self._steps():
            ids = _inside(ids[level.away(ids, point) - level.reaches[ids] <= chord_m], below)
        away = np.sqrt(self._squares_to(point, ids))
        near = away <= chord_m
        return ids[near], away[near]

    def _steps(self) -> Iterator[tuple[Balls, int]]:
        """Each level with the count of what lies in it."""
        counts = [*(len(level.reaches) for level in self.levels[1:]), len(self.ends)]
        return zip(self.levels, counts, strict=True)

    def _squares_to(self, point: Numbers, pieces: Ids) -> Numbers:
        """Squared straight distances to pieces, as far as guesses go (`GUESS_ERROR`)."""
        return _squares(self._at(pieces, self._guess(point, pieces)) - point)

    def _least_to(self, point: Point, pieces: Ids) -> float:
        """As `least_m`, for many pieces."""
        roughly, along = self._roughly(np.array(point), pieces)
        (near,) = (roughly <= roughly.min() + 2 * SLACK_M).nonzero()
        return min(
            distance_to_piece_m(point, ends, share)
            for ends, share in zip(self.ends[pieces[near]].tolist(), along[near].tolist(), strict=True)
        )

    def _roughly(self, point: Numbers, pieces: Ids) -> tuple[Numbers, Numbers]:
        """How far the straight lines between the ends of pieces are from a point, and at which shares of
        their way (0 to 1) they are nearest. A piece runs within `SLACK_M` of that line."""
        both = self.space[pieces]
        starts = both[:, 0]
        steps, offs = both[:, 1] - starts, point - starts
        along = _share(offs, steps)
        return np.sqrt(_squares(offs - along[:, None] * steps)), along

    def _guess(self, point: Numbers, pieces: Ids) -> Numbers:
        """The shares of the way along pieces (0 to 1) at which they are about nearest, by the straight lines
        between their ends in space."""
        starts = self.space[pieces, 0]
        return _share(point - starts, self.space[pieces, 1] - starts)

    def _at(self, pieces: Ids, along: Numbers) -> Numbers:
        """Points in space, at these shares of the way along pieces."""
        begins, stops = self.ends[pieces, 0], self.ends[pieces, 1]
        return to_space(begins + along[:, None] * (stops - begins))


def _share(offs: Numbers, steps: Numbers) -> Numbers:
    """The share of each step (0 to 1) to go to come nearest to what lies that far off."""
    foot = np.vecdot(offs, steps) / np.maximum(_squares(steps), 1e-12)
    return np.minimum(np.maximum(foot, 0.0), 1.0)


def _inside(ids: Ids, count: int) -> Ids:
    """What lies in these balls, of which there are `count` in all."""
    within = (ids[:, None] * FAN_OUT + np.arange(FAN_OUT)).ravel()
    return within[within < count]


def _squares(vectors: Numbers) -> Numbers:
    return np.vecdot(vectors, vectors)


def edges_of(shape: MultiPolygon) -> Edges:
    """The edges of polygons in longitude and latitude (degrees), searchable; raises `TooManyEdgesError`."""
    return index_edges([edge_pieces(shape)])


def edge_pieces(shape: MultiPolygon) -> Numbers:
    """The real edges of polygons in pieces, of shape (pieces, 2, 2) in degrees; raises `TooManyEdgesError`.

    Where an area was cut at the 180th meridian (RFC 7946, 3.1.9) the cut is no edge, nor is a line that
    lies wholly in a pole.
    """
    lines = [line for ring in _rings(shape) for line in _without_cuts(ring)]
    lines += _uncut_at_the_meridian(shape)
    return np.concatenate([np.empty((0, 2, 2)), *(_in_pieces(line) for line in lines)])


def index_edges(runs: Sequence[Numbers]) -> Edges:
    """Pieces made searchable, one run after the other; raises `TooManyEdgesError`."""
    ends = np.concatenate(runs)
    if len(ends) > MAX_PIECES:
        raise TooManyEdgesError(f"more than {MAX_PIECES:,} pieces of {LONGEST_PIECE_DEG}°")
    space = to_space(ends)
    lows, highs = space.min(axis=1), space.max(axis=1)
    levels: list[Balls] = []
    while not levels or len(lows) > MANY_BALLS:
        starts = np.arange(0, len(lows), FAN_OUT)
        lows, highs = np.minimum.reduceat(lows, starts), np.maximum.reduceat(highs, starts)
        levels.insert(0, Balls((lows + highs) / 2, np.sqrt(_squares(highs - lows)) / 2 + SLACK_M))
    return Edges(ends, space, tuple(levels))


def _rings(shape: MultiPolygon) -> Iterator[Numbers]:
    for polygon in shape.geoms:
        yield shapely.get_coordinates(polygon.exterior)
        for hole in polygon.interiors:
            yield shapely.get_coordinates(hole)


def _without_cuts(ring: Numbers) -> Iterator[Numbers]:
    """The lines of a ring between those steps that lie in a pole or along the 180th meridian."""
    starts, stops = ring[:-1], ring[1:]
    along_meridian = (np.abs(starts[:, 0]) == 180) & (starts[:, 0] == stops[:, 0])
    in_a_pole = (np.abs(starts[:, 1]) == 90) & (starts[:, 1] == stops[:, 1])
    cuts = np.flatnonzero(along_meridian | in_a_pole)
    first = 0
    for cut in (*cuts.tolist(), len(starts)):
        if cut > first:
            yield ring[first : cut + 1]
        first = cut + 1


def _uncut_at_the_meridian(shape: MultiPolygon) -> list[Numbers]:
    """What lies along the 180th meridian on one of its sides only, which is a real edge."""
    sides = [
        shapely.intersection(shape.boundary, LineString([(lon, -90), (lon, 90)])) for lon in (180.0, -180.0)
    ]
    eastern = shapely.transform(sides[0], lambda points: points * (-1, 1))
    only = shapely.symmetric_difference(eastern, sides[1])
    return [shapely.get_coordinates(part) for part in shapely.get_parts(only) if part.length > 0]


def _in_pieces(line: Numbers) -> Numbers:
    """A line as pieces of shape (pieces, 2, 2), none longer than `LONGEST_PIECE_DEG` either way."""
    steps = np.abs(np.diff(line, axis=0)).max(axis=1)
    counts = np.maximum(1, np.ceil(steps / LONGEST_PIECE_DEG)).astype(np.int64)
    if counts.sum() > MAX_PIECES:
        raise TooManyEdgesError(f"more than {MAX_PIECES:,} pieces of {LONGEST_PIECE_DEG}°")
    owners = np.repeat(np.arange(len(counts)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    shares = ((np.arange(len(owners)) - before) / counts[owners])[:, None]
    points = line[:-1][owners] + shares * (line[1:] - line[:-1])[owners]
    points = np.concatenate((points, line[-1:]))
    return np.stack((points[:-1], points[1:]), axis=1)
