"""The kinds of files that hold populations, as DuckDB sees them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from perks_engine.audiences.engine import Engine
from perks_engine.audiences.file_cells import (
    IS_OBJECT,
    NOT_UTF_8,
    REJECTED,
    ROW,
    Cell,
    json_field,
    native_field,
    path_of,
    pointer,
    quoted,
    rows_of,
    text_field,
    text_of,
)
from perks_engine.audiences.heavy import duckdb
from perks_engine.audiences.wants import PopulationError, Want

_Lines = tuple[Mapping[int, int], Mapping[int, int]]
"""On which line each of some rows begins, and each of the rejected ones."""


class Source(Protocol):
    """A file as DuckDB sees it: `types` by column, and as SQL its rows and cells."""

    path: Path
    types: Mapping[str, str]
    keep_rejected: str
    row_word: str

    def problems(self, names: Iterable[str]) -> list[str]: ...
    def scan(self, names: Sequence[str], options: str = "") -> str: ...
    def numbered(self, names: Sequence[str]) -> str: ...
    def field(self, name: str, want: Want, names: Sequence[str]) -> Cell | None: ...
    def rows(self) -> list[Cell]: ...
    def said_of(self, kind: str) -> str: ...
    def lines(self, rows: Collection[int], rejected: Collection[int]) -> _Lines: ...
    def place(self, line: int) -> str: ...


class _Parquet:
    row_word = "row"
    keep_rejected = ""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.path = path
        self._from = f"read_parquet({path_of(path)}, hive_partitioning = false)"
        try:
            found = rows_of(engine, f"DESCRIBE SELECT * FROM {self._from}")  # noqa: S608 - quoted
        except duckdb.Error as error:
            raise PopulationError([f"{path}: is not a Parquet file, or not a whole one"]) from error
        self.types: Mapping[str, str] = {name: type_ for name, type_, *_ in found}

    def problems(self, names: Iterable[str]) -> list[str]:
        return []

    def scan(self, names: Sequence[str], options: str = "") -> str:
        return self._from

    def numbered(self, names: Sequence[str]) -> str:
        return f"(SELECT *, row_number() OVER () AS {ROW} FROM {self._from})"  # noqa: S608 - quoted

    def field(self, name: str, want: Want, names: Sequence[str]) -> Cell | None:
        type_ = self.types[name]
        if type_ == "VARCHAR":
            return text_field(name, want, quoted(name))
        return native_field(name, want, quoted(name), type_)

    def rows(self) -> list[Cell]:
        return []

    def said_of(self, kind: str) -> str:
        raise TypeError(f"Parquet has no lines that could be {kind}")

    def lines(self, rows: Collection[int], rejected: Collection[int]) -> _Lines:
        return {row: row for row in rows}, {row: row for row in rejected}

    def place(self, line: int) -> str:
        return f"{self.path}: row {line}"


_OTHER_SIGNS = ((";", "semicolons"), ("\t", "tabs"))


class _Csv:
    """UTF-8, a comma between cells, a header line; blank lines are passed over."""

    row_word = "line"
    keep_rejected = f", store_rejects = true, rejects_table = '{REJECTED}', rejects_scan = '{REJECTED}_scans'"

    def __init__(self, engine: Engine, path: Path) -> None:
        self.path = path
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            self._header = [name.strip() for name in next(csv.reader(file), [])]
        if "\ufffd" in "".join(self._header):
            raise PopulationError([f"{path}:1: {NOT_UTF_8}"])
        if not any(self._header):
            raise PopulationError([f"{path}:1: expected a header, the names of the columns"])
        other = next((name for sign, name in _OTHER_SIGNS if sign in self._header[0]), None)
        if len(self._header) == 1 and other:
            raise PopulationError(
                [f"{path}:1: {other} separate its columns; save it with commas between them"]
            )
        self.types: Mapping[str, str] = dict.fromkeys(self._header, "VARCHAR")

    def problems(self, names: Iterable[str]) -> list[str]:
        twice = [name for name in names if self._header.count(name) > 1]
        return [f"column {name} stands more than once in the header" for name in twice]

    def scan(self, names: Sequence[str], options: str = "") -> str:
        columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(self._header)))
        return (
            f"read_csv({path_of(self.path)}, auto_detect = false, header = true, delim = ',', quote = '\"', "
            f"escape = '\"', hive_partitioning = false, columns = {{{columns}}}{options})"
        )

    def numbered(self, names: Sequence[str]) -> str:
        scan = self.scan(names, ", ignore_errors = true")
        return f"(SELECT *, row_number() OVER () AS {ROW} FROM {scan})"  # noqa: S608 - quoted

    def field(self, name: str, want: Want, names: Sequence[str]) -> Cell | None:
        return text_field(name, want, f"trim(c{self._header.index(name)})")

    def rows(self) -> list[Cell]:
        return []

    def said_of(self, kind: str) -> str:
        match kind:
            case "TOO MANY COLUMNS":
                return f"the row has more cells than the header ({len(self._header)})"
            case "MISSING COLUMNS":
                return f"the row has fewer cells than the header ({len(self._header)})"
            case "INVALID ENCODING":
                return NOT_UTF_8
            case _:
                return (
                    f'the row cannot be read ({kind.lower()}); text with a quote in it is written "a ""b"""'
                )

    def lines(self, rows: Collection[int], rejected: Collection[int]) -> _Lines:
        """A quoted cell may hold several lines, and DuckDB counts the header, blank lines and rejected
        rows among those that it numbers when it rejects, not among its rows."""
        of_rows: dict[int, int] = {}
        of_rejected: dict[int, int] = {}
        number, line = 0, 1
        with self.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.reader(file)
            for record, cells in enumerate(reader, start=1):
                if record in rejected:
                    of_rejected[record] = line
                elif cells and record > 1:
                    number += 1
                    if number in rows:
                        of_rows[number] = line
                if len(of_rows) == len(rows) and len(of_rejected) == len(rejected):
                    break
                line = reader.line_num + 1
        return of_rows, of_rejected

    def place(self, line: int) -> str:
        return f"{self.path}:{line}"


class _JsonLines:
    """An object on each line; blank lines are passed over."""

    row_word = "line"
    keep_rejected = _Csv.keep_rejected

    def __init__(self, engine: Engine, path: Path) -> None:
        self.path = path
        query = f"SELECT DISTINCT unnest(CASE WHEN {IS_OBJECT} THEN json_keys(line) END) FROM {self._read()}"  # noqa: S608
        self.types: Mapping[str, str] = {name: "JSON" for (name,) in sorted(rows_of(engine, query))}

    def _read(self, options: str = ", ignore_errors = true") -> str:
        """Lines as they are: the sign that would part them into cells cannot stand in JSON."""
        return (
            f"read_csv({path_of(self.path)}, auto_detect = false, header = false, "
            "delim = chr(1), quote = '', "
            "escape = '', hive_partitioning = false, strict_mode = false, "
            f"columns = {{'line': 'VARCHAR'}}{options})"
        )

    def problems(self, names: Iterable[str]) -> list[str]:
        return []

    def scan(self, names: Sequence[str], options: str = "") -> str:
        return self._cells(names, f"(SELECT line, 0 AS {ROW} FROM {self._read(options)})")  # noqa: S608

    def numbered(self, names: Sequence[str]) -> str:
        rows = f"(SELECT line, row_number() OVER () AS {ROW} FROM {self._read()})"  # noqa: S608 - quoted
        return self._cells(names, rows)

    def _cells(self, names: Sequence[str], lines: str) -> str:
        pointers = ", ".join(text_of(pointer(name)) for name in names)
        cells = f"CASE WHEN {IS_OBJECT} THEN json_extract(line, [{pointers}]) END AS cells"
        return f"(SELECT line, {ROW}, {cells} FROM {lines} WHERE trim(line) <> '')"  # noqa: S608

    def field(self, name: str, want: Want, names: Sequence[str]) -> Cell | None:
        return json_field(name, want, f"nullif(cells[{names.index(name) + 1}]::VARCHAR, 'null')")

    def rows(self) -> list[Cell]:
        return [Cell("", "word", "line", "cells IS NULL", "left(line, 1)")]

    def said_of(self, kind: str) -> str:
        return NOT_UTF_8 if kind == "INVALID ENCODING" else "the line is not a JSON object"

    def lines(self, rows: Collection[int], rejected: Collection[int]) -> _Lines:
        return {row: row for row in rows}, {row: row for row in rejected}

    def place(self, line: int) -> str:
        return f"{self.path}:{line}"


SOURCES: Mapping[str, Callable[[Engine, Path], Source]] = {
    ".parquet": _Parquet,
    ".csv": _Csv,
    ".jsonl": _JsonLines,
    ".ndjson": _JsonLines,
}
