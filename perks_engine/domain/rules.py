"""The nodes of a rule: small frozen nouns that say what is asked, and nothing of how it is executed.

A new kind of condition is a class here, its judge in `judges.py`, and its YAML shape in
`campaigns.conditions`. Every class is part of the canonical form by which versions are named: a
field may be added with a default, never renamed or given another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from perks_engine.domain.evidence import REGISTER
from perks_engine.domain.geography import AreaRef, Circle, Territory, Zone

MAX_NODES = 1_000
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Accept:
    """Which sources count, and how old what they say may be. No `sources` means any of them;
    `max_age` holds where `max_age_of` has no line for the source, None means for ever."""

    sources: tuple[str, ...] = ()
    max_age: timedelta | None = None
    max_age_of: tuple[tuple[str, timedelta], ...] = ()

    def takes(self, source: str) -> bool:
        return not self.sources or source in self.sources

    def age_limit(self, source: str) -> timedelta | None:
        return dict(self.max_age_of).get(source, self.max_age)


@dataclass(frozen=True, slots=True)
class About:
    """The attribute that a condition asks for. `key` picks one of several (a platform, a brand),
    `title` is its name for a reader, `shown` is False where the person may not see the value."""

    attribute: str
    title: str
    key: str = ""
    shown: bool = True
    accept: Accept = Accept()

    @property
    def is_register(self) -> bool:
        """Kept by the engine itself, so that absence is knowledge."""
        return self.accept.sources == (REGISTER,)


@dataclass(frozen=True, slots=True)
class NumberIn:
    """low <= number <= high; a None bound is open."""

    about: About
    low: float | None = None
    high: float | None = None
    kind: Literal["number_in"] = "number_in"


@dataclass(frozen=True, slots=True)
class AgeIn:
    """Age in completed years at the day of the decision (UTC), from a birth date; bounds included."""

    about: About
    low: int | None = None
    high: int | None = None
    kind: Literal["age_in"] = "age_in"


@dataclass(frozen=True, slots=True)
class DayIn:
    """A date from `first` to `last`, both included; a None bound is open."""

    about: About
    first: date | None = None
    last: date | None = None
    kind: Literal["day_in"] = "day_in"


@dataclass(frozen=True, slots=True)
class WordIn:
    """One word that must be among `words`."""

    about: About
    words: tuple[str, ...]
    kind: Literal["word_in"] = "word_in"


@dataclass(frozen=True, slots=True)
class WordsMatch:
    """A set of words that must hold one of `words`, or `every` one of them."""

    about: About
    words: tuple[str, ...]
    every: bool = False
    kind: Literal["words_match"] = "words_match"


@dataclass(frozen=True, slots=True)
class FlagIs:
    about: About
    wanted: bool
    kind: Literal["flag_is"] = "flag_is"


@dataclass(frozen=True, slots=True)
class ReceiptsIn:
    """How many units the person received before: from `brand` and `campaign` ("" for any), not longer
    ago than `within`."""

    about: About
    low: int | None = None
    high: int | None = None
    brand: str = ""
    campaign: str = ""
    within: timedelta | None = None
    kind: Literal["receipts_in"] = "receipts_in"


@dataclass(frozen=True, slots=True)
class LocatedIn:
    """The whole disc of evidence lies in the zone, or the address names the territory."""

    about: About
    zone: Zone
    kind: Literal["located_in"] = "located_in"


@dataclass(frozen=True, slots=True)
class PostalCodeIn:
    """The address bears one of `codes` or begins with one of `prefixes`, in `country`.

    Codes are upper case without spaces or dashes.
    """

    about: About
    country: str
    codes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    kind: Literal["postal_code_in"] = "postal_code_in"


Condition = NumberIn | AgeIn | DayIn | WordIn | WordsMatch | FlagIs | ReceiptsIn | LocatedIn | PostalCodeIn


@dataclass(frozen=True, slots=True)
class AllOf:
    rules: tuple[Rule, ...]
    kind: Literal["all_of"] = "all_of"


@dataclass(frozen=True, slots=True)
class AnyOf:
    rules: tuple[Rule, ...]
    kind: Literal["any_of"] = "any_of"


@dataclass(frozen=True, slots=True)
class AtLeast:
    count: int
    rules: tuple[Rule, ...]
    kind: Literal["at_least"] = "at_least"


@dataclass(frozen=True, slots=True)
class Not:
    rule: Rule
    kind: Literal["not"] = "not"


Rule = AllOf | AnyOf | AtLeast | Not | Condition


def is_smaller_than_a_country(zone: Zone) -> bool:
    """Whether claimed text or an IP address alone could never place somebody in this zone."""
    match zone:
        case Territory(codes=codes):
            return any("-" in code for code in codes)
        case Circle() | AreaRef():
            return True


def lowest_age(rule: Rule) -> int:
    """The age that nobody is granted below, 0 where the rule asks for none; completed years."""
    match rule:
        case AgeIn(low=low):
            return low or 0
        case AllOf(rules=rules):
            return max(lowest_age(inner) for inner in rules)
        case AnyOf(rules=rules):
            return min(lowest_age(inner) for inner in rules)
        case _:
            return 0


def conditions(rule: Rule) -> list[Condition]:
    """Every condition of the rule, in the order it is written."""
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | AtLeast(rules=rules):
            return [condition for inner in rules for condition in conditions(inner)]
        case Not(rule=inner):
            return conditions(inner)
        case _:
            return [rule]
