"""How the file of a warehouse is to be read, declared in YAML: which column says what, how its times are
written, and which of its words for a status is which move. A word that is not declared is never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.campaigns.quantities import INSTANT_EXPECTED, QuantityError, instant
from perks_engine.campaigns.reader import FAILED, Reader
from perks_engine.campaigns.shapes import (
    Built,
    Choice,
    Field,
    ListOf,
    MapOf,
    Record,
    Text,
)
from perks_engine.campaigns.yaml_source import Fields, Scalar, read_yaml_file
from perks_engine.domain.fulfillment import RECORDABLE, MoveKind

NOTHING = "nothing"
"""In place of a move: the word says nothing about where the unit is, and its rows are passed over."""
ISO = "iso"
"""In place of a form of date: ISO 8601 with its zone."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of the column that says each thing; None where none does."""

    status: str
    occurred_at: str
    claim: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    note: str | None = None
    parts: str | None = None

    def names(self) -> list[str]:
        given = (self.status, self.occurred_at, self.claim, self.tracking_number)
        return [name for name in (*given, self.carrier, self.note, self.parts) if name is not None]


@dataclass(frozen=True, slots=True)
class Dates:
    """`forms` are those of `strptime`, tried in turn; a time that names no zone is one of `zone`. Of an hour
    that comes twice, when clocks are set back, the first is meant."""

    forms: tuple[str, ...]
    zone: ZoneInfo | None = None

    def read(self, text: str) -> datetime:
        """Raises `QuantityError`."""
        for form in self.forms:
            if form == ISO:
                try:
                    return instant(text)
                except QuantityError:
                    continue
            try:
                found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is given below
            except ValueError:
                continue
            if found.tzinfo is None and self.zone is not None:
                found = _in_zone(found, self.zone, text)
            if found.tzinfo is None:
                raise QuantityError(f"'{text}' has no zone, and the mapping declares none")
            return found.astimezone(UTC)
        raise QuantityError(f"'{text}' is written in none of the declared forms")


def _in_zone(local: datetime, zone: ZoneInfo, text: str) -> datetime:
    found = local.replace(tzinfo=zone)
    if found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise QuantityError(f"'{text}' never was: clocks in {zone.key} were set forward")
    return found


@dataclass(frozen=True, slots=True)
class WarehouseMapping:
    """`statuses` are by the warehouse's word, in small letters; None for one that says nothing."""

    columns: Columns
    dates: Dates
    statuses: Mapping[str, MoveKind | None]
    separator: str = ","
    carrier: str = ""


def read_mapping(path: Path) -> WarehouseMapping:
    """Raises `FileProblemsError` with every fault of the file."""
    reader = Reader(str(path))
    found = _MAPPING.read(read_yaml_file(path), "", reader)
    if reader.problems or found is FAILED:
        raise FileProblemsError(reader.problems)
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise QuantityError(f"there is no time zone '{name}'") from error


def _told_apart(node: Fields, _values: Mapping[str, Any], _path: str, reader: Reader) -> bool:
    """Words that are the same but for their case and their spaces, and are not the same move, are a fault."""
    before = len(reader.problems)
    known: dict[str, tuple[str, str]] = {}
    statuses = next(value for key, value in node.fields if key.text == "statuses")
    for key, value in statuses.fields if isinstance(statuses, Fields) else ():
        word, move = _plain(key.text), value.text if isinstance(value, Scalar) else ""
        first, other = known.setdefault(word, (key.text, move))
        if other != move:
            reader.fault(
                key,
                f"statuses.{key.text}",
                f"is '{first}' but for its case, which is {other} above",
                "each word once, whatever its case",
            )
    return len(reader.problems) == before


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


def _move(word: str) -> MoveKind | None:
    return None if word == NOTHING else MoveKind(word)


def _mapping(
    columns: Columns,
    dates: Dates,
    statuses: Mapping[str, MoveKind | None],
    separator: str,
    carrier: str,
) -> WarehouseMapping:
    known = {_plain(word): move for word, move in statuses.items()}
    return WarehouseMapping(columns, dates, known, "\t" if separator == "tab" else separator, carrier)


_HEADER = Text("the header of a column", longest=120)
_COLUMNS = Record(
    (
        Field("status", _HEADER, "the column with the warehouse's word for what happened", required=True),
        Field("occurred_at", _HEADER, "the column with when it happened", required=True),
        Field("claim", _HEADER, "the column with the claim"),
        Field("tracking_number", _HEADER, "the column with the tracking number"),
        Field("carrier", _HEADER, "the column with who carries it"),
        Field("note", _HEADER, "the column with remarks"),
        Field("parts", _HEADER, "the column with the parts of a bundle, ';' between them"),
    ),
    build=Columns,
    at_least_one=("claim", "tracking_number"),
)
_DATES = Record(
    (
        Field(
            "forms",
            ListOf(
                Text(f"a form of date such as %Y-%m-%d %H:%M, or {ISO}", longest=60), or_one=True, longest=10
            ),
            f"how times are written, as for strptime; {ISO} for {INSTANT_EXPECTED}",
            required=True,
        ),
        Field(
            "zone",
            Text("a time zone such as Europe/Berlin", longest=60, build=_zone),
            "of times that name none",
        ),
    ),
    build=Dates,
)
_MAPPING = Record(
    (
        Field("columns", _COLUMNS, "which column says what", required=True),
        Field("dates", _DATES, "how times are written", required=True),
        Field(
            "statuses",
            MapOf(Text("a status word", longest=120), Built(Choice((*RECORDABLE, NOTHING)), _move)),
            "the warehouse's words, each with its move",
            required=True,
        ),
        Field(
            "separator",
            Choice((",", ";", "|", "tab")),
            "between the columns; a comma if left out",
            default=",",
        ),
        Field(
            "carrier", Text("a carrier", longest=60), "who carries it, where no column says so", default=""
        ),
    ),
    build=_mapping,
    check=_told_apart,
)
