"""The disclosure list as a workbook: typed cells, a header that stays, filters; written line by line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from perks_engine.exports.disclosure_files import COLUMNS, as_row
from perks_engine.services.disclosing import DisclosureLine

MOST_ROWS = 1_048_576
"""Of a sheet (Excel's own limit), its header included."""
_WIDTHS = {"campaign_version": 14, "claim": 32, "item": 24, "handle": 20, "campaign": 22, "reference": 20}
_INSTANTS = frozenset({"received_at", "instructed_at", "recorded_at"})
_NUMBERS = frozenset({"ledger_entry"})


class TooManyLinesError(ValueError):
    """The list does not fit into one file of this form; the message says which one takes it."""


def write_sheet(file: Path, lines: Iterable[DisclosureLine], brand: str, as_of: datetime) -> int:
    """Write the list; returns its lines. Times are UTC; money is a number beside its currency.

    The same lines as of the same instant give the same bytes. Raises `TooManyLinesError`.
    """
    # Texts are written where they stand, and rows leave the memory as soon as they are written.
    book = Workbook(
        str(file), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties(
        {
            "title": f"Disclosure list of {brand}",
            "subject": f"as of {as_of.astimezone(UTC).isoformat()}",
            "created": as_of.astimezone(UTC).replace(tzinfo=None),
        }
    )
    formats = {
        "header": book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F6"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "money": book.add_format({"num_format": "#,##0.00##"}),
    }
    sheet = book.add_worksheet("Disclosure list")
    for place, name in enumerate(COLUMNS):
        sheet.set_column(place, place, _WIDTHS.get(name, 19 if name in _INSTANTS else 16))
        sheet.write_string(0, place, name.replace("_", " "), formats["header"])
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    count = 0
    for line in lines:
        count += 1
        if count >= MOST_ROWS:
            raise TooManyLinesError(
                f"a workbook holds {MOST_ROWS - 1:,} lines, and the list has more; export it as CSV, or by "
                "campaign"
            )
        _write_row(sheet, count, line, formats)
    sheet.autofilter(0, 0, count, len(COLUMNS) - 1)
    book.close()
    return count


def _write_row(sheet: Worksheet, row: int, line: DisclosureLine, formats: dict[str, Format]) -> None:
    values: dict[str, Any] = as_row(line) | {
        "fair_market_value": line.fair_market_value.amount,
        "received_at": line.received_at,
        "instructed_at": line.instructed_at,
        "recorded_at": line.recorded_at,
    }
    for place, name in enumerate(COLUMNS):
        value = values[name]
        if value is None:
            continue
        if name in _INSTANTS:
            sheet.write_datetime(row, place, value.astimezone(UTC).replace(tzinfo=None), formats["instant"])
        elif name == "fair_market_value":
            sheet.write_number(row, place, float(value), formats["money"])
        elif name in _NUMBERS:
            sheet.write_number(row, place, value)
        else:
            sheet.write_string(row, place, str(value))
