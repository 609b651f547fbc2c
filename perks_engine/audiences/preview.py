"""The preview of a campaign version: whom it would reach, whom it misses, and where too little is known.

All but the maps, the piles and the histogram is read off one count: how many people there are of each
pattern (what became of each condition). From a pattern it follows what the verdict would be if one
condition alone were met, so that no further look at the population is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from perks_engine.audiences.codes import Code
from perks_engine.audiences.heavy import ibis
from perks_engine.audiences.people_map import PeopleMap, maps_of
from perks_engine.audiences.piles import Pile, piles_of
from perks_engine.audiences.population import Evaluation, Group, Pattern
from perks_engine.audiences.relational import Table, Value
from perks_engine.audiences.transitions import Outcome, asked_words, outcome_word
from perks_engine.domain.drawing import Drawing
from perks_engine.domain.marking import verdict_under, wanted_marks
from perks_engine.domain.rules import NumberIn, Rule, conditions
from perks_engine.domain.verdict import Mark, Verdict
from perks_engine.domain.words import required_words

SAMPLE = 5
SCORE, HIGHEST_SCORE = "score", 100.0
SCORE_STEPS = 20
NEAR_EDGE = "near_edge"
Groups = Mapping[tuple[Verdict, Pattern], Group]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One condition: how many it does not let through, alone and after those before it."""

    title: str
    required: str
    not_met: int
    unknown: int
    stops_alone: int
    """people who are not eligible, and would be if this condition were met"""
    left: int
    """people who would be eligible if every condition after this one were met"""


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
    """A number that the rule asks for, over everybody of whom it is known, with the band that is asked. Where
    it `goes_on`, what lies beyond the last bar is counted in it."""

    title: str
    required: str
    band: tuple[float | None, float | None]
    goes_on: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Sampled:
    """Somebody, and what stands in their way: why, by what is asked."""

    id: str
    verdict: str
    in_the_way: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preview:
    people: int
    verdicts: Mapping[Verdict, int]
    funnel: tuple[FunnelStep, ...]
    missing: tuple[Missing, ...]
    near_edge: int
    histogram: Histogram | None
    maps: tuple[PeopleMap, ...]
    piles: tuple[Pile, ...]
    most_on_a_point: int
    """eligible people on the point that most of them are on"""
    sample: tuple[Sampled, ...] = field(default=())


def preview_of(evaluation: Evaluation, drawing: Drawing) -> Preview:
    """The preview of a rule over a population."""
    report = evaluation.report
    report("judging people", 0, 0)
    groups = evaluation.groups()
    verdicts = dict.fromkeys(Verdict, 0)
    for (verdict, _), group in groups.items():
        verdicts[verdict] += group.people
    report("looking at scores", 0, 0)
    histogram = _histogram(evaluation)
    report("drawing maps", 0, 0)
    maps = tuple(maps_of(evaluation, drawing, _on_a_map))
    report("looking for people on one point", 0, 0)
    piles = piles_of(evaluation)
    return Preview(
        people=sum(verdicts.values()),
        verdicts=verdicts,
        funnel=tuple(_funnel(evaluation.rule, groups)),
        missing=tuple(_missing(evaluation.rule, groups)),
        near_edge=sum(group.people for (_, pattern), group in groups.items() if Code.NEAR_EDGE in pattern),
        histogram=histogram,
        maps=maps,
        piles=piles.shown,
        most_on_a_point=piles.most_eligible or min(verdicts[Verdict.ELIGIBLE], 1),
        sample=tuple(_sample(evaluation, groups)),
    )


def _on_a_map(verdict: Verdict, pattern: Pattern) -> Iterator[str]:
    yield verdict.value
    if Code.NEAR_EDGE in pattern:
        yield NEAR_EDGE


def _funnel(rule: Rule, groups: Groups) -> Iterator[FunnelStep]:
    """Alone: who would be eligible with this one met. In order: who would be with all after it met, so that
    one way in of several takes nobody away who has another."""
    wanted = wanted_marks(rule)
    marks = {key: tuple(code.mark for code in key[1]) for key in groups}
    titles = [condition.about.title for condition in conditions(rule)]
    for place, (title, required, good) in enumerate(zip(titles, asked_words(rule), wanted, strict=True)):
        after = tuple(wanted[place + 1 :])

        def count(chosen: Iterator[tuple[Verdict, Pattern]]) -> int:
            return sum(groups[key].people for key in chosen)

        yield FunnelStep(
            title=title if good is Mark.MET else f"not: {title}",
            required=required,
            not_met=count(key for key, one in marks.items() if one[place] not in (good, Mark.UNKNOWN)),
            unknown=count(key for key, one in marks.items() if one[place] is Mark.UNKNOWN),
            stops_alone=count(
                key
                for key, one in marks.items()
                if key[0] is not Verdict.ELIGIBLE and _is_eligible(rule, _with(one, place, good))
            ),
            left=count(key for key, one in marks.items() if _is_eligible(rule, (*one[: place + 1], *after))),
        )


def _is_eligible(rule: Rule, marks: Sequence[Mark]) -> bool:
    return verdict_under(rule, marks) is Verdict.ELIGIBLE


def _with(marks: Sequence[Mark], place: int, mark: Mark) -> tuple[Mark, ...]:
    return (*marks[:place], mark, *marks[place + 1 :])


def _missing(rule: Rule, groups: Groups) -> Iterator[Missing]:
    wanted = wanted_marks(rule)
    for place, required in enumerate(asked_words(rule)):
        people: Counter[Code] = Counter()
        mended: Counter[Code] = Counter()
        for (verdict, pattern), group in groups.items():
            code = pattern[place]
            if verdict is Verdict.UNKNOWN and not code.is_known:
                people[code] += group.people
                marks = [one.mark for one in pattern]
                if _is_eligible(rule, _with(marks, place, wanted[place])):
                    mended[code] += group.people
        for code, count in people.most_common():
            yield Missing(required, code.word, count, mended[code])


def _histogram(evaluation: Evaluation) -> Histogram | None:
    """Of the first number that the rule asks for (a score, where it asks for one)."""
    numbers = [
        (number, condition)
        for number, condition in enumerate(conditions(evaluation.rule))
        if isinstance(condition, NumberIn) and evaluation.sources[number].accepted
    ]
    numbers.sort(key=lambda one: one[1].about.attribute != SCORE)
    if not numbers:
        return None
    number, condition = numbers[0]
    column = evaluation.sources[number].accepted[0].column
    ends = [end for end in (condition.low, condition.high) if end is not None]
    top = HIGHEST_SCORE if condition.about.attribute == SCORE else max(ends, default=50.0) * 2 or 100.0
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
        condition.about.title,
        str(required_words(condition)),
        (condition.low, condition.high),
        condition.about.attribute != SCORE,
        tuple(
            Bar(place * step, (place + 1) * step, *bars.get(place, [0, 0])) for place in range(SCORE_STEPS)
        ),
    )


def _sample(evaluation: Evaluation, groups: Groups) -> Iterator[Sampled]:
    """A few people of each verdict, to be read one by one, with what stands in the way of those who are
    not eligible."""
    wanted, asked = wanted_marks(evaluation.rule), asked_words(evaluation.rule)
    for verdict in Verdict:
        of_it = {pattern: group for (found, pattern), group in groups.items() if found is verdict}
        for who, pattern in evaluation.some_of(of_it, SAMPLE).items():
            stands = {
                what: outcome_word(Outcome(code.mark, code.word), good)
                for what, code, good in zip(asked, pattern, wanted, strict=True)
                if verdict is not Verdict.ELIGIBLE and code.mark is not good
            }
            yield Sampled(who, verdict.value, stands)
