"""Tables that come in as CSV: rows with their line, and what is wrong with the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perks_engine.campaigns.problems import FileProblemsError, Problem, did_you_mean

MAX_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column (blank ones left out), and the line it begins on."""

    line: int
    cells: dict[str, str]


def read_csv(
    data: bytes,
    name: str,
    required: Sequence[str],
    optional: Sequence[str] = (),
    free: str = "",
    problems: list[Problem] | None = None,
    separator: str = ",",
    others: bool = False,
) -> Iterator[Row]:
    """The rows of a CSV file (UTF-8, a header line); blank lines are passed over.

    A column may be in `required`, in `optional`, or begin with one of the words in `free` and a dot; with
    `others`, there may be any further ones.
    Raises `FileProblemsError` for a header that cannot be used. Rows that cannot be used are left out
    and named in `problems`, beside what their reader finds in the others; without `problems` they are
    raised after the last row.
    """
    if len(data) > MAX_BYTES:
        raise FileProblemsError(
            [Problem(name, 0, 0, "", f"is {len(data):,} bytes long", f"at most {MAX_BYTES:,}")]
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileProblemsError(
            [Problem(name, line, 1, "", "is not UTF-8", "a file saved as UTF-8")]
        ) from error
    found: list[Problem] = []
    rows = _numbered(text, name, found, separator)
    line, header = next(rows, (1, []))
    known = [*optional, *header] if others else optional
    wrong = found or _separator_problems(name, line, header, separator)
    if unusable := wrong or _header_problems(name, line, header, required, known, free.split()):
        raise FileProblemsError(unusable)
    for line, cells in rows:
        if len(cells) > len(header):
            found.append(Problem(name, line, 1, "", "the row has more cells than the header"))
        else:
            pairs = zip(header, map(str.strip, cells), strict=False)
            yield Row(line, {column: cell for column, cell in pairs if cell})
    if problems is not None:
        problems.extend(found)
    elif found:
        raise FileProblemsError(found)


def _numbered(text: str, name: str, found: list[Problem], separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line it begins on, up to where it is CSV no more."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        found.append(Problem(name, line, 1, "", f"is not CSV: {error}"))


def _separator_problems(name: str, line: int, header: Sequence[str], separator: str) -> list[Problem]:
    others = [sign for sign in ",;\t|" if sign != separator]
    if len(header) == 1 and (other := next((sign for sign in others if sign in header[0]), "")):
        return [Problem(name, line, 1, "", f"{other!r} stands between the columns", f"{separator!r}")]
    return []


def _header_problems(
    name: str,
    line: int,
    header: Sequence[str],
    required: Sequence[str],
    optional: Sequence[str],
    free: Sequence[str],
) -> list[Problem]:
    if not header:
        return [Problem(name, line, 1, "", "is empty", f"a header with {', '.join(required)}")]
    problems = [
        Problem(name, line, 1, column, "the column is missing", f"a header with {', '.join(required)}")
        for column in required
        if column not in header
    ]
    known = [*required, *optional]
    for column in header:
        if column not in known and column.partition(".")[0] not in free:
            hint = did_you_mean(column, [*known, *free])
            problems.append(
                Problem(name, line, 1, column, "unknown column", f"one of {', '.join(known)}", hint)
            )
        if header.count(column) > 1:
            problems.append(
                Problem(name, line, 1, column, "the column stands here twice", "each column once")
            )
    return list(dict.fromkeys(problems))
