"""Tables on phones, where each row is a block of its own: each cell is given the name of its column, which
the style sheet shows before it."""

from __future__ import annotations

import re

from markupsafe import Markup

_COLUMN = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(td|th)\b([^>]*)>")
_TAG = re.compile(r"<[^>]*>")


def folded(table: Markup) -> Markup:
    """The head and the rows of a table, with `data-name` at each cell but those that head their row, and
    those that have one. What it is given is markup already, and nothing of it is taken out of its quotes."""
    head, end, rows = str(table).partition("</thead>")
    names = [_TAG.sub("", one).strip().replace('"', "&quot;") for one in _COLUMN.findall(head)]
    return Markup(head + end + _ROW.sub(lambda row: _named(row[0], names), rows))  # noqa: S704  # nosec B704


def _named(row: str, names: list[str]) -> str:
    places = iter(names)

    def cell(found: re.Match[str]) -> str:
        name = next(places, "")
        if not name or 'scope="row"' in found[2] or "data-name" in found[2]:
            return found[0]
        return f'<{found[1]}{found[2]} data-name="{name}">'

    return _CELL.sub(cell, row)
