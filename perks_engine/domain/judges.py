"""How one condition is decided on one person's evidence.

Every condition goes the same way: find the facts about its attribute, set aside those that a rule
may not use (source, age, future), judge each remaining source by itself, and let sources that
contradict each other make it `unknown`. What differs is only how one value is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from perks_engine.domain import judge_values as values
from perks_engine.domain.codec import value_to_json
from perks_engine.domain.evidence import Evidence, Person, newest_by_source
from perks_engine.domain.geography import Atlas
from perks_engine.domain.judge_location import judge_location, judge_postal_code
from perks_engine.domain.judge_values import Finding
from perks_engine.domain.phrase import Phrase, one_of, phrase, word
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.rules import (
    About,
    AgeIn,
    Condition,
    DayIn,
    FlagIs,
    LocatedIn,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    WordIn,
    WordsMatch,
)
from perks_engine.domain.verdict import Mark
from perks_engine.domain.words import day_in_words, required_words, span_phrase


def judge(condition: Condition, person: Person, now: datetime, atlas: Atlas) -> Reason:
    """The reason node of one condition at `now` (an aware instant)."""
    about = condition.about
    facts = in_order(person.about(about.attribute, about.key))
    if about.is_register:
        weighed = _register(condition, facts, now)
    else:
        weighed = _weigh(facts, about, now, _judge_of(condition, now, atlas))
    finding, fact = weighed.finding, weighed.fact
    return Reason(
        node=CONDITION,
        mark=finding.mark,
        code=f"{about.attribute}.{finding.code}",
        required=required_words(condition),
        actual=finding.actual,
        change=finding.change,
        attribute=about.attribute,
        source=fact.source if fact else "",
        observed_at=fact.observed_at if fact and not about.is_register else None,
        shown=about.shown,
        edge_m=finding.edge_m,
    )


def in_order(facts: Sequence[Evidence]) -> Sequence[Evidence]:
    """The same facts in an order that does not depend on how they were recorded, the oldest first."""
    return sorted(facts, key=_by_age) if len(facts) > 1 else facts


def _by_age(fact: Evidence) -> tuple[datetime, str, str, str]:
    return fact.observed_at, fact.source, str(value_to_json(fact.value)), fact.note


@dataclass(frozen=True, slots=True)
class _Weighed:
    finding: Finding
    fact: Evidence | None = None


Judge = Callable[[Evidence], Finding]


def _judge_of(condition: Condition, now: datetime, atlas: Atlas) -> Judge:
    match condition:
        case NumberIn():
            return lambda fact: values.judge_number(condition, fact.value)
        case AgeIn():
            return lambda fact: values.judge_age(condition, fact.value, now)
        case DayIn():
            return lambda fact: values.judge_day(condition, fact.value)
        case WordIn():
            return lambda fact: values.judge_word(condition, fact.value)
        case WordsMatch():
            return lambda fact: values.judge_words(condition, fact.value)
        case FlagIs():
            return lambda fact: values.judge_flag(condition, fact.value)
        case ReceiptsIn():
            return lambda fact: values.judge_receipts(condition, fact.value, now)
        case LocatedIn():
            return lambda fact: judge_location(condition, fact, atlas)
        case PostalCodeIn():
            return lambda fact: judge_postal_code(condition, fact)


def _register(condition: Condition, facts: Sequence[Evidence], now: datetime) -> _Weighed:
    """A register of the engine's own is complete: no line in it means an empty value."""
    fact = next((one for one in reversed(facts) if one.observed_at <= now), None)
    match condition:
        case ReceiptsIn():
            return _Weighed(values.judge_receipts(condition, fact.value if fact else (), now), fact)
        case WordsMatch():
            found = values.judge_words(condition, fact.value if fact else frozenset())
            if fact and fact.note and found.mark is Mark.MET and found.actual is not None:
                found = replace(found, actual=phrase("{what} ({note})", what=found.actual, note=fact.note))
            return _Weighed(found, fact)
        case _:
            raise TypeError(f"{condition.kind} cannot be asked of a register")


def _weigh(facts: Sequence[Evidence], about: About, now: datetime, judge_one: Judge) -> _Weighed:
    if not facts:
        return _Weighed(
            Finding(
                Mark.UNKNOWN,
                "missing",
                actual=phrase("nothing on record"),
                change=_ask_for(about),
            )
        )
    weighed = [_weigh_source(newest, about, now, judge_one) for newest in newest_by_source(facts).values()]
    met = [one for one in weighed if one.finding.mark is Mark.MET]
    not_met = [one for one in weighed if one.finding.mark is Mark.NOT_MET]
    if met and not_met:
        return _Weighed(_conflict(met[0], not_met[0]), met[0].fact)
    # The most telling of those that agree; among unknowns the one nearest to being usable.
    return (met or not_met or sorted(weighed, key=_nearest_to_use))[0]


_FROM_USABLE_TO_NOT = (
    "conflicting",
    "near_edge",
    "undecidable",
    "imprecise",
    "ambiguous",
    "unresolved",
    "no_postal_code",
    "invalid",
    "stale",
    "future",
    "source_not_accepted",
    "missing",
)


def _nearest_to_use(weighed: _Weighed) -> int:
    return _FROM_USABLE_TO_NOT.index(weighed.finding.code)


def _weigh_source(newest: Sequence[Evidence], about: About, now: datetime, judge_one: Judge) -> _Weighed:
    """Judge what one source says last; `newest` holds several facts where it contradicts itself."""
    fact = newest[0]
    if not about.accept.takes(fact.source):
        return _Weighed(
            Finding(
                Mark.UNKNOWN,
                "source_not_accepted",
                actual=values.only_said(fact.source),
                change=_ask_for(about),
            ),
            fact,
        )
    if fact.observed_at > now:
        return _Weighed(
            Finding(
                Mark.UNKNOWN,
                "future",
                actual=phrase("dated {day}, which lies ahead", day=day_in_words(fact.observed_at)),
                change=_ask_for(about),
            ),
            fact,
        )
    limit = about.accept.age_limit(fact.source)
    if limit is not None and now - fact.observed_at > limit:
        return _Weighed(
            Finding(
                Mark.UNKNOWN,
                "stale",
                actual=phrase(
                    "last seen on {day}, more than {limit} ago",
                    day=day_in_words(fact.observed_at),
                    limit=span_phrase(limit),
                ),
                change=_ask_for(about),
            ),
            fact,
        )
    if len(newest) > 1:
        first, second = (_Weighed(judge_one(one), one) for one in newest[:2])
        return _Weighed(_conflict(first, second), fact)
    return _Weighed(judge_one(fact), fact)


def _conflict(one: _Weighed, other: _Weighed) -> Finding:
    def told(weighed: _Weighed) -> Phrase:
        source = word(weighed.fact.source.replace("_", " ")) if weighed.fact else "?"
        actual = weighed.finding.actual
        return phrase(
            "{source}: {actual}", source=source, actual=actual or phrase("a value that cannot be right")
        )

    return Finding(
        Mark.UNKNOWN,
        "conflicting",
        actual=phrase("{one}; {other}", one=told(one), other=told(other)),
        change=phrase("The sources would have to agree."),
        edge_m=one.finding.edge_m,
    )


def _ask_for(about: About) -> Phrase:
    if about.accept.sources:
        sources = one_of(tuple(source.replace("_", " ") for source in about.accept.sources), coded=True)
        return phrase("Give your {title} by {sources}.", title=word(about.title), sources=sources)
    return phrase("Give your {title}.", title=word(about.title))
