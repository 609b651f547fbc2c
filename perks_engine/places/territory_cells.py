"""The earth in cells, each with the members of the territories that a disc in it may touch.

The boundaries travel with the engine, and so does what takes minutes to find out from them: for each cell
which countries and regions a disc with its middle there may touch at the most, by the disc's radius, and
which it touches in any case. From that the grid of any territory follows at once.
"""

from __future__ import annotations

import hashlib
import io
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perks_engine.domain.geography import Position, Territory
from perks_engine.domain.screens import CROSSES_UP_TO_M, CROSSING, UNSURE, GridScreen
from perks_engine.places.cells import letter_of, texts_of
from perks_engine.places.territories import BOUNDARIES, Territories
from perks_engine.places.territory_layers import ACCURACY_M, ALSO_DISPUTED, TerritoryFileError

FILE = Path(__file__).parent / "data" / "territory_cells.npz.xz"
SCHEMA = 2
SQUARES, FINE = 256, 32
CELLS = SQUARES * FINE
ROOMS_M = (100.0, 1_000.0, 10_000.0)
"""The radii of discs for which it is kept what they may touch."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What all cells of a kind have in common. `may_touch` holds the members that a disc of one of
    `ROOMS_M` may touch at the most, `touches` those that every disc touches up to `CROSSES_UP_TO_M`;
    `is_land` tells whether every disc, however small, touches some."""

    may_touch: tuple[frozenset[str], ...]
    touches: frozenset[str]
    is_land: bool

    def letter(self, territories: Territories, territory: Territory) -> str:
        for room_m, members in sorted(zip(ROOMS_M, self.may_touch, strict=True), reverse=True):
            position = territories.position(members, territory)
            if position is Position.OUTSIDE or (position is Position.INSIDE and self.is_land):
                return letter_of(position, room_m)
        most = self.may_touch[ROOMS_M.index(CROSSES_UP_TO_M)]
        parted = {territories.position({member}, territory) for member in self.touches}
        if territories.position(most, territory) is Position.CROSSES and parted >= {
            Position.INSIDE,
            Position.OUTSIDE,
        }:
            return CROSSING
        return UNSURE


@dataclass(frozen=True, slots=True)
class TerritoryCells:
    """`CELLS` by `CELLS` cells from the south pole at 180° west, in squares. `squares` holds the kind of each
    square's cells, or, below zero, -1 minus the row of `details` that holds each cell's."""

    kinds: tuple[Kind, ...]
    squares: NDArray[np.int32]
    details: NDArray[np.uint16]

    def grid_of(self, territories: Territories, territory: Territory) -> GridScreen:
        letters = [kind.letter(territories, territory) for kind in self.kinds]
        parts = texts_of(np.array(letters, "S1")[self.details])
        squares = (letters[kind] if kind >= 0 else parts[-1 - kind] for kind in self.squares.tolist())
        lat_step, lon_step = 180 / CELLS, 360 / CELLS
        return GridScreen(-90.0, -180.0, lat_step, lon_step, SQUARES, SQUARES, FINE, tuple(squares))


def made_of() -> str:
    """Names what the cells are made of: boundaries, how exact they are, and how the cells are laid out."""
    digest = hashlib.sha256(BOUNDARIES.read_bytes())
    disputed = sorted(ALSO_DISPUTED.items())
    digest.update(f"{SCHEMA} {SQUARES} {FINE} {ROOMS_M} {sorted(ACCURACY_M.items())} {disputed}".encode())
    return digest.hexdigest()


def write_cells(kinds: Sequence[Kind], of_cells: NDArray[np.uint16], target: Path) -> None:
    """`of_cells` holds the number of each cell's kind, row by row from the south."""
    sets = sorted({members for kind in kinds for members in (*kind.may_touch, kind.touches)}, key=sorted)
    numbers = {members: number for number, members in enumerate(sets)}
    rows = [
        (*(numbers[members] for members in kind.may_touch), numbers[kind.touches], kind.is_land)
        for kind in kinds
    ]
    apart = of_cells.reshape(SQUARES, FINE, SQUARES, FINE).swapaxes(1, 2).reshape(SQUARES**2, FINE**2)
    is_mixed = (apart != apart[:, :1]).any(axis=1)
    squares = apart[:, 0].astype(np.int32)
    squares[is_mixed] = -1 - np.arange(is_mixed.sum())
    whole = io.BytesIO()
    np.savez(
        whole,
        made_of=np.array(made_of()),
        sets=np.array(["|".join(sorted(members)) for members in sets]),
        kinds=np.array(rows, np.uint16),
        squares=squares,
        details=apart[is_mixed],
    )
    target.write_bytes(lzma.compress(whole.getvalue(), preset=9 | lzma.PRESET_EXTREME))


@lru_cache(maxsize=1)
def shipped_cells() -> TerritoryCells:
    """The cells that travel with the engine, read once; raises `TerritoryFileError`."""
    mend = "install perks-engine again"
    try:
        with np.load(io.BytesIO(lzma.decompress(FILE.read_bytes())), allow_pickle=False) as kept:
            whose = str(kept["made_of"])
            sets = [_members(str(text)) for text in kept["sets"]]
            rows: list[list[int]] = kept["kinds"].tolist()
            squares, details = kept["squares"], kept["details"]
    except (OSError, lzma.LZMAError, KeyError, ValueError) as error:
        raise TerritoryFileError(f"{FILE.name}: cannot be read ({error}); {mend}") from error
    if whose != made_of():
        raise TerritoryFileError(f"{FILE.name}: was made of other boundaries than {BOUNDARIES.name}; {mend}")
    kinds = [
        Kind(tuple(sets[number] for number in may_touch), sets[touches], bool(is_land))
        for *may_touch, touches, is_land in rows
    ]
    return TerritoryCells(tuple(kinds), squares, details)


def _members(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split("|")))
