"""A person as one row: for each source of each attribute its latest usable word, or nothing.

The explained execution weighs evidence as it comes. The compiled one and the set expression read rows:
what can never count (superseded, contradicting itself, of the wrong type, unsound) is left out
when the row is made, once, so that what remains is only compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from perks_engine.domain.evidence import REGISTER, Evidence, Location, Person, newest_by_source
from perks_engine.domain.judge_location import normal_postal_code
from perks_engine.domain.judges import in_order
from perks_engine.domain.rules import (
    AgeIn,
    Condition,
    DayIn,
    FlagIs,
    LocatedIn,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    Rule,
    WordIn,
    WordsMatch,
    conditions,
)

ValueType = Literal["number", "day", "word", "words", "flag", "receipts", "location"]

Row = Mapping[str, Any]
"""Under a slot's name the pair (value, microseconds of its time); under `name*` of an attribute a tuple of
(value, microseconds, source) for every source. Days are numbers such as 19900401, a location is
`(lat, lon, radius_m, country, region, postal_code)` with None for what is not known or not sound. Under the
name of a register stand all its lines, the newest first; a None there is a line that cannot be read."""

_US_CODE = re.compile(r"\d{5}(\d{4})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """An attribute (and key) that a rule asks for, and the type its values must have."""

    attribute: str
    key: str
    type: ValueType
    is_register: bool

    @property
    def name(self) -> str:
        return slot_name(self.attribute, self.key)


def slot_name(attribute: str, key: str, source: str = "") -> str:
    """`score.reach`, `followers.instagram.profile`; a register has no source in its name."""
    return ".".join(part for part in (attribute, key, "" if source == REGISTER else source) if part)


def type_asked(condition: Condition) -> ValueType:
    match condition:
        case NumberIn():
            return "number"
        case AgeIn() | DayIn():
            return "day"
        case WordIn():
            return "word"
        case WordsMatch():
            return "words"
        case FlagIs():
            return "flag"
        case ReceiptsIn():
            return "receipts"
        case LocatedIn() | PostalCodeIn():
            return "location"


def asked_by(rule: Rule) -> list[Asked]:
    """What the rule asks for, each once, in the order it is asked.

    Raises `TypeError` where two conditions take one attribute for different types.
    """
    found: dict[tuple[str, str], Asked] = {}
    for condition in conditions(rule):
        about = condition.about
        one = Asked(about.attribute, about.key, type_asked(condition), about.is_register)
        if found.setdefault((about.attribute, about.key), one) != one:
            raise TypeError(f"{one.name} is asked for in two ways")
    return list(found.values())


def row_of(person: Person, asked: Iterable[Asked]) -> Row:
    """The person's row for a rule that asks for these."""
    row: dict[str, Any] = {}
    for one in asked:
        facts = person.about(one.attribute, one.key)
        if one.is_register:
            row[one.name] = tuple(
                (usable(one.type, fact.value), microseconds(fact.observed_at))
                for fact in reversed(in_order(facts))
            )
            continue
        entries: list[tuple[Any, int, str]] = []
        for source, newest in newest_by_source(facts).items():
            value = _single(newest, one.type)
            if value is not None:
                at = microseconds(newest[0].observed_at)
                row[slot_name(one.attribute, one.key, source)] = (value, at)
                entries.append((value, at, source))
        if entries:
            row[f"{one.name}*"] = tuple(entries)
    return row


def _single(newest: list[Evidence], type_: ValueType) -> Any:
    """The one value of a source, or None where it contradicts itself or says nothing usable."""
    return usable(type_, newest[0].value) if len(newest) == 1 else None


def usable(type_: ValueType, value: Any) -> Any:
    """The value in the form of a row, or None where it is not of this type or cannot be right."""
    match type_:
        case "number":
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return value if is_number and math.isfinite(value) else None
        case "day":
            is_day = isinstance(value, date) and not isinstance(value, datetime)
            return day_number(value) if is_day else None
        case "word":
            return value if isinstance(value, str) and value else None
        case "words":
            return value if isinstance(value, frozenset) else None
        case "flag":
            return value if isinstance(value, bool) else None
        case "receipts":
            return value if isinstance(value, tuple) else None
        case "location":
            return _location(value) if isinstance(value, Location) else None


def _location(location: Location) -> tuple[Any, ...]:
    disc = location.disc
    point = (disc.lat, disc.lon, disc.radius_m) if disc is not None and disc.is_sound() else (None,) * 3
    code = usable_postal_code(location)
    return (*point, location.country, location.region, code)


def usable_postal_code(location: Location) -> str | None:
    """The code in upper case without spaces and dashes; None where it cannot be one of its country."""
    if location.postal_code is None:
        return None
    code = normal_postal_code(location.postal_code)
    return None if not code or (location.country == "US" and not _US_CODE.fullmatch(code)) else code


def day_number(day: date) -> int:
    """19900401 for 1 April 1990: days compare as they follow each other."""
    return day.year * 10_000 + day.month * 100 + day.day


def microseconds(instant: datetime) -> int:
    """Whole microseconds of an aware instant since 1970."""
    return (instant - _EPOCH) // _TICK


def latest_birth(age: int, today: date) -> int:
    """The day number up to which somebody was born who is `age` or older on this day: who was born on
    29 February comes of age on 1 March of a common year."""
    return (today.year - age) * 10_000 + today.month * 100 + today.day
