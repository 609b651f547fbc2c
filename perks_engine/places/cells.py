"""Rectangles cut into cells, each with a letter that answers for the discs in it (see `domain.screens`).

A block of cells is asked once at its middle. Where the answer holds for all of the block with room to
spare, all its cells get it; else it is cut in four, down to single cells.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perks_engine.domain.geography import Position
from perks_engine.domain.screens import INSIDE_UP_TO, OUTSIDE_UP_TO, ROOMS_M, UNSURE

LONGEST_DEGREE_M = 111_700.0
"""A degree of latitude is nowhere longer (111,694 m at the poles), nor one of longitude times the cosine."""

Letters = NDArray[np.bytes_]
"""One letter each (`S1`)."""


@dataclass(frozen=True, slots=True)
class Block:
    """A square of cells from (row, column) on, as many as `side` either way, with its middle in degrees and
    the metres from there to its farthest corner, at the most."""

    row: int
    column: int
    side: int
    lat: float
    lon: float
    reach_m: float


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a rectangle in degrees, from its south-western corner."""

    lat: float
    lon: float
    lat_step: float
    lon_step: float

    def block(self, row: int, column: int, side: int) -> Block:
        lat = self.lat + (row + side / 2) * self.lat_step
        lon = self.lon + (column + side / 2) * self.lon_step
        # The widest of its parallels is the one nearest to the equator.
        widest = max(0.0, abs(lat) - side / 2 * abs(self.lat_step))
        along_m = side / 2 * self.lon_step * LONGEST_DEGREE_M * math.cos(math.radians(widest))
        # No way is longer than one whose every step is as long, either way, as it is anywhere.
        return Block(
            row, column, side, lat, lon, math.hypot(along_m, side / 2 * self.lat_step * LONGEST_DEGREE_M)
        )


def turned(lon: float) -> float:
    """The same longitude between -180° and 180°."""
    return (lon + 180) % 360 - 180


def letter_of(position: Position, room_m: float) -> str:
    """The letter of a cell in which every disc of at most that radius has this position."""
    place = bisect_right(ROOMS_M, room_m) - 1
    if place < 0 or position not in (Position.INSIDE, Position.OUTSIDE):
        return UNSURE
    return list(INSIDE_UP_TO if position is Position.INSIDE else OUTSIDE_UP_TO)[place]


def fill(letters: Letters, cells: Cells, block: Block, ask: Callable[[Block], tuple[str, bool]]) -> None:
    """Letters of a block's cells; `ask` tells one, and whether it is good enough for all of the block."""
    todo = [block]
    while todo:
        one = todo.pop()
        letter, is_enough = ask(one)
        if is_enough or one.side == 1:
            letters[one.row : one.row + one.side, one.column : one.column + one.side] = letter.encode()
            continue
        half = one.side // 2
        todo += [cells.block(one.row + i * half, one.column + j * half, half) for i in (0, 1) for j in (0, 1)]


def squares_of(letters: Letters, fine: int) -> list[str]:
    """The squares of `fine` cells either way, row by row (see `GridScreen.squares`)."""
    rows, columns = letters.shape[0] // fine, letters.shape[1] // fine
    return texts_of(letters.reshape(rows, fine, columns, fine).swapaxes(1, 2).reshape(rows * columns, -1))


def texts_of(squares: Letters) -> list[str]:
    """For each row the one letter of all, or each cell's."""
    texts = [square.tobytes().decode() for square in squares]
    return [text[0] if text == text[0] * len(text) else text for text in texts]
