"""What the examples of a campaign show of its rule: each condition met, not met and unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from perks_engine.campaigns.catalogue import Catalogue
from perks_engine.campaigns.examples import ExampleResult
from perks_engine.domain.judge_values import OLDEST_AGE
from perks_engine.domain.phrase import Phrase, Verbatim, phrase, word
from perks_engine.domain.rules import (
    AgeIn,
    Condition,
    DayIn,
    LocatedIn,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    Rule,
    WordsMatch,
    conditions,
)
from perks_engine.domain.verdict import Mark
from perks_engine.domain.words import codes_in_words, required_words, zone_in_words


@dataclass(frozen=True, slots=True)
class MissingMark:
    """A mark that no example gives a condition; `suggestion` says whom to add."""

    condition: Condition
    mark: Mark
    suggestion: Phrase


@dataclass(frozen=True, slots=True)
class ConditionCoverage:
    """One condition: the marks that it can have at all, and those that some example gives it."""

    condition: Condition
    possible: tuple[Mark, ...]
    seen: frozenset[Mark]

    @property
    def missing(self) -> list[MissingMark]:
        return [
            MissingMark(self.condition, mark, suggest(self.condition, mark))
            for mark in self.possible
            if mark not in self.seen
        ]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The conditions in the order in which the rule has them."""

    conditions: tuple[ConditionCoverage, ...]

    @property
    def possible(self) -> int:
        return sum(len(one.possible) for one in self.conditions)

    @property
    def seen(self) -> int:
        return self.possible - len(self.missing)

    @property
    def missing(self) -> list[MissingMark]:
        return [mark for one in self.conditions for mark in one.missing]


def coverage(rule: Rule, results: Sequence[ExampleResult], catalogue: Catalogue) -> Coverage:
    """`results` are those of `run_examples` under this very rule: their trees of reasons mirror it."""
    rows = [[leaf.mark for leaf in result.reason.leaves()] for result in results]
    return Coverage(
        tuple(
            ConditionCoverage(
                condition,
                tuple(_possible(condition, catalogue)),
                frozenset(marks[place] for marks in rows),
            )
            for place, condition in enumerate(conditions(rule))
        )
    )


def _possible(condition: Condition, catalogue: Catalogue) -> Iterator[Mark]:
    """A register knows all there is, and a range that holds every value is left by nobody."""
    yield Mark.MET
    if not _holds_every_value(condition, catalogue):
        yield Mark.NOT_MET
    if not condition.about.is_register:
        yield Mark.UNKNOWN


def _holds_every_value(condition: Condition, catalogue: Catalogue) -> bool:
    match condition:
        case NumberIn(about=about, low=low, high=high):
            attribute = catalogue.attributes.get(about.attribute)
            if attribute is None:
                return False
            lowest, highest = attribute.minimum, attribute.maximum
        case AgeIn(low=low, high=high):
            lowest, highest = 0, OLDEST_AGE
        case ReceiptsIn(low=low, high=high):
            lowest, highest = 0, float("inf")
        case _:
            return False
    return (low is None or low <= lowest) and (high is None or high >= highest)


def suggest(condition: Condition, mark: Mark) -> Phrase:
    """Whom to add, so that an example gives the condition this mark."""
    required = required_words(condition)
    if mark is Mark.MET:
        is_received = isinstance(condition, ReceiptsIn)
        what = _given_by(required, condition) if is_received else required
        return phrase("add somebody with {what}", what=what)
    if mark is Mark.NOT_MET:
        who = _otherwise(condition, required)
        # What is too old, or of another source, would be unknown.
        if (freshness := required.params.get("freshness")) is not None:
            who = phrase("{what}, {freshness}", what=who, freshness=freshness)
        return phrase("add somebody {who}", who=who)
    if isinstance(condition, LocatedIn):
        return phrase("add somebody whose location nobody has measured")
    wanted = phrase("postal code") if isinstance(condition, PostalCodeIn) else word(condition.about.title)
    return phrase("add somebody with no {what} on record", what=wanted)


def _otherwise(condition: Condition, required: Phrase) -> Phrase:
    title = condition.about.title
    match condition:
        case NumberIn(low=low, high=high) | AgeIn(low=low, high=high):
            return phrase("with {title} {range}", title=word(title), range=_beyond(low, high))
        case ReceiptsIn(low=low, high=high):
            counted = phrase("with {title} {range}", title=word(title), range=_beyond(low, high))
            if (span := required.params.get("span")) is not None:
                counted = phrase("{what} within {span}", what=counted, span=span)
            return _given_by(counted, condition)
        case DayIn(first=first, last=last):
            return phrase("with {title} {range}", title=word(title), range=_outside(first, last))
        case LocatedIn(zone=zone):
            return phrase("with a location outside {zone}", zone=zone_in_words(zone))
        case PostalCodeIn(country=country):
            codes = codes_in_words(condition)
            return phrase("with a postal code other than {codes} ({country})", codes=codes, country=country)
        case WordsMatch(words=words, every=True) if len(words) > 1:
            return phrase("without all of {what}", what=required.params.get("what", required))
        case _:
            return phrase("without {what}", what=required.params.get("what", required))


def _given_by(what: Phrase, condition: ReceiptsIn) -> Phrase:
    if condition.campaign:
        return phrase("{what}, from the campaign {name}", what=what, name=Verbatim(condition.campaign))
    if condition.brand:
        return phrase("{what}, from the brand {name}", what=what, name=Verbatim(condition.brand))
    return what


def _beyond(low: float | None, high: float | None) -> Phrase:
    under, over = _bound(low), _bound(high)
    if low is None:
        return phrase("above {high}", high=over)
    if high is None:
        return phrase("below {low}", low=under)
    return phrase("below {low} or above {high}", low=under, high=over)


def _bound(value: float | None) -> str | int:
    """A whole number as the reader writes it, another one as the file has it."""
    return value if isinstance(value, int) else Verbatim(value)


def _outside(first: date | None, last: date | None) -> Phrase:
    if first is None:
        return phrase("after {last}", last=str(last))
    if last is None:
        return phrase("before {first}", first=str(first))
    return phrase("before {first} or after {last}", first=str(first), last=str(last))
