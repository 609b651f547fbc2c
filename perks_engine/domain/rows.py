"""A person as one row: for each attribute that a rule asks for, its facts, made ready to be compared.

The explained execution of `explain` weighs evidence as it comes. The compiled ones and the set expression
read rows: what can never count (superseded, contradicting itself, of the wrong type, unsound) is set aside
when the row is made, once, so that what remains is only compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
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

Row = tuple[Any, ...]
"""The cells of a person in the places of a `Layout`."""


Entry = tuple[Any, int, str, Evidence]
"""What one source says last: its value in the form of a row (days are numbers such as 19900401, a location
is `(lat, lon, radius_m, country, region, postal_code)` with None for what is not known or not sound), the
time in microseconds since 1970, the source, and the fact itself."""


_US_CODE = re.compile(r"\d{5}(\d{4})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """An attribute (and key) that a rule asks for, the type its values must have, and the sources that
    conditions on it name."""

    attribute: str
    key: str
    type: ValueType
    is_register: bool
    sources: tuple[str, ...] = ()

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
        name = about.attribute, about.key
        one = Asked(*name, type_asked(condition), about.is_register)
        known = found.get(name, one)
        if replace(known, sources=()) != one:
            raise TypeError(f"{one.name} is asked for in two ways")
        named = () if one.is_register else about.accept.sources
        found[name] = replace(one, sources=tuple(dict.fromkeys([*known.sources, *named])))
    return list(found.values())


@dataclass(frozen=True)
class Layout:
    """The places of a row. For each attribute in turn stand there
      0. all its facts, as they are
      1. the entries of all its sources, the oldest first; of a register all its lines, the newest first
      2. the entry of its only source, where no other says anything (never of a register)
      3. and on: the entry of each source that conditions name.
    An entry whose value could never count is not there, but for a register's, whose value is then None.
    """

    asked: tuple[Asked, ...]

    @cached_property
    def places(self) -> Mapping[tuple[str, str], int]:
        """Where the cells of each attribute begin."""
        found: dict[tuple[str, str], int] = {}
        size = 0
        for one in self.asked:
            found[one.attribute, one.key] = size
            size += 3 + len(one.sources)
        return found

    def source_place(self, attribute: str, key: str, source: str) -> int | None:
        """Where the entry of this source stands; None where the layout has no place for it alone."""
        place = self.places[attribute, key]
        sources = next(one.sources for one in self.asked if (one.attribute, one.key) == (attribute, key))
        return place + 3 + sources.index(source) if source in sources else None

    @cached_property
    def _readers(self) -> tuple[tuple[Asked, int, Callable[[Any], Any], Mapping[str, int]], ...]:
        return tuple(
            (one, place, READERS[one.type], {name: place + 3 + i for i, name in enumerate(one.sources)})
            for one, place in zip(self.asked, self.places.values(), strict=True)
        )

    @cached_property
    def _blank(self) -> list[Any]:
        return [cell for one in self.asked for cell in ((), (), None, *(None for _ in one.sources))]

    def row(self, person: Person) -> Row:
        """The person's row."""
        cells = self._blank.copy()
        places = self.places
        for fact in person.evidence:
            place = places.get((fact.attribute, fact.key))
            if place is not None:
                cells[place] += (fact,)
        for one, place, read, source_places in self._readers:
            facts = cells[place]
            if one.is_register:
                cells[place + 1] = tuple(
                    (read(fact.value), microseconds(fact.observed_at), REGISTER, fact)
                    for fact in reversed(in_order(facts))
                )
            elif len(facts) == 1:
                fact = facts[0]
                value = read(fact.value)
                if value is not None:
                    entry = value, microseconds(fact.observed_at), fact.source, fact
                    cells[place + 1], cells[place + 2] = (entry,), entry
                    if fact.source in source_places:
                        cells[source_places[fact.source]] = entry
            elif facts:
                entries, only = _entries(facts, read)
                cells[place + 1], cells[place + 2] = entries, only
                for entry in entries:
                    if entry[2] in source_places:
                        cells[source_places[entry[2]]] = entry
        return tuple(cells)


def layout_of(rule: Rule) -> Layout:
    """The places for what a rule asks for. Raises `TypeError` as `asked_by` does."""
    return Layout(tuple(asked_by(rule)))


def _entries(
    facts: tuple[Evidence, ...], read: Callable[[Any], Any]
) -> tuple[tuple[Entry, ...], Entry | None]:
    """What every source says last where it can count, and the only one where there is no other source."""
    latest = newest_by_source(in_order(facts))
    found: list[Entry] = []
    for source, newest in latest.items():
        value = read(newest[0].value) if len(newest) == 1 else None
        if value is not None:
            found.append((value, microseconds(newest[0].observed_at), source, newest[0]))
    return tuple(found), found[0] if len(latest) == len(found) == 1 else None


def usable(type_: ValueType, value: Any) -> Any:
    """The value in the form of a row, or None where it is not of this type or cannot be right."""
    return READERS[type_](value)


def _number(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None


def _day(value: Any) -> int | None:
    return day_number(value) if isinstance(value, date) and not isinstance(value, datetime) else None


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _words(value: Any) -> frozenset[str] | None:
    return value if isinstance(value, frozenset) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _receipts(value: Any) -> tuple[Any, ...] | None:
    return value if isinstance(value, tuple) else None


def _location(value: Any) -> tuple[Any, ...] | None:
    if not isinstance(value, Location):
        return None
    disc = value.disc
    point = (disc.lat, disc.lon, disc.radius_m) if disc is not None and disc.is_sound() else (None,) * 3
    return (*point, value.country, value.region, usable_postal_code(value))


READERS: Mapping[ValueType, Callable[[Any], Any]] = {
    "number": _number,
    "day": _day,
    "word": _word,
    "words": _words,
    "flag": _flag,
    "receipts": _receipts,
    "location": _location,
}


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
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def latest_birth(age: int, today: date) -> int:
    """The day number up to which somebody was born who is `age` or older on this day: who was born on
    29 February comes of age on 1 March of a common year."""
    return (today.year - age) * 10_000 + today.month * 100 + today.day
