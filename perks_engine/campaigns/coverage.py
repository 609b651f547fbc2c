"""What the examples of a campaign show of its rule: each condition met, not met and unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perks_engine.campaigns.catalogue import Catalogue
from perks_engine.campaigns.examples import ExampleResult
from perks_engine.domain.judge_values import OLDEST_AGE
from perks_engine.domain.phrase import Phrase
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
    suggestion: str


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


def suggest(condition: Condition, mark: Mark) -> str:
    """Whom to add, so that an example gives the condition this mark."""
    required = required_words(condition)
    if mark is Mark.MET:
        given_by = _given_by(condition) if isinstance(condition, ReceiptsIn) else ""
        return f"add somebody with {required}{given_by}"
    if mark is Mark.NOT_MET:
        # What is too old, or of another source, would be unknown.
        freshness = required.params.get("freshness")
        return f"add somebody {_otherwise(condition, required)}{f', {freshness}' if freshness else ''}"
    if isinstance(condition, LocatedIn):
        return "add somebody whose location nobody has measured"
    wanted = "postal code" if isinstance(condition, PostalCodeIn) else condition.about.title
    return f"add somebody with no {wanted} on record"


def _otherwise(condition: Condition, required: Phrase) -> str:
    title = condition.about.title
    match condition:
        case NumberIn(low=low, high=high) | AgeIn(low=low, high=high):
            return f"with {title} {_beyond('below', low, 'above', high)}"
        case ReceiptsIn(low=low, high=high):
            span = required.params.get("span")
            beyond = f"{_beyond('below', low, 'above', high)}{f' within {span}' if span else ''}"
            return f"with {title} {beyond}{_given_by(condition)}"
        case DayIn(first=first, last=last):
            return f"with {title} {_beyond('before', first, 'after', last)}"
        case LocatedIn(zone=zone):
            return f"with a location outside {zone_in_words(zone)}"
        case PostalCodeIn(country=country):
            return f"with a postal code other than {codes_in_words(condition)} ({country})"
        case WordsMatch(words=words, every=True) if len(words) > 1:
            return f"without all of {required.params.get('what', required)}"
        case _:
            return f"without {required.params.get('what', required)}"


def _given_by(condition: ReceiptsIn) -> str:
    if condition.campaign:
        return f", from the campaign {condition.campaign}"
    return f", from the brand {condition.brand}" if condition.brand else ""


def _beyond(under: str, low: object, over: str, high: object) -> str:
    sides = [f"{word} {bound}" for word, bound in ((under, low), (over, high)) if bound is not None]
    return " or ".join(sides)
