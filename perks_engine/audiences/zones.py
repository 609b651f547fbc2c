"""Discs against zones as set expressions: certain by a screen, or in doubt.

The same screens (`domain.screens`) that the compiled execution looks through, written for a database.
"""

from __future__ import annotations

import hashlib
import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perks_engine.audiences.codes import Code
from perks_engine.audiences.columns import Slot
from perks_engine.audiences.engine import Engine
from perks_engine.audiences.expression import balanced
from perks_engine.audiences.heavy import ibis, pa
from perks_engine.audiences.relational import ArrowTable, CodeValue, Number, Table, Truth, Value
from perks_engine.domain import screens
from perks_engine.domain.geography import MAX_RADIUS_M, Territory
from perks_engine.domain.rules import LocatedIn
from perks_engine.domain.screens import CircleScreen, GridScreen

LARGEST_RADIUS_M = MAX_RADIUS_M
DEGREES = math.pi / 180
AT_A_TIME = 8
"""Spots of one query: each may be a join, which takes its share of the engine's memory."""


@dataclass(frozen=True, slots=True)
class Disc:
    lat: Number
    lon: Number
    radius_m: Number


@dataclass(frozen=True, slots=True)
class Spot:
    """A condition on a zone and one slot that it accepts, by their numbers, with the zone's screen."""

    number: int
    place: int
    condition: LocatedIn
    slot: Slot
    screen: CircleScreen | GridScreen

    @property
    def name(self) -> str:
        """The column that holds what the zone says of the slot: a `Code`."""
        return f"spot_{self.number}_{self.place}"

    @property
    def has_disc(self) -> bool:
        return {"lat", "lon", "radius_m"} <= set(self.slot.parts)

    @property
    def disc_columns(self) -> tuple[str, str, str]:
        column = self.slot.column
        return (f"{column}.lat", f"{column}.lon", f"{column}.radius_m")

    def disc(self, table: Table) -> Disc:
        return Disc(*(table[column].cast("float64") for column in self.disc_columns))


def with_spots(engine: Engine, table: Table, spots: Sequence[Spot]) -> Table:
    """The table with a column for each spot: what its zone says of the slot's disc or address.

    It is computed in steps, each a set of columns that the next one reads, so that nothing is computed
    twice: first the angles, then the distances, then the answers. Of many spots, some are answered at a time.
    """
    parts = [spots[start : start + AT_A_TIME] for start in range(0, len(spots), AT_A_TIME)]
    for part in parts:
        table = _with_some(engine, table, part)
        if part is not parts[-1]:
            table = engine.computed(table)
    return table


def _with_some(engine: Engine, table: Table, spots: Sequence[Spot]) -> Table:
    kept = table.columns
    round_ones = [spot for spot in spots if spot.has_disc and isinstance(spot.screen, CircleScreen)]
    if round_ones:
        table = table.mutate(**{name: one for spot in round_ones for name, one in _angles(spot, table)})
        table = table.mutate(**{f"{spot.name}_chord": _chord(spot, table) for spot in round_ones})
    cells = [
        _Cells(spot, spot.screen) for spot in spots if spot.has_disc and isinstance(spot.screen, GridScreen)
    ]
    if cells:
        table = _with_letters(engine, table, cells)
    answers = {spot.name: _answer(spot, table) for spot in spots}
    return engine.step(table.mutate(**answers).select(*kept, *answers))


def _angles(spot: Spot, table: Table) -> Iterator[tuple[str, Number]]:
    disc = spot.disc(table)
    # NULL far away by latitude alone, where no engine then computes the angles.
    near = ~_is_far_by_latitude(disc, spot.screen)
    lat, lon = (near.ifelse(part, ibis.null("float64")) * DEGREES for part in (disc.lat, disc.lon))
    yield f"{spot.name}_sine", lat.sin()
    yield f"{spot.name}_cosine", lat.cos()
    yield f"{spot.name}_east", lon.cos()
    yield f"{spot.name}_north", lon.sin()


def _is_far_by_latitude(disc: Disc, screen: CircleScreen | GridScreen) -> Truth:
    if not isinstance(screen, CircleScreen):
        raise TypeError("only a circle has a centre")
    return (disc.lat - screen.lat).abs() * screens.SHORTEST_DEGREE_M - disc.radius_m > screen.radius_m


def _chord(spot: Spot, table: Table) -> Number:
    """The metres of the straight line to the circle's centre, at the least."""
    screen = spot.screen
    if not isinstance(screen, CircleScreen):
        raise TypeError("only a circle has a centre")
    sine, cosine, east, north = (table[f"{spot.name}_{part}"] for part in ("sine", "cosine", "east", "north"))
    flat = screens.ECCENTRICITY_SQUARED
    normal = screens.SEMI_MAJOR_M / (1 - flat * sine.pow(2)).sqrt()
    dx = normal * cosine * east - screen.x
    dy = normal * cosine * north - screen.y
    dz = normal * (1 - flat) * sine - screen.z
    return (dx.pow(2) + dy.pow(2) + dz.pow(2)).sqrt() - screens.SLACK_M


@dataclass(frozen=True, slots=True)
class _Cells:
    """The steps from a spot's disc to the letter of the cell that holds its middle, each a set of columns."""

    spot: Spot
    grid: GridScreen

    def _name(self, part: str) -> str:
        return f"{self.spot.name}_{part}"

    def rough(self, table: Table) -> dict[str, Number]:
        """Row and column of the cell, also beyond the grid."""
        disc, grid = self.spot.disc(table), self.grid
        east = disc.lon - grid.lon
        north_of = ((disc.lat - grid.lat) / grid.lat_step).floor()
        east_of = ((east >= 0).ifelse(east, east + 360) / grid.lon_step).floor()
        return {self._name("row"): north_of, self._name("column"): east_of}

    def bounded(self, table: Table) -> dict[str, Number]:
        """Both as integers: numbers beyond the grid, which may be too large for one, are -1."""
        grid, row, column = self.grid, table[self._name("row")], table[self._name("column")]
        within = (row >= 0) & (row < grid.rows * grid.fine) & (column >= 0)
        within &= column < grid.columns * grid.fine
        parts = {self._name("row"): row, self._name("column"): column}
        return {name: within.ifelse(part, -1).cast("int64") for name, part in parts.items()}

    def square(self, table: Table) -> dict[str, Number]:
        """The number of the square that the cell is in, -1 beyond the grid."""
        grid, row, column = self.grid, table[self._name("row")], table[self._name("column")]
        number = row // grid.fine * grid.columns + column // grid.fine
        return {self._name("square"): (row >= 0).ifelse(number, -1)}

    def joined(self, engine: Engine, table: Table) -> Table:
        """The table with the letters of the square."""
        number, letters = self._name("number"), self._name("letters")
        kept = squares(engine, self.grid).rename({number: "number", letters: "letters"})
        return table.left_join(kept, table[self._name("square")] == kept[number])

    def letter(self, table: Table) -> dict[str, Value]:
        """The letter of the cell; NULL beyond the grid, and without a disc."""
        fine, letters = self.grid.fine, table[self._name("letters")]
        place = table[self._name("row")] % fine * fine + table[self._name("column")] % fine
        place = (letters.length() == 1).ifelse(0, place).cast("int32")
        return {self._name("letter"): letters.substr(place, 1)}


def _with_letters(engine: Engine, table: Table, cells: Sequence[_Cells]) -> Table:
    """The table with the letter of each. All go a step together, so that the query is as deep for many zones
    as for one: engines plan what is nested in far more time, and run out of stack."""
    for step in (_Cells.rough, _Cells.bounded, _Cells.square):
        table = table.mutate(**{name: one for cell in cells for name, one in step(cell, table).items()})
    for cell in cells:
        table = cell.joined(engine, table)
    return table.mutate(**{name: one for cell in cells for name, one in cell.letter(table).items()})


def _answer(spot: Spot, table: Table) -> CodeValue:
    code: CodeValue = ibis.literal(int(Code.UNUSABLE))
    if spot.has_disc:
        disc = spot.disc(table)
        if isinstance(spot.screen, CircleScreen):
            code = in_circle(table[f"{spot.name}_chord"], disc, spot.screen)
        else:
            code = in_grid(disc, spot.screen, table[f"{spot.name}_letter"])
        code = _of_sound(disc, code)
    return _by_address(table, spot.condition, spot.slot, code)


def in_circle(shortest: Number, disc: Disc, screen: CircleScreen) -> CodeValue:
    """`CircleScreen.look` in the words of a database; NULL where a part of the disc is NULL."""
    radius_m = disc.radius_m
    # Discs beyond the farthest chord leave by the first case; the bound keeps the arc sine in its domain.
    chord: Number = ibis.least(shortest + 2 * screens.SLACK_M, screens.FARTHEST_CHORD_M)
    across = 2 * screens.SHORTEST_RADIUS_M
    longest = across * (chord / across).asin() + screens.SLACK_M
    return ibis.cases(
        (_is_far_by_latitude(disc, screen), int(Code.NOT_MET)),
        (shortest - radius_m > screen.radius_m, int(Code.NOT_MET)),
        (shortest > screens.FARTHEST_CHORD_M, int(Code.DOUBT)),
        (longest + radius_m <= screen.radius_m, int(Code.MET)),
        (
            (shortest + radius_m > screen.radius_m) & (longest - radius_m <= screen.radius_m),
            int(Code.NEAR_EDGE),
        ),
        else_=int(Code.DOUBT),
    )


_SAID = {screens.INSIDE: Code.MET, screens.OUTSIDE: Code.NOT_MET, screens.CROSSES: Code.NEAR_EDGE}


def in_grid(disc: Disc, grid: GridScreen, letter: Value) -> CodeValue:
    """`GridScreen.look` with the letter of the disc's cell, NULL beyond the grid."""
    beyond = (letter.isnull() & _is_clear_of(disc, grid)).ifelse(int(Code.NOT_MET), int(Code.DOUBT))
    answers = [
        ((letter == one) & (disc.radius_m <= up_to_m), int(_SAID[said]))
        for one, (said, up_to_m) in screens.MEANINGS.items()
        if said in _SAID and one in _letters(grid)
    ]
    return ibis.cases(*answers, else_=beyond) if answers else beyond


def _is_clear_of(disc: Disc, grid: GridScreen) -> Truth:
    reach = disc.radius_m / screens.SHORTEST_DEGREE_M
    highest = disc.lat.abs() + reach
    # The bound keeps the cosine away from zero where the second case does not count anyway.
    bounded: Number = ibis.least(highest, screens.NEAR_POLE_DEG)
    wide = reach / (bounded * DEGREES).cos()
    beside: Number = (disc.lon - grid.lon - grid.half_width).abs()
    by_longitude = ibis.least(beside, 360 - beside) - wide > grid.half_width
    return (
        (disc.lat + reach < grid.lat)
        | (disc.lat - reach > grid.north)
        | ((highest <= screens.NEAR_POLE_DEG) & by_longitude)
    )


def squares(engine: Engine, grid: GridScreen) -> Table:
    """The squares of a grid as a table of the engine's: `number` and `letters`."""

    def make() -> ArrowTable:
        numbers = pa.array(range(len(grid.squares)), pa.int64())
        return pa.table({"number": numbers, "letters": pa.array(grid.squares, pa.string())})

    return engine.keep(f"perks_squares_{_digest(grid)}", make)


@lru_cache(maxsize=64)
def _letters(grid: GridScreen) -> frozenset[str]:
    """The letters that occur: each other one would be asked for in vain, of everybody."""
    return frozenset("".join(grid.squares))


@lru_cache(maxsize=64)
def _digest(grid: GridScreen) -> str:
    return hashlib.sha256("\n".join(grid.squares).encode()).hexdigest()[:16]


def _of_sound(disc: Disc, code: CodeValue) -> CodeValue:
    """The code where the disc can be a place on earth with a usable precision (`Disc.is_sound`)."""
    sound = (
        (disc.lat.abs() <= 90)
        & (disc.lon.abs() <= 180)
        & (disc.radius_m > 0)
        & (disc.radius_m <= LARGEST_RADIUS_M)
        & ~((disc.lat == 0) & (disc.lon == 0))
    )
    return sound.ifelse(code, int(Code.UNUSABLE)).fill_null(int(Code.UNUSABLE))


def _by_address(table: Table, condition: LocatedIn, slot: Slot, else_: CodeValue) -> CodeValue:
    """What the address itself says of a territory, else what its disc says."""
    zone = condition.zone
    if not isinstance(zone, Territory):
        return else_
    unknown: Truth = ibis.null("boolean")
    country: Value = table[slot.part("country")] if slot.part("country") else ibis.null("string")
    # Compared with NULL itself, ibis would say that nothing is NULL.
    region: Value | None = table[slot.part("region")] if slot.part("region") else None
    lies: list[Truth] = []
    for code in zone.codes:
        own, _, wants_region = code.partition("-")
        inner = country.notnull().ifelse(True, unknown)
        if wants_region:
            inner = unknown if region is None else region == code
        lies.append((country.fill_null(own) != own).ifelse(False, inner))
    anywhere = balanced(operator.or_, lies)
    return ibis.cases((anywhere, int(Code.MET)), (~anywhere, int(Code.NOT_MET)), else_=else_)
