"""The disclosure list as CSV and JSON, written line by line as the ledger gives it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from perks_engine.exports.columns import LATEST, VERSIONS, as_row
from perks_engine.services.disclosing import DisclosureLine, Listing
from perks_engine.services.list_views import chosen_view
from perks_engine.services.views import instant_view

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"


def csv_chunks(
    lines: Iterable[DisclosureLine], with_bom: bool = False, columns: str = LATEST
) -> Iterator[str]:
    """The list as CSV; see `table_chunks`."""
    return table_chunks(tuple(VERSIONS[columns]), (as_row(line, columns) for line in lines), with_bom)


def table_chunks(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], with_bom: bool = False
) -> Iterator[str]:
    """CSV with a header (RFC 4180, UTF-8); `with_bom` for spreadsheets that need the mark to read UTF-8.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns)
    if with_bom:
        buffer.write(BYTE_ORDER_MARK)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(value) for name, value in row.items()})
        yield _emptied(buffer)
    yield _emptied(buffer)


def json_chunks(listing: Listing, columns: str = LATEST) -> Iterator[str]:
    """One JSON object: what the list is of, `as_of`, `columns`, `lines` and, at the end, their `count`."""
    head = chosen_view(listing.chosen) | {"as_of": instant_view(listing.instant), "columns": columns}
    yield json.dumps(head, ensure_ascii=False).removesuffix("}") + ',"lines":['
    count = 0
    for line in listing.lines:
        yield ("," if count else "") + "\n" + json.dumps(as_row(line, columns), ensure_ascii=False)
        count += 1
    yield f'\n],"count":{count}}}\n'


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
