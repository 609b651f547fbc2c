"""Random rules and people that meet: both are drawn from one small vocabulary.

`cases()` gives a rule, a person and a moment; `zones.ATLAS` answers about every zone in them. All three
verdicts occur often (tests/domain/test_strategies.py counts them). Values lie on bounds and a hair beside
them; evidence is missing, stale, future-dated, contradictory, of the wrong type or out of range at times.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st

from perks_engine.domain.evidence import REGISTER, EarlierReceipt, Evidence, Location, Person, Value
from perks_engine.domain.rules import (
    About,
    Accept,
    AgeIn,
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    DayIn,
    FlagIs,
    LocatedIn,
    Not,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    Rule,
    WordIn,
    WordsMatch,
    conditions,
)
from tests.domain.zones import (
    ADDRESSES,
    EDGES,
    EDGES_OF_AREAS,
    EDGES_OF_CITY,
    PLAIN,
    SOUND_DISCS,
    UNSOUND_DISCS,
    ZONES,
)

BRAND, OTHER_BRAND = "northwind_phones", "northwind-phones"
"""A wildcard of SQL would take one for the other."""
CAMPAIGN, OTHER_CAMPAIGN = "phone-launch", "a-phone-launch"

# --- when

NEW_YORK_IN_WINTER = timezone(timedelta(hours=-5))
MOMENTS = (
    datetime(2026, 12, 2, 15, 0, tzinfo=UTC),
    datetime(2027, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2027, 3, 1, tzinfo=UTC),
    datetime(2027, 2, 28, 21, 30, tzinfo=NEW_YORK_IN_WINTER),  # the first of March by UTC
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
)
TICK = timedelta(microseconds=1)
DAY, MONTH, YEAR = timedelta(days=1), timedelta(days=30), timedelta(days=365)


def moments() -> st.SearchStrategy[datetime]:
    return st.sampled_from(MOMENTS)


# --- what is said

NUMBERS = (0.0, 1.0, 50.0, 71.5, 100.0)
LARGEST = 1.7976931348623157e308
STRANGE_NUMBERS = (71, -0.0, 5e-324, LARGEST, -LARGEST, math.nan, math.inf, -math.inf)
AGES = (13, 18, 21, 65)
DAYS = (date(2026, 1, 1), date(2026, 6, 30))
COUNTRIES = ("US", "CA", "GB")
TOPICS = ("technology", "música", "rock 'n' \\ roll", "日本語 🎉")
TIERS = ("silver", "gold", "nœud\n%_")
PURPOSES = ("perks", "news")
RELATIONS = ("employee", "kin")
CODES, PREFIXES = ("10001", "K1A0B1"), ("071", "K1")

WRONG: tuple[Value, ...] = (True, "71.5", frozenset({"71.5"}), 71.5, Location())


def _hair_around(number: float) -> tuple[float, ...]:
    return (number, math.nextafter(number, -math.inf), math.nextafter(number, math.inf))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 3, 1)


def _birthdays(now: datetime) -> st.SearchStrategy[Value]:
    today = now.astimezone(UTC).date()
    coming_of_age = [_years_before(today, age) + timedelta(days=off) for age in AGES for off in (-1, 0, 1)]
    odd = [date(2008, 2, 29), date(2009, 2, 28), date(2009, 3, 1), today + DAY, date(1850, 1, 1), date.min]
    return st.sampled_from([date(1990, 4, 1), date(1990, 4, 1), *coming_of_age, *odd])


def _some(words: Sequence[str], *strange: str) -> st.SearchStrategy[Value]:
    return st.frozensets(st.sampled_from([*words, *words, *strange]), max_size=3)


def _receipts(now: datetime) -> st.SearchStrategy[Value]:
    ages = (timedelta(0), DAY, YEAR, YEAR + TICK, -TICK)
    one = st.builds(
        EarlierReceipt,
        st.sampled_from([BRAND, OTHER_BRAND]),
        st.sampled_from([CAMPAIGN, OTHER_CAMPAIGN]),
        st.sampled_from([now.astimezone(UTC) - age for age in ages]),
    )
    return st.lists(one, max_size=3).map(tuple)


def _locations() -> st.SearchStrategy[Value]:
    discs = [*EDGES, *EDGES_OF_CITY, *EDGES_OF_CITY, *EDGES_OF_AREAS, *SOUND_DISCS, *UNSOUND_DISCS]
    return st.sampled_from([*[PLAIN] * 10, *ADDRESSES, *map(Location, discs)])


def _values(attribute: str, now: datetime) -> st.SearchStrategy[Value]:
    """What a source may say of it, near what rules ask."""
    match attribute:
        case "born_on":
            return _birthdays(now)
        case "signed_on":
            near = [day + timedelta(days=off) for day in DAYS for off in (-1, 0, 1)]
            return st.sampled_from([*near, *near, date.min, date.max])
        case "country":
            return st.sampled_from([*COUNTRIES, "us", ""])
        case "topics":
            return _some(TOPICS, "Technology", "mu\u0301sica", "", "NaN", "rock 'n' roll")
        case "creator_tier":
            return st.sampled_from([*TIERS, *TIERS, "bronze", "Gold", "gold ", "NaN", "null"])
        case "verified_creator":
            return st.booleans()
        case "opted_in":
            return _some(PURPOSES)
        case "relation_to_brand":
            return _some(RELATIONS, "agency")
        case "earlier_receipts":
            return _receipts(now)
        case "location":
            return _locations()
        case _:
            usual = [number for low in NUMBERS for number in _hair_around(low)]
            return st.sampled_from([*usual, *STRANGE_NUMBERS])


# --- who says so, and when

KEYS = {
    "followers": ("instagram", "instagram", "instagram", "youtube"),
    "relation_to_brand": (BRAND, BRAND, BRAND, OTHER_BRAND),
}
REGISTERS = ("opted_in", "relation_to_brand", "earlier_receipts")
HIDDEN = ("creator_tier", "inner_rank")
"""Attributes whose values a person may not see."""
ATTRIBUTES = (
    *("location", "score", "born_on", "location", "topics", "country", "followers", "location"),
    *("signed_on", "creator_tier", "inner_rank", "verified_creator", *REGISTERS),
)
LOCATION_SOURCES = ("device", "verified_address", "ip", "claimed")
VALUE_SOURCES = ("reach", "partner.desk_2", "profile")

_FRESH = (timedelta(0), timedelta(0), timedelta(hours=1), timedelta(hours=1), DAY)
_ODD_AGES = (DAY + TICK, MONTH, MONTH + TICK, 2 * YEAR, 150 * YEAR, -TICK, -DAY, -150 * YEAR)


@cache
def facts(attribute: str, now: datetime) -> st.SearchStrategy[Evidence]:
    """One fact about an attribute; its source, age and type are fit for most rules, and odd at times."""
    sources = LOCATION_SOURCES if attribute == "location" else VALUE_SOURCES
    if attribute in REGISTERS:
        sources = (REGISTER,)
    values = _values(attribute, now)
    return st.builds(
        Evidence,
        attribute=st.just(attribute),
        value=st.integers(0, 15).flatmap(lambda dice: st.sampled_from(WRONG) if dice == 11 else values),
        source=st.sampled_from([sources[0], sources[0], *sources]),
        observed_at=st.sampled_from([now.astimezone(UTC) - age for age in (*_FRESH, *_FRESH, *_ODD_AGES)]),
        key=st.sampled_from(KEYS.get(attribute, ("",))),
        note=st.sampled_from(["", "", "seen by hand"]),
    )


@st.composite
def people(draw: st.DrawFn, now: datetime, about: Iterable[str] = ATTRIBUTES) -> Person:
    """Somebody with none to three facts about each of these attributes, in any order."""
    known: list[Evidence] = []
    for attribute in sorted(set(about)):
        count = draw(st.sampled_from([1, 1, 1, 2, 1, 0, 1, 3, 1]))
        known += [draw(facts(attribute, now)) for _ in range(count)]
    return Person("p1", tuple(draw(st.permutations(known))))


# --- what is asked


def _accepts(sources: Sequence[str]) -> st.SearchStrategy[Accept]:
    first, second = sources[:2]
    return st.sampled_from(
        [
            Accept(),
            Accept(),
            Accept((first,)),
            Accept((first, second), max_age=MONTH),
            Accept((first, second), MONTH, ((first, DAY),)),
            Accept(max_age=DAY),
        ]
    )


def _about(attribute: str, title: str = "") -> st.SearchStrategy[About]:
    sources = LOCATION_SOURCES if attribute == "location" else VALUE_SOURCES
    accept = st.just(Accept((REGISTER,))) if attribute in REGISTERS else _accepts(sources)
    key = st.sampled_from(KEYS.get(attribute, ("",)))
    shown = attribute not in HIDDEN
    return st.builds(About, st.just(attribute), st.just(title or attribute), key, st.just(shown), accept)


def _ranges(bounds: Sequence[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Open above, open below, or both ends given; never empty."""
    one = st.sampled_from(bounds)
    closed = st.tuples(one, one).map(lambda pair: (min(pair), max(pair)))
    return st.one_of(st.tuples(one, st.none()), st.tuples(st.none(), one), closed)


def _words(words: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True).map(tuple)


@cache
def asked_about(attribute: str) -> st.SearchStrategy[Condition]:
    """A condition of the kind that fits the attribute."""
    about = _about(attribute, "age" if attribute == "born_on" else "")
    match attribute:
        case "born_on":
            return st.builds(lambda a, ends: AgeIn(a, *ends), about, _ranges(AGES))
        case "signed_on":
            return st.builds(lambda a, ends: DayIn(a, *ends), about, _ranges(DAYS))
        case "country":
            return st.builds(WordIn, about, _words(COUNTRIES))
        case "creator_tier":
            return st.builds(WordIn, about, _words(TIERS))
        case "topics":
            return st.builds(WordsMatch, about, _words(TOPICS), st.booleans())
        case "opted_in":
            return st.builds(WordsMatch, about, _words(PURPOSES), st.just(True))
        case "relation_to_brand":
            return st.builds(WordsMatch, about, _words(RELATIONS))
        case "verified_creator":
            return st.builds(FlagIs, about, st.booleans())
        case "earlier_receipts":
            whose = st.sampled_from([("", ""), (BRAND, ""), (BRAND, CAMPAIGN)])
            return st.builds(
                lambda a, ends, of, span: ReceiptsIn(a, ends[0], ends[1], of[0], of[1], span),
                *(about, _ranges((0, 1, 2)), whose, st.sampled_from([None, YEAR])),
            )
        case "location":
            codes, prefixes = st.sampled_from([CODES, CODES[:1], ()]), st.just(PREFIXES)
            postal = st.builds(PostalCodeIn, about, st.sampled_from(["US", "CA"]), codes, prefixes)
            located = st.builds(LocatedIn, about, st.sampled_from(ZONES))
            return st.integers(0, 3).flatmap(lambda dice: postal if dice == 2 else located)
        case _:
            return st.builds(lambda a, ends: NumberIn(a, *ends), about, _ranges(NUMBERS))


@cache
def any_condition(attributes: tuple[str, ...] = ATTRIBUTES) -> st.SearchStrategy[Condition]:
    return st.sampled_from(attributes).flatmap(asked_about)


def _around(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    some = st.lists(inner, min_size=1, max_size=4).map(tuple)
    counted = some.flatmap(lambda one: st.builds(AtLeast, st.integers(1, len(one)), st.just(one)))
    return st.one_of(st.builds(AllOf, some), st.builds(AnyOf, some), st.builds(Not, inner), counted)


@cache
def rules(attributes: tuple[str, ...] = ATTRIBUTES, max_leaves: int = 6) -> st.SearchStrategy[Rule]:
    """Rules of every kind of node, small and nested, as a campaign file could hold them."""
    return st.recursive(any_condition(attributes), _around, max_leaves=max_leaves)


@dataclass(frozen=True, slots=True)
class Case:
    """A rule asked of a person at a moment."""

    rule: Rule
    person: Person
    now: datetime


@st.composite
def cases(draw: st.DrawFn, attributes: tuple[str, ...] = ATTRIBUTES) -> Case:
    """A rule, and a person of whom the sources say something about what it asks (and something else)."""
    rule, now = draw(rules(attributes)), draw(moments())
    asked = [one.about.attribute for one in conditions(rule)]
    return Case(rule, draw(people(now, [*asked, draw(st.sampled_from(attributes))])), now)
