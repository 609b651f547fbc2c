"""The preview of a campaign version: whom it would reach, whom it misses, and where too little is known.

Everything but the map, the piles and the sample is read off one count: how many people there are of each
pattern (what became of each condition). From a pattern it follows what the verdict would be if one
condition alone were met, so that no further look at the population is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import ibis

from perks_engine.audiences.codes import Code
from perks_engine.audiences.columns import ID
from perks_engine.audiences.expression import VERDICT, code_column
from perks_engine.audiences.population import Evaluation, Pattern
from perks_engine.audiences.relational import Table, Value
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, LocatedIn, Not, NumberIn, Rule, conditions
from perks_engine.domain.verdict import Mark, Verdict, at_least, negate, verdict_of
from perks_engine.domain.words import required_words

SAMPLE = 5
PILE = 5
"""More people than this on one point, to the last digit, are shown as a pile."""
MOST_PILES = 10
MAP_CELLS = 40
"""The map has at most so many cells either way."""
SMALLEST_CELL_DEG = 1e-3
SCORE_STEPS = 20
_TRUTHS = {Verdict.ELIGIBLE: True, Verdict.INELIGIBLE: False, Verdict.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One condition: how many it does not let through, alone and after those before it."""

    required: str
    not_met: int
    unknown: int
    stops_alone: int
    """people who are not eligible, and would be if this condition were met"""
    left: int
    """people for whom neither this condition nor one before it is failed or unknown"""


@dataclass(frozen=True, slots=True)
class Missing:
    """Evidence of one condition that is missing among people who are unknown."""

    required: str
    code: str
    people: int
    would_be_eligible: int


@dataclass(frozen=True, slots=True)
class Bar:
    low: float
    high: float
    people: int
    eligible: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """A number that the rule asks for, over everybody in whom it is known, with the band that is asked."""

    required: str
    band: tuple[float | None, float | None]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class MapCell:
    """People by where their disc's middle lies: `lat`, `lon` are the cell's south-western corner."""

    lat: float
    lon: float
    eligible: int
    ineligible: int
    unknown: int
    near_edge: int


@dataclass(frozen=True, slots=True)
class Pile:
    """Many people on one and the same point, which is seldom where they are."""

    lat: float
    lon: float
    people: int
    eligible: int


@dataclass(frozen=True, slots=True)
class Preview:
    people: int
    verdicts: Mapping[Verdict, int]
    funnel: tuple[FunnelStep, ...]
    missing: tuple[Missing, ...]
    near_edge: int
    histogram: Histogram | None
    cells: tuple[MapCell, ...]
    cell_size: tuple[float, float]
    piles: tuple[Pile, ...]
    most_on_a_point: int
    """eligible people on the point that most of them are on"""
    sample: tuple[Mapping[str, Any], ...] = field(default=())


def preview_of(evaluation: Evaluation) -> Preview:
    """The preview of a rule over a population."""
    patterns = Counter[tuple[Verdict, Pattern]]()
    for (verdict, pattern, _), count in evaluation.patterns().items():
        patterns[verdict, pattern] += count
    verdicts = dict.fromkeys(Verdict, 0)
    for (verdict, _), count in patterns.items():
        verdicts[verdict] += count
    cells, size = _map(evaluation)
    piles = _piles(evaluation)
    alone = 1 if verdicts[Verdict.ELIGIBLE] else 0
    return Preview(
        people=patterns.total(),
        verdicts=verdicts,
        funnel=tuple(_funnel(evaluation.rule, patterns)),
        missing=tuple(_missing(evaluation.rule, patterns)),
        near_edge=sum(count for (_, pattern), count in patterns.items() if Code.NEAR_EDGE in pattern),
        histogram=_histogram(evaluation),
        cells=cells,
        cell_size=size,
        piles=tuple(pile for pile in piles[:MOST_PILES] if pile.people > PILE),
        most_on_a_point=max((pile.eligible for pile in piles), default=0) or alone,
        sample=tuple(_sample(evaluation)),
    )


def verdict_under(rule: Rule, pattern: Sequence[Code]) -> Verdict:
    """What the rule comes to where its conditions came out like this."""
    return verdict_of(_mark(rule, iter(pattern)))


def _mark(rule: Rule, codes: Iterator[Code]) -> Mark:
    match rule:
        case AllOf(rules=rules):
            return at_least(len(rules), [_mark(one, codes) for one in rules])
        case AnyOf(rules=rules):
            return at_least(1, [_mark(one, codes) for one in rules])
        case AtLeast(count=count, rules=rules):
            return at_least(count, [_mark(one, codes) for one in rules])
        case Not(rule=inner):
            return negate(_mark(inner, codes))
        case _:
            code = next(codes)
            return Mark.MET if code is Code.MET else Mark.NOT_MET if code is Code.NOT_MET else Mark.UNKNOWN


def helpful(rule: Rule) -> list[Code]:
    """For each condition what it has to be so that it helps: met, or under a `not` not met."""
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | AtLeast(rules=rules):
            return [code for inner in rules for code in helpful(inner)]
        case Not(rule=inner):
            return [Code.MET if code is Code.NOT_MET else Code.NOT_MET for code in helpful(inner)]
        case _:
            return [Code.MET]


def _with(pattern: Pattern, place: int, code: Code) -> Pattern:
    return (*pattern[:place], code, *pattern[place + 1 :])


def _funnel(rule: Rule, patterns: Counter[tuple[Verdict, Pattern]]) -> Iterator[FunnelStep]:
    wanted = helpful(rule)
    passing = Counter(patterns)
    for place, condition in enumerate(conditions(rule)):
        good = wanted[place]
        bad = Code.NOT_MET if good is Code.MET else Code.MET
        alone = sum(
            count
            for (verdict, pattern), count in patterns.items()
            if verdict is not Verdict.ELIGIBLE
            and verdict_under(rule, _with(pattern, place, good)) is Verdict.ELIGIBLE
        )
        passing = Counter({key: count for key, count in passing.items() if key[1][place] is good})
        required = str(required_words(condition))
        yield FunnelStep(
            required=required if good is Code.MET else f"not: {required}",
            not_met=sum(count for (_, pattern), count in patterns.items() if pattern[place] is bad),
            unknown=sum(count for (_, pattern), count in patterns.items() if not pattern[place].is_known),
            stops_alone=alone,
            left=passing.total(),
        )


def _missing(rule: Rule, patterns: Counter[tuple[Verdict, Pattern]]) -> Iterator[Missing]:
    wanted = helpful(rule)
    for place, condition in enumerate(conditions(rule)):
        people: Counter[Code] = Counter()
        mended: Counter[Code] = Counter()
        for (verdict, pattern), count in patterns.items():
            code = pattern[place]
            if verdict is Verdict.UNKNOWN and not code.is_known:
                people[code] += count
                if verdict_under(rule, _with(pattern, place, wanted[place])) is Verdict.ELIGIBLE:
                    mended[code] += count
        for code, count in people.most_common():
            yield Missing(str(required_words(condition)), code.word, count, mended[code])


def _histogram(evaluation: Evaluation) -> Histogram | None:
    """Of the first number that the rule asks for (a score, where it asks for one)."""
    numbers = [
        (number, condition)
        for number, condition in enumerate(conditions(evaluation.rule))
        if isinstance(condition, NumberIn) and evaluation.sources[number].accepted
    ]
    numbers.sort(key=lambda one: one[1].about.attribute != "score")
    if not numbers:
        return None
    number, condition = numbers[0]
    column = evaluation.sources[number].accepted[0].column
    ends = [end for end in (condition.low, condition.high) if end is not None]
    top = 100.0 if condition.about.attribute == "score" else max(ends, default=100.0) * 2 or 100.0
    step = top / SCORE_STEPS

    def bucket(table: Table) -> Value:
        value: Value = ibis.greatest(ibis.least(table[column], top), 0.0)
        return ibis.least((value / step).floor().cast("int64"), SCORE_STEPS - 1)

    bars: dict[int, list[int]] = {}
    for (verdict, _, (place,)), count in evaluation.patterns(bar=bucket).items():
        if place is not None:
            bar = bars.setdefault(int(place), [0, 0])
            bar[0] += count
            bar[1] += count if verdict is Verdict.ELIGIBLE else 0
    return Histogram(
        str(required_words(condition)),
        (condition.low, condition.high),
        tuple(
            Bar(place * step, (place + 1) * step, *bars.get(place, [0, 0])) for place in range(SCORE_STEPS)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Points:
    """Where people are, for the first condition on a place: the point of the first of its sources that has
    one. `number` is the condition's, `columns` are the latitude and longitude of each source."""

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


def _points(evaluation: Evaluation) -> _Points | None:
    for number, condition in enumerate(conditions(evaluation.rule)):
        if isinstance(condition, LocatedIn):
            slots = evaluation.sources[number].accepted
            columns = tuple((slot.part("lat"), slot.part("lon")) for slot in slots)
            columns = tuple(pair for pair in columns if all(pair))
            if columns:
                return _Points(number, columns)
    return None


def _map(evaluation: Evaluation) -> tuple[tuple[MapCell, ...], tuple[float, float]]:
    points = _points(evaluation)
    if points is None:
        return (), (0.0, 0.0)
    people = evaluation.people
    sound = people.filter((points.lat(people).abs() <= 90) & (points.lon(people).abs() <= 180))
    lat, lon = points.lat(sound), points.lon(sound)
    ends = sound.aggregate(south=lat.min(), north=lat.max(), west=lon.min(), east=lon.max())
    found = evaluation.engine.fetch(ends).to_pylist()[0]
    if found["south"] is None:
        return (), (0.0, 0.0)
    lat_step = max((found["north"] - found["south"]) / MAP_CELLS, SMALLEST_CELL_DEG)
    lon_step = max((found["east"] - found["west"]) / MAP_CELLS, SMALLEST_CELL_DEG)

    def row_of(table: Table) -> Value:
        return ((points.lat(table) - found["south"]) / lat_step).floor().cast("int64")

    def column_of(table: Table) -> Value:
        return ((points.lon(table) - found["west"]) / lon_step).floor().cast("int64")

    counts: dict[tuple[int, int], Counter[str]] = {}
    for (verdict, pattern, (row, column)), count in evaluation.patterns(row=row_of, column=column_of).items():
        if row is None or column is None or not (0 <= row <= MAP_CELLS and 0 <= column <= MAP_CELLS):
            continue
        cell = counts.setdefault((row, column), Counter())
        cell[verdict.value] += count
        cell["near_edge"] += count if pattern[points.number] is Code.NEAR_EDGE else 0
    cells = tuple(
        MapCell(
            found["south"] + row * lat_step,
            found["west"] + column * lon_step,
            cell["eligible"],
            cell["ineligible"],
            cell["unknown"],
            cell["near_edge"],
        )
        for (row, column), cell in sorted(counts.items())
    )
    return cells, (lat_step, lon_step)


def _piles(evaluation: Evaluation) -> list[Pile]:
    """Every point that several people are on, the fullest first."""
    points = _points(evaluation)
    if points is None:
        return []
    piles: Counter[tuple[float, float]] = Counter()
    eligible: Counter[tuple[float, float]] = Counter()
    for part in evaluation.parts([column for pair in points.columns for column in pair]):
        placed = part.mutate(lat=points.lat(part), lon=points.lon(part))
        counted = placed.group_by("lat", "lon").aggregate(
            people=placed.count(), eligible=placed[VERDICT].fill_null(False).ifelse(1, 0).sum()
        )
        crowded = counted.filter((counted.people > 1) & counted["lat"].notnull())
        for row in evaluation.engine.fetch(crowded).to_pylist():
            piles[row["lat"], row["lon"]] += row["people"]
            eligible[row["lat"], row["lon"]] += row["eligible"]
    return [Pile(*point, people, eligible[point]) for point, people in piles.most_common()]


def _sample(evaluation: Evaluation) -> Iterator[Mapping[str, Any]]:
    """A few people of each verdict, to be read one by one, with what stands in the way of those who are
    not eligible."""
    wanted = helpful(evaluation.rule)
    required = [str(required_words(condition)) for condition in conditions(evaluation.rule)]
    for verdict, truth in _TRUTHS.items():
        for row in islice(evaluation.rows(where=_having(truth), limit=SAMPLE), SAMPLE):
            codes = [Code(row[code_column(number)]) for number in range(len(required))]
            stands = {
                what: code.word
                for what, code, good in zip(required, codes, wanted, strict=True)
                if verdict is not Verdict.ELIGIBLE and code is not good
            }
            yield {"id": row[ID], "verdict": verdict.value, "in_the_way": stands}


def _having(truth: bool | None) -> Any:
    def chosen(table: Table) -> Value:
        return table[VERDICT].isnull() if truth is None else table[VERDICT] == truth

    return chosen
