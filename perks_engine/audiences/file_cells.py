"""Cells of a file as SQL: the value in the type of a population, what makes it faulty, what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perks_engine.audiences.engine import Engine
from perks_engine.audiences.expression import RECEIPT_TIME
from perks_engine.audiences.heavy import ibis_duckdb
from perks_engine.audiences.wants import NOUNS, Want

ROW = "perks_row"
REJECTED = "perks_rejected"
WRONG_SIZE = ("TOO MANY COLUMNS", "MISSING COLUMNS")


@dataclass(frozen=True, slots=True)
class Cell:
    """A column as SQL: its value in the type of a population, whether a cell cannot be read so (never
    NULL), and the cell as text. Without a name it is the whole row."""

    name: str
    want: Want
    value: str
    fault: str
    shown: str

    def told(self, shown: str) -> str:
        if not self.name:
            return "the line is not a JSON object"
        shown = shown.replace("\r", "\\r").replace("\n", "\\n")
        return f"column {self.name}: " + (f"{shown} is not {NOUNS[self.want]}" if shown else "is empty")


_DAY = r"\d{4}-\d{2}-\d{2}"
_INSTANT = _DAY + r"([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_SIGNED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_WHOLE = (*_SIGNED, *(f"U{name}" for name in _SIGNED))
_SQL_TYPES: dict[Want, str] = {
    "number": "DOUBLE",
    "day": "DATE",
    "flag": "BOOLEAN",
    "words": "VARCHAR[]",
    "receipts": "VARCHAR[]",
    "instant": "TIMESTAMPTZ",
}
IBIS_TYPES: dict[Want, str] = {
    "number": "float64",
    "day": "date",
    "flag": "boolean",
    "words": "array<string>",
    "receipts": "array<string>",
    "instant": "timestamp('UTC', 6)",
}


def text_field(name: str, want: Want, cell: str) -> Cell:
    """A cell that is text; an empty one is none, and `;` parts the words of a list."""
    cell = f"nullif({cell}, '')"
    shown = f"chr(39) || left({cell}, 60) || chr(39)"
    if want in ("words", "receipts"):
        return _list_field(
            name, want, f"[trim(x) for x in string_split({cell}, ';') if trim(x) <> '']", shown
        )
    if want == "flag":
        value = f"lower({cell}) IN ('true', 'yes', '1')"
        fault = f"coalesce(lower({cell}) NOT IN ('true', 'yes', '1', 'false', 'no', '0'), false)"
        return Cell(name, want, value, fault, shown)
    return Cell(name, want, *_of_text(want, cell), shown)


def json_field(name: str, want: Want, cell: str) -> Cell:
    """A cell that is JSON: a string says no number, and a number no text."""
    shown = f"left({cell}, 60)"
    if want == "number":
        return Cell(name, want, *_of_text(want, cell), shown)
    if want == "flag":
        return Cell(
            name, want, f"{cell} = 'true'", f"coalesce({cell} NOT IN ('true', 'false'), false)", shown
        )
    if want in ("words", "receipts"):
        other = f"[x for x in json_extract({cell}, '$[*]') if json_type(x) <> 'VARCHAR']"
        field = _list_field(name, want, f"TRY_CAST({cell}::JSON AS VARCHAR[])", shown)
        fault = f"(coalesce(NOT starts_with({cell}, '[') OR len({other}) > 0, false) OR {field.fault})"
        return replace(field, fault=fault)
    value, fault = _of_text(want, f"json_extract_string({cell}, '$')")
    is_text = f"starts_with({cell}, '\"')"
    if want == "id":
        is_text = f"({is_text} OR regexp_full_match({cell}, '-?\\d+'))"
        shown = f"nullif({shown}, '\"\"')"
        fault = f"(cells IS NOT NULL AND {fault})"
    return Cell(name, want, value, f"({fault} OR NOT coalesce({is_text}, true))", shown)


def native_field(name: str, want: Want, cell: str, type_: str) -> Cell | None:
    """A cell of a type of its own, or None where nothing of that type can be what is wanted."""
    if type_ == '"NULL"':
        return Cell(name, want, f"NULL::{_SQL_TYPES.get(want, 'VARCHAR')}", str(want == "id"), "NULL")
    if want in ("words", "receipts") and type_ == "VARCHAR[]":
        return _list_field(name, want, cell, f"left({cell}::VARCHAR, 60)")
    if want == "id" and type_ in (*_WHOLE, "UUID"):
        return Cell(name, want, f"{cell}::VARCHAR", f"({cell} IS NULL)", "NULL")
    fits = {
        "number": type_ in (*_WHOLE, "FLOAT", "DOUBLE") or type_.startswith("DECIMAL"),
        "day": type_ == "DATE",
        "flag": type_ == "BOOLEAN",
        "instant": type_.startswith("TIMESTAMP") or type_ == "DATE",
    }
    return Cell(name, want, f"{cell}::{_SQL_TYPES[want]}", "false", "NULL") if fits.get(want) else None


def _of_text(want: Want, text: str) -> tuple[str, str]:
    """What a text (NULL where there is none) says, and whether it says nothing of the kind."""
    match want:
        case "number":
            value = f"TRY_CAST({text} AS DOUBLE)"
            return value, _unlike(text, _NUMBER, f"isfinite({value})")
        case "day":
            value = f"TRY_CAST({text} AS DATE)"
            return value, _unlike(text, _DAY, f"{value} IS NOT NULL")
        case "instant":
            value = f"TRY_CAST({text} AS TIMESTAMPTZ)"
            return value, _unlike(text, _INSTANT, f"{value} IS NOT NULL")
        case "code":
            return f"upper({text})", "false"
        case "postal_code":
            # As `normal_postal_code` has it.
            return f"nullif(regexp_replace(upper({text}), '[^\\pL\\pN]', '', 'g'), '')", "false"
        case "id":
            return text, f"(coalesce({text}, '') = '')"
        case _:
            return text, "false"


def _list_field(name: str, want: Want, items: str, shown: str) -> Cell:
    """A list of texts; the instants of receipts are written so that they compare as texts."""
    if want == "words":
        return Cell(name, want, items, "false", shown)
    instant = "TRY_CAST(split_part(x, '|', 1) AS TIMESTAMPTZ)"
    written = f"strftime({instant} AT TIME ZONE 'UTC', {text_of(RECEIPT_TIME)})"
    value = f"[{written} || substr(x, instr(x, '|')) for x in {items}]"
    odd = _unlike("x", _INSTANT + r"\|[^|]+\|[^|]+", f"{instant} IS NOT NULL")
    return Cell(name, want, value, f"coalesce(len([x for x in {items} if {odd}]) > 0, false)", shown)


def _unlike(text: str, pattern: str, holds: str) -> str:
    alike = f"regexp_full_match({text}, {text_of(pattern)}) AND coalesce({holds}, false)"
    return f"({text} IS NOT NULL AND NOT ({alike}))"


NOT_UTF_8 = "the line is not UTF-8; save the file as UTF-8"
IS_OBJECT = "json_valid(line) AND json_type(line) = 'OBJECT'"


def text_of(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def path_of(path: Path) -> str:
    """This one file, whatever signs of a pattern stand in its name."""
    return text_of(re.sub(r"([*?\[])", r"[\1]", str(path.resolve())))


def pointer(name: str) -> str:
    """A key as a JSON Pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def backend_of(engine: Engine) -> ibis_duckdb.Backend:
    if not isinstance(engine.backend, ibis_duckdb.Backend):
        raise TypeError(f"{engine.backend.name} reads no files")
    return engine.backend


def rows_of(engine: Engine, query: str) -> list[Any]:
    return backend_of(engine).raw_sql(query).fetchall()
