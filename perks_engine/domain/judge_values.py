"""How one value meets one condition, for everything but locations.

Each function takes the condition and one value of evidence and returns a `Finding`; a value of the
wrong type or outside of what it can be is `invalid`, which is `unknown`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeGuard

from perks_engine.domain.evidence import CLAIMED, EarlierReceipt, Value
from perks_engine.domain.phrase import Phrase, all_of, one_of, phrase, said, word
from perks_engine.domain.rules import AgeIn, DayIn, FlagIs, NumberIn, ReceiptsIn, WordIn, WordsMatch
from perks_engine.domain.verdict import Mark
from perks_engine.domain.words import day_in_words

OLDEST_AGE = 130
"""Nobody is older; a birth date that says so is a slip (the oldest age on record is 122)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition on one source: the mark, the last part of its code, and the words for it."""

    mark: Mark
    code: str
    actual: Phrase | None = None
    change: Phrase | None = None
    edge_m: float | None = None


def only_said(source: str) -> Phrase:
    """What was found where the rule takes no such source."""
    if source == CLAIMED:
        return phrase("only their own word, with nothing that shows it")
    return phrase("only what {source} says", source=word(source.replace("_", " ")))


def invalid(title: str) -> Finding:
    return Finding(
        Mark.UNKNOWN,
        "invalid",
        actual=phrase("a value that cannot be right"),
        change=phrase("Give your {title} again.", title=word(title)),
    )


def judge_number(condition: NumberIn, value: Value) -> Finding:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return invalid(condition.about.title)
    return _in_range(value, condition.low, condition.high, phrase("{value}", value=value))


def judge_age(condition: AgeIn, value: Value, now: datetime) -> Finding:
    """`now` is an aware instant; its UTC day counts. Who was born on 29 February comes of age on
    1 March of a common year."""
    if not _is_day(value):
        return invalid(condition.about.title)
    age = completed_years(value, now.astimezone(UTC).date())
    if not 0 <= age <= OLDEST_AGE:
        return invalid(condition.about.title)
    return _in_range(age, condition.low, condition.high, phrase("{age}", age=age))


def completed_years(born_on: date, today: date) -> int:
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def judge_day(condition: DayIn, value: Value) -> Finding:
    if not _is_day(value):
        return invalid(condition.about.title)
    actual = phrase("{day}", day=day_in_words(value))
    if condition.first is not None and value < condition.first:
        return Finding(
            Mark.NOT_MET,
            "before",
            actual,
            _other_day(said("It would have to be on or after {day}."), condition.first),
        )
    if condition.last is not None and value > condition.last:
        return Finding(
            Mark.NOT_MET,
            "after",
            actual,
            _other_day(said("It would have to be on or before {day}."), condition.last),
        )
    return Finding(Mark.MET, "in_range", actual)


def _other_day(when: str, day: date) -> Phrase:
    return phrase(when, day=day_in_words(day))


def judge_word(condition: WordIn, value: Value) -> Finding:
    if not isinstance(value, str) or not value:
        return invalid(condition.about.title)
    if value in condition.words:
        return Finding(Mark.MET, "has", phrase("{value}", value=value))
    return Finding(
        Mark.NOT_MET,
        "lacks",
        phrase("{value}", value=value),
        phrase("It would have to be {words}.", words=one_of(condition.words)),
    )


def judge_words(condition: WordsMatch, value: Value) -> Finding:
    if not isinstance(value, frozenset):
        return invalid(condition.about.title)
    wanted, is_coded = frozenset(condition.words), condition.about.is_register
    has = wanted <= value if condition.every else bool(wanted & value)
    listed = ", ".join(sorted(value))
    actual = phrase("{words}", words=word(listed) if is_coded else listed) if listed else phrase("none")
    if has:
        return Finding(Mark.MET, "has", actual)
    lacking = tuple(word for word in condition.words if word not in value)
    wish = all_of(lacking, coded=is_coded) if condition.every else one_of(lacking, coded=is_coded)
    return Finding(Mark.NOT_MET, "lacks", actual, phrase("Add {words}.", words=wish))


def judge_flag(condition: FlagIs, value: Value) -> Finding:
    if not isinstance(value, bool):
        return invalid(condition.about.title)
    actual = phrase("yes") if value else phrase("no")
    return (
        Finding(Mark.MET, "has", actual)
        if value is condition.wanted
        else Finding(
            Mark.NOT_MET,
            "lacks",
            actual,
            phrase("It would have to be {wanted}.", wanted=word("yes" if condition.wanted else "no")),
        )
    )


def judge_receipts(condition: ReceiptsIn, value: Value, now: datetime) -> Finding:
    if not isinstance(value, tuple):
        return invalid(condition.about.title)
    count = sum(counts(receipt, condition, now) for receipt in value)
    return _in_range(count, condition.low, condition.high, phrase("{count}", count=count))


def counts(receipt: EarlierReceipt, condition: ReceiptsIn, now: datetime) -> bool:
    return (
        (not condition.brand or receipt.brand == condition.brand)
        and (not condition.campaign or receipt.campaign == condition.campaign)
        and receipt.received_at <= now
        and (condition.within is None or now - receipt.received_at <= condition.within)
    )


def _in_range(value: float, low: float | None, high: float | None, actual: Phrase) -> Finding:
    if low is not None and value < low:
        return Finding(Mark.NOT_MET, "below", actual, phrase("At least {low} is needed.", low=low))
    if high is not None and value > high:
        return Finding(Mark.NOT_MET, "above", actual, phrase("At most {high} is allowed.", high=high))
    return Finding(Mark.MET, "in_range", actual)


def _is_day(value: Value) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)
