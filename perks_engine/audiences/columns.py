"""Which columns of a population hold what a rule asks for.

A population has one row for each person, and a column for each source of each attribute: `score.reach`,
`followers.instagram`, `location.device.lat`. A column that names no source holds the attribute's usual
one. Its time is `COLUMN.at`, else the row's `seen_at`, else the moment of the evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from perks_engine.domain.judge_location import WEAK_SOURCES
from perks_engine.domain.rows import ValueType, asked_by, slot_name, type_asked
from perks_engine.domain.rules import Accept, Condition, PostalCodeIn, Rule, conditions

ID = "id"
SEEN_AT = "seen_at"
AT = "at"
LOCATION_PARTS = ("lat", "lon", "radius_m", "country", "region", "postal_code")


@dataclass(frozen=True, slots=True)
class Usual:
    """What the catalogue says of an attribute: the sources it may have (none named: any), and which of
    them is meant where a column names none. A register has no source."""

    sources: tuple[str, ...]
    default: str


Vocabulary = Mapping[str, Usual]


class MissingColumnsError(ValueError):
    """The population lacks columns that the rule asks for; `problems` names them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Slot:
    """One source of one attribute: `column` is where its value stands (for a location the beginning of
    its columns' names), `at` the column of its time or "" for the moment of the evaluation."""

    source: str
    column: str
    at: str
    type: ValueType
    parts: tuple[str, ...] = ()

    def part(self, name: str) -> str:
        """The column of a location's part, or "" where the population has none."""
        return f"{self.column}.{name}" if name in self.parts else ""

    def columns(self) -> tuple[str, ...]:
        values = tuple(f"{self.column}.{part}" for part in self.parts) or (self.column,)
        return (*values, self.at) if self.at else values


@dataclass(frozen=True, slots=True)
class Sources:
    """Where one condition finds its evidence: the slots it accepts, and those that it does not."""

    accepted: tuple[Slot, ...]
    refused: tuple[Slot, ...]


def sources_of(rule: Rule, columns: Iterable[str], vocabulary: Vocabulary) -> list[Sources]:
    """For each condition of the rule in its order the slots of a population with these columns.

    Raises `MissingColumnsError` with every attribute for which none of the accepted sources is there,
    and `TypeError` where two conditions take one attribute for different types.
    """
    asked_by(rule)
    have = frozenset(columns)
    found: list[Sources] = []
    problems: list[str] = [] if ID in have else [f"the column {ID} is missing: who each row is about"]
    for condition in conditions(rule):
        about = condition.about
        slots = _slots(condition, have, vocabulary.get(about.attribute))
        accepted = tuple(slot for slot in slots if about.is_register or _accepts(about.accept, slot))
        if not accepted:
            problems.append(_missing(condition, vocabulary.get(about.attribute)))
        found.append(Sources(accepted, tuple(slot for slot in slots if slot not in accepted)))
    if problems:
        raise MissingColumnsError(list(dict.fromkeys(problems)))
    return found


def needed_columns(sources: Iterable[Sources]) -> list[str]:
    """Every column that is read, each once, the person's id first."""
    slots = [slot for one in sources for slot in (*one.accepted, *one.refused)]
    return list(dict.fromkeys([ID, *(column for slot in slots for column in slot.columns())]))


def _accepts(accept: Accept, slot: Slot) -> bool:
    return accept.takes(slot.source)


def _slots(condition: Condition, have: frozenset[str], usual: Usual | None) -> list[Slot]:
    about = condition.about
    base = slot_name(about.attribute, about.key)
    type_ = type_asked(condition)
    if about.is_register:
        return [Slot("", base, "", type_)] if base in have else []
    named = {column.removeprefix(f"{base}.") for column in have if column.startswith(f"{base}.")}
    known = usual.sources if usual else ()
    slots: list[Slot] = []
    for source in sorted(filter(None, {_source(name, type_) for name in named})):
        if known and source not in known:
            continue
        slot = _slot(source, f"{base}.{source}", type_, have)
        if slot is not None:
            slots.append(slot)
    if type_ != "location" and base in have:
        source = usual.default if usual else ""
        if all(slot.source != source for slot in slots):
            slots.append(Slot(source, base, _time_of(base, have), type_))
    return slots


def _source(name: str, type_: ValueType) -> str:
    """The source in the rest of a column's name, which may have dots of its own; "" where there is none."""
    source, _, part = name.rpartition(".")
    if part == AT or type_ == "location":
        return source
    return name


def _slot(source: str, column: str, type_: ValueType, have: frozenset[str]) -> Slot | None:
    if type_ != "location":
        return Slot(source, column, _time_of(column, have), type_) if column in have else None
    parts = tuple(part for part in LOCATION_PARTS if f"{column}.{part}" in have)
    return Slot(source, column, _time_of(column, have), type_, parts) if parts else None


def _time_of(column: str, have: frozenset[str]) -> str:
    return next((name for name in (f"{column}.{AT}", SEEN_AT) if name in have), "")


def _missing(condition: Condition, usual: Usual | None) -> str:
    about = condition.about
    base = slot_name(about.attribute, about.key)
    if about.is_register:
        return f"the column {base} is missing (a list, empty where there is nothing)"
    sources = about.accept.sources or (usual.sources if usual else ()) or ("SOURCE",)
    if type_asked(condition) == "location":
        strong = [source for source in sources if source not in WEAK_SOURCES] or list(sources)
        parts = ".country, .postal_code" if isinstance(condition, PostalCodeIn) else ".lat, .lon, .radius_m"
        wanted = " or ".join(f"{base}.{source}{parts}" for source in strong)
    else:
        default = usual.default if usual else ""
        names = [base if source == default else f"{base}.{source}" for source in sources]
        wanted = " or ".join(names)
    return f"no column holds {base} from a source that the rule accepts: {wanted}"
