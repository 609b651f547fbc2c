"""A population out of a file: Parquet, CSV or JSON Lines, scanned in place and checked before it is used.

1. The columns that the rule asks for are looked up in the file.
2. One pass counts what cannot be read. Cells of CSV and JSON come as text, so that no bad one hides another.
3. Only where that pass counts something are the rows looked for, to name them.

What comes out is a view: nothing of the file is kept, and every evaluation scans it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

from perks_engine.audiences.columns import ID, Vocabulary
from perks_engine.audiences.engine import Engine
from perks_engine.audiences.file_cells import (
    IBIS_TYPES,
    REJECTED,
    ROW,
    WRONG_SIZE,
    Cell,
    backend_of,
    quoted,
    rows_of,
)
from perks_engine.audiences.file_kinds import SOURCES, Source
from perks_engine.audiences.heavy import duckdb, ibis, ibis_duckdb
from perks_engine.audiences.relational import Table
from perks_engine.audiences.wants import NOUNS, PopulationError, wanted_columns
from perks_engine.domain.rows import asked_by
from perks_engine.domain.rules import Rule

SHOWN = 20
"""How many faulty rows are named; the others are counted."""


def read_population(engine: Engine, path: Path, rule: Rule, vocabulary: Vocabulary) -> Table:
    """The people of a file as a table of the engine (DuckDB): `id`, and the columns that the rule asks for.

    Raises `PopulationError`, and `TypeError` where two conditions take one attribute for different types.
    """
    asked_by(rule)
    try:
        return _read(engine, _opened(engine, path), rule, vocabulary)
    except duckdb.Error as error:
        words = str(error).splitlines()[0]
        if "state machine" in words:
            words = "its lines end in different ways (CR LF, LF); save it with one of them"
        raise PopulationError([f"{path}: cannot be read: {words}"]) from error


def _opened(engine: Engine, path: Path) -> Source:
    problem = ""
    if not isinstance(engine.backend, ibis_duckdb.Backend):
        problem = f"is a file, which the engine duckdb reads, not {engine.backend.name}"
    elif path.is_dir():
        problem = "is a folder; expected one file"
    elif not path.is_file():
        problem = "there is no such file"
    elif path.suffix not in SOURCES:
        problem = f"is of an unknown kind; expected one of {', '.join(SOURCES)}"
    elif not path.stat().st_size:
        problem = "is empty"
    if problem:
        raise PopulationError([f"{path}: {problem}"])
    return SOURCES[path.suffix](engine, path)


# --- which columns


def _read(engine: Engine, source: Source, rule: Rule, vocabulary: Vocabulary) -> Table:
    wants, problems = wanted_columns(rule, source.types, vocabulary)
    fields = {name: source.field(name, want, list(wants)) for name, want in wants.items()}
    problems += [
        f"column {name} is of type {source.types[name]}; expected {NOUNS[wants[name]]}"
        for name, field in fields.items()
        if field is None
    ]
    sound = [field for field in fields.values() if field is not None]
    found = [f"{source.path}: {problem}" for problem in [*source.problems(wants), *problems]]
    found += _faults(engine, source, list(wants), [*source.rows(), *sound])
    if found:
        raise PopulationError(found)
    columns = ", ".join(f"{field.value} AS {quoted(field.name)}" for field in sound)
    query = f"SELECT {columns} FROM {source.scan(list(wants))}"  # noqa: S608 - names and path are quoted
    view = f"perks_file_{hashlib.sha256(query.encode()).hexdigest()[:16]}"
    backend = backend_of(engine)
    backend.raw_sql(f"CREATE OR REPLACE TEMP VIEW {view} AS {query}")
    schema = ibis.schema({field.name: IBIS_TYPES.get(field.want, "string") for field in sound})
    return backend.sql(f"SELECT * FROM {view}", schema=schema)  # noqa: S608 - a digest


# --- what is wrong with the rows


def _faults(engine: Engine, source: Source, names: Sequence[str], fields: Sequence[Cell]) -> list[str]:
    """What is wrong with the rows: the first ones named, and how many there are."""
    person = next((f"nullif({field.value}, '')" for field in fields if field.name == ID), "NULL")
    for table in (REJECTED, f"{REJECTED}_scans"):
        backend_of(engine).raw_sql(f"DROP TABLE IF EXISTS {table}")
    # The hash of NULL is one as well.
    different_ids = f"count(DISTINCT hash({person})) FILTER ({person} IS NOT NULL)"
    counts = ["count(*)", f"count({person})", different_ids]
    counts += [f"count(*) FILTER ({field.fault})" for field in fields]
    if source.keep_rejected:
        # Of columns that are not asked for the engine would not see whether they are UTF-8.
        counts += [f"count({field.value}) * 0" for field in fields if field.fault == "false"]
    scan = source.scan(names, source.keep_rejected)
    query = f"SELECT {', '.join(counts)} FROM {scan}"  # noqa: S608 - quoted
    people, named, different, *counted = rows_of(engine, query)[0]
    rejected, torn = _rejected(engine) if source.keep_rejected else ({}, 0)
    if not people and not rejected:
        return [f"{source.path}: there is nobody in it"]
    total = torn + sum(counted)
    cells: list[tuple[int, str]] = []
    again: list[tuple[int, int, str]] = []
    # Beyond a torn quote nobody can say where the next row begins.
    if torn < SHOWN and all(kind in WRONG_SIZE for kind in rejected.values()):
        cells = _faulty_cells(engine, source, names, fields) if sum(counted) else []
        # Two ids may share a hash: only the ids themselves tell.
        again, repeats = _repeated(engine, source, names, person) if different < named else ([], 0)
        total += repeats
    if not total:
        return []
    lines, torn_lines = source.lines(
        {row for row, _ in cells} | {row for one in again for row in one[:2]}, rejected
    )
    told = [(torn_lines.get(number, number), source.said_of(kind)) for number, kind in rejected.items()]
    told += [(lines[row], words) for row, words in cells]
    told += [
        (lines[row], f"column {ID}: '{who}' stands in {source.row_word} {lines[first]} already")
        for first, row, who in again
    ]
    problems = [f"{source.place(line)}: {words}" for line, words in sorted(told, key=itemgetter(0))]
    if total > SHOWN:
        rest = f"{source.path}: {total:,} such problems in all, of which the first {SHOWN} are shown"
        return [*problems[:SHOWN], rest]
    return problems


def _faulty_cells(
    engine: Engine, source: Source, names: Sequence[str], fields: Sequence[Cell]
) -> list[tuple[int, str]]:
    """The first rows with a cell that cannot be read, by number, and what is wrong with each such cell."""
    cells = [f"CASE WHEN {field.fault} THEN coalesce({field.shown}, '') END" for field in fields]
    any_ = " OR ".join(field.fault for field in fields)
    query = (
        f"SELECT {ROW}, {', '.join(cells)} FROM {source.numbered(names)} "  # noqa: S608 - all quoted
        f"WHERE {any_} ORDER BY {ROW} LIMIT {SHOWN}"
    )
    return [
        (row, field.told(shown))
        for row, *shown_cells in rows_of(engine, query)
        for field, shown in zip(fields, shown_cells, strict=True)
        if shown is not None
    ]


def _repeated(
    engine: Engine, source: Source, names: Sequence[str], person: str
) -> tuple[list[tuple[int, int, str]], int]:
    """The first rows whose id an earlier row bears, as (earlier row, row, id), and how many there are."""
    query = (
        f"WITH ids AS (SELECT {person} AS id, {ROW} AS number "  # noqa: S608 - all quoted
        f"FROM {source.numbered(names)}), "
        f"many AS (SELECT id, min(number, {SHOWN + 1}) AS rows, count(*) - 1 AS further "
        "FROM ids WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1) "
        f"SELECT id, rows, sum(further) OVER () FROM many ORDER BY rows[2] LIMIT {SHOWN}"
    )
    found = rows_of(engine, query)
    again = [(rows[0], row, who) for who, rows, _ in found for row in rows[1:]]
    return again, int(found[0][2]) if found else 0


def _rejected(engine: Engine) -> tuple[dict[int, str], int]:
    """The first lines that are no rows, and why; and how many there are."""
    query = (
        f"SELECT line, max(error_type), count(*) OVER () FROM {REJECTED} "  # noqa: S608 - a constant
        f"GROUP BY line ORDER BY line LIMIT {SHOWN}"
    )
    found = rows_of(engine, query)
    return {line: kind for line, kind, _ in found}, int(found[0][2]) if found else 0
