"""People as a table: the evidence that counts, one row for each person, in the columns of a population."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from perks_engine.audiences.columns import AT, ID, LOCATION_PARTS, Vocabulary
from perks_engine.audiences.expression import RECEIPT_TIME
from perks_engine.audiences.heavy import pa
from perks_engine.audiences.relational import ArrowTable, ArrowType
from perks_engine.domain.evidence import EarlierReceipt, Person
from perks_engine.domain.rows import Asked, Entry, ValueType, layout_of, slot_name
from perks_engine.domain.rules import Rule, conditions

ColumnType = ValueType | Literal["instant"]


@cache
def arrow_types() -> dict[ColumnType, ArrowType]:
    return {
        "number": pa.float64(),
        "day": pa.date32(),
        "word": pa.string(),
        "words": pa.list_(pa.string()),
        "flag": pa.bool_(),
        "receipts": pa.list_(pa.string()),
        "instant": pa.timestamp("us", tz="UTC"),
    }


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def people_table(people: Iterable[Person], rule: Rule, now: datetime, vocabulary: Vocabulary) -> ArrowTable:
    """The table of these people for a rule, as they are at `now` (aware). Every source that the rule or
    the catalogue names has its columns, though nobody may have anything from it."""
    layout = layout_of(rule)
    columns = _Columns()
    for one in layout.asked:
        for name, type_ in _declared(one, rule, vocabulary):
            columns.add(name, type_)
    moment = (now - _EPOCH) // timedelta(microseconds=1)
    for count, person in enumerate(people, start=1):
        row = layout.row(person)
        columns.put(ID, "word", person.person_id)
        for one in layout.asked:
            for name, type_, value in _cells(one, row[layout.places[one.attribute, one.key] + 1], moment):
                columns.put(name, type_, value)
        columns.fill(count)
    return columns.table()


class _Columns:
    """Columns that grow row by row; one that comes late is empty until then."""

    def __init__(self) -> None:
        self._types: dict[str, ColumnType] = {}
        self._values: dict[str, list[Any]] = {}
        self._rows = 0
        self.add(ID, "word")

    def add(self, name: str, type_: ColumnType) -> None:
        if name not in self._types:
            self._types[name] = type_
            self._values[name] = [None] * self._rows

    def put(self, name: str, type_: ColumnType, value: Any) -> None:
        self.add(name, type_)
        self._values[name].append(value)

    def fill(self, rows: int) -> None:
        self._rows = rows
        for values in self._values.values():
            if len(values) < rows:
                values.append(None)

    def table(self) -> ArrowTable:
        arrow = arrow_types()
        columns = {name: pa.array(self._values[name], arrow[type_]) for name, type_ in self._types.items()}
        return pa.table(columns)


def _declared(one: Asked, rule: Rule, vocabulary: Vocabulary) -> Iterable[tuple[str, ColumnType]]:
    if one.is_register:
        yield one.name, one.type
        return
    usual = vocabulary.get(one.attribute)
    named = [
        source
        for condition in conditions(rule)
        for source in condition.about.accept.sources
        if (condition.about.attribute, condition.about.key) == (one.attribute, one.key)
    ]
    for source in dict.fromkeys([*named, *(usual.sources or (usual.default,) if usual else ())]):
        column = slot_name(one.attribute, one.key, source)
        yield f"{column}.{AT}", "instant"
        if one.type == "location":
            for part, type_ in zip(LOCATION_PARTS, _PART_TYPES, strict=True):
                yield f"{column}.{part}", type_
        else:
            yield column, one.type


_PART_TYPES: tuple[ColumnType, ...] = ("number",) * 3 + ("word",) * 3


def _cells(one: Asked, entries: Iterable[Entry], moment: int) -> Iterable[tuple[str, ColumnType, Any]]:
    if one.is_register:
        value = next((value for value, at, _, _ in entries if at <= moment), None)
        yield one.name, one.type, _told(one.type, value)
        return
    for value, at, source, _ in entries:
        column = slot_name(one.attribute, one.key, source)
        yield f"{column}.{AT}", "instant", _EPOCH + timedelta(microseconds=at)
        if one.type == "location":
            for part, type_, cell in zip(LOCATION_PARTS, _PART_TYPES, value, strict=True):
                yield f"{column}.{part}", type_, cell
        else:
            yield column, one.type, _told(one.type, value)


def _told(type_: ValueType, value: Any) -> Any:
    match type_:
        case "day":
            return date(value // 10_000, value // 100 % 100, value % 100)
        case "words":
            return sorted(value) if value is not None else None
        case "receipts":
            return [receipt_text(one) for one in value] if value is not None else None
        case _:
            return value


def receipt_text(receipt: EarlierReceipt) -> str:
    """A receipt as a population writes it: `INSTANT|brand|campaign`."""
    return f"{receipt.received_at.astimezone(UTC).strftime(RECEIPT_TIME)}|{receipt.brand}|{receipt.campaign}"
