"""Where people are, as maps: squares of a grid over a piece of the earth, each with its people counted.

One map for each place that the rule asks about, and one of everybody where not all are on those. What is
drawn below the people (edges, land) comes from a `Drawing`, which `places` answers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from perks_engine.audiences.heavy import ibis
from perks_engine.audiences.population import Evaluation, Pattern
from perks_engine.audiences.relational import Table, Value
from perks_engine.domain.drawing import Box, Drawing, Line
from perks_engine.domain.geography import Zone
from perks_engine.domain.rules import LocatedIn, conditions
from perks_engine.domain.verdict import Verdict
from perks_engine.domain.words import zone_in_words

COLUMNS = 40
MOST_ROWS, FEWEST_ROWS = 50, 16
MARGIN = 0.25
"""A map shows so much of a place's size around it, on each side."""
FLATTEST = 0.3
MOST_MAPS = 4


@dataclass(frozen=True, slots=True)
class MapCell:
    """A square, by its row from the south and its column from the west, and its people by what is counted."""

    row: int
    column: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PeopleMap:
    """`elsewhere` are the people whose point lies outside of it, `nowhere` those of whom none is known. A
    degree of longitude is `stretch` times as long here as one of latitude."""

    title: str
    box: Box
    rows: int
    columns: int
    stretch: float
    cells: tuple[MapCell, ...]
    elsewhere: Mapping[str, int]
    nowhere: Mapping[str, int]
    outlines: tuple[Line, ...]
    land: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """Where people are, for a condition on a place: the point of the first of its sources that has one.
    `number` is the condition's, `columns` are the latitude and longitude of each source."""

    number: int
    columns: tuple[tuple[str, str], ...]

    def lat(self, table: Table) -> Value:
        return self._first(table, 0)

    def lon(self, table: Table) -> Value:
        return self._first(table, 1)

    def _first(self, table: Table, which: int) -> Value:
        pairs = [(table[lat], table[lon]) for lat, lon in self.columns]
        whole = [(lat.notnull() & lon.notnull()).ifelse((lat, lon)[which], None) for lat, lon in pairs]
        return ibis.coalesce(*whole)


def points_of(evaluation: Evaluation) -> Points | None:
    """For the first condition on a place whose sources have points."""
    for number, condition in enumerate(conditions(evaluation.rule)):
        if isinstance(condition, LocatedIn):
            slots = evaluation.sources[number].accepted
            columns = tuple((slot.part("lat"), slot.part("lon")) for slot in slots)
            columns = tuple(pair for pair in columns if all(pair))
            if columns:
                return Points(number, columns)
    return None


Counted = Callable[[Verdict, Pattern], Iterable[str]]
"""As what somebody is counted on a map, by verdict and by what became of each condition."""


def maps_of(evaluation: Evaluation, drawing: Drawing, counted: Counted) -> Iterator[PeopleMap]:
    """The maps of an evaluation; none where nobody's point is known, or the rule asks for no place."""
    points = points_of(evaluation)
    everybody = _extent(evaluation, points) if points else None
    if points is None or everybody is None:
        return
    zones = [one.zone for one in conditions(evaluation.rule) if isinstance(one, LocatedIn)]
    outlines = [line for zone in zones for line in drawing.outline(zone)]
    frames = list(_frames(dict.fromkeys(zones), drawing))
    if not any(box.holds(everybody) for _, box in frames):
        frames.append(("everybody", everybody.around(0.05)))
    for title, box in frames:
        yield _map(evaluation, points, title, box.not_flat(FLATTEST), drawing, outlines, counted)


def _frames(zones: Iterable[Zone], drawing: Drawing) -> Iterator[tuple[str, Box]]:
    """The pieces of the earth that hold the zones, those that meet in one; the smallest first."""
    frames: list[tuple[str, Box]] = []
    for zone in zones:
        title, box = str(zone_in_words(zone)), drawing.box(zone).around(MARGIN)
        apart: list[tuple[str, Box]] = []
        for name, other in frames:
            if other.meets(box):
                title, box = f"{name} and {title}", other.with_(box)
            else:
                apart.append((name, other))
        frames = [*apart, (title, box)]
    yield from sorted(frames, key=lambda frame: frame[1].north - frame[1].south)[:MOST_MAPS]


def _extent(evaluation: Evaluation, points: Points) -> Box | None:
    people = evaluation.people
    lat, lon = points.lat(people), points.lon(people)
    sound = people.filter((lat.abs() <= 90) & (lon.abs() <= 180))
    lat, lon = points.lat(sound), points.lon(sound)
    ends = sound.aggregate(south=lat.min(), west=lon.min(), north=lat.max(), east=lon.max())
    found = evaluation.engine.fetch(ends).to_pylist()[0]
    return None if found["south"] is None else Box(**found)


def _map(
    evaluation: Evaluation,
    points: Points,
    title: str,
    box: Box,
    drawing: Drawing,
    outlines: Sequence[Line],
    counted: Counted,
) -> PeopleMap:
    stretch = max(math.cos(math.radians((box.south + box.north) / 2)), 0.05)
    wide, tall = (box.east - box.west) * stretch, box.north - box.south
    rows = min(max(round(COLUMNS * tall / wide), FEWEST_ROWS), MOST_ROWS)
    height, width = tall / rows, (box.east - box.west) / COLUMNS

    def row_of(table: Table) -> Value:
        return ((points.lat(table) - box.south) / height).floor().cast("int64")

    def column_of(table: Table) -> Value:
        lon = points.lon(table)
        beyond = lon.notnull() & (lon < box.west)
        return ((beyond.ifelse(lon + 360, lon) - box.west) / width).floor().cast("int64")

    cells: dict[tuple[int, int], Counter[str]] = {}
    elsewhere: Counter[str] = Counter()
    nowhere: Counter[str] = Counter()
    for (verdict, pattern, (row, column)), people in evaluation.patterns(
        map_row=row_of, map_column=column_of
    ).items():
        if row is None or column is None:
            nowhere.update(dict.fromkeys(counted(verdict, pattern), people))
            continue
        # What lies on the northern or eastern side itself belongs to the last square.
        square = (row - (row == rows), column - (column == COLUMNS))
        is_here = 0 <= square[0] < rows and 0 <= square[1] < COLUMNS
        counts = cells.setdefault(square, Counter()) if is_here else elsewhere
        for name in counted(verdict, pattern):
            counts[name] += people
    return PeopleMap(
        title,
        box,
        rows,
        COLUMNS,
        stretch,
        tuple(
            MapCell(row, column, dict(counts)) for (row, column), counts in sorted(cells.items()) if counts
        ),
        dict(elsewhere),
        dict(nowhere),
        tuple(_seen(outlines, box)),
        tuple(drawing.land(box)),
    )


def _seen(lines: Iterable[Line], box: Box) -> Iterator[Line]:
    """The lines of which something may be seen in the box, on whichever turn of the earth they are."""
    for line in lines:
        for turn in (-360.0, 0.0, 360.0):
            turned = [(lon + turn, lat) for lon, lat in line]
            if any(Box.of(pair).meets(box) for pair in pairwise(turned)):
                yield turned
