"""A population out of a table of an engine, or out of Parquet that Spark reads: checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from perks_engine.audiences.columns import ID, Vocabulary
from perks_engine.audiences.engine import Engine
from perks_engine.audiences.heavy import dt, ibis_exceptions
from perks_engine.audiences.relational import Table, Value
from perks_engine.audiences.wants import NOUNS, PopulationError, Want, wanted_columns
from perks_engine.domain.rows import asked_by
from perks_engine.domain.rules import Rule

SHOWN = 5
"""How many repeated ids are named."""


def table_population(engine: Engine, name: str, rule: Rule, vocabulary: Vocabulary) -> Table:
    """The people of a table (`TABLE` or `SCHEMA.TABLE`; on Spark the path of a Parquet file or folder, too):
    `id`, and the columns that the rule asks for. Receipts stand in it as `audiences.expression` writes them.

    Raises `PopulationError`, and `TypeError` where two conditions take one attribute for different types.
    """
    asked_by(rule)
    table = _found(engine, name)
    wants, problems = wanted_columns(rule, table.columns, vocabulary)
    types: Mapping[str, dt.DataType] = table.schema()
    problems += [
        f"column {column} is of type {types[column]}; expected {NOUNS[want]}"
        for column, want in wants.items()
        if not _fits(types[column], want)
    ]
    if not problems:
        problems = _faulty_ids(engine, table)
    if problems:
        raise PopulationError([f"{name}: {problem}" for problem in problems])
    return table.select(**{column: _as_wanted(table[column], want) for column, want in wants.items()})


def _found(engine: Engine, name: str) -> Table:
    backend: Any = engine.backend
    if backend.name == "pyspark" and ("/" in name or PurePosixPath(name).suffix == ".parquet"):
        try:
            return backend.read_parquet(name)
        except Exception as error:
            words = str(error).splitlines()[0]
            raise PopulationError([f"{name}: cannot be read: {words}"]) from error
    schema, _, table = name.rpartition(".")
    try:
        return backend.table(table, database=schema or None)
    except ibis_exceptions.TableNotFound as error:
        raise PopulationError([f"{name}: there is no such table on {backend.name}"]) from error


def _fits(type_: dt.DataType, want: Want) -> bool:
    match want:
        case "id":
            return type_.is_string() or type_.is_integer() or type_.is_uuid()
        case "number":
            return type_.is_numeric()
        case "day":
            return type_.is_date()
        case "flag":
            return type_.is_boolean()
        case "instant":
            return type_.is_timestamp()
        case "words" | "receipts":
            return isinstance(type_, dt.Array) and type_.value_type.is_string()
        case _:
            return type_.is_string()


def _as_wanted(value: Value, want: Want) -> Value:
    """As the set expression reads it: numbers as one type, codes in one spelling."""
    match want:
        case "id":
            return value.cast("string")
        case "number":
            return value.cast("float64")
        case "code":
            return value.upper()
        case "postal_code":
            return value.upper().re_replace("[^0-9A-Z]", "").nullif("")
        case _:
            return value


def _faulty_ids(engine: Engine, table: Table) -> Sequence[str]:
    """Who has no id, and which ids there are more than once."""
    ids = table.select(id=table[ID].cast("string"))
    nameless = ids.filter(ids.id.isnull() | (ids.id == ""))
    [counts] = engine.fetch(
        ids.aggregate(people=ids.count(), different=ids.id.nullif("").nunique())
    ).to_pylist()
    if not counts["people"]:
        return ["there is nobody in it"]
    without: int = engine.fetch(nameless.aggregate(people=nameless.count())).to_pylist()[0]["people"]
    problems = [f"column {ID} is empty in {without:,} of {counts['people']:,} rows"] if without else []
    if counts["different"] + without < counts["people"]:
        often = ids.group_by("id").aggregate(rows=ids.count())
        often = often.filter((often["rows"] > 1) & often.id.notnull() & (often.id != ""))
        found = engine.fetch(often.order_by("id").limit(SHOWN)).to_pylist()
        problems += [f"column {ID}: '{row['id']}' stands in {row['rows']:,} rows" for row in found]
    return problems
