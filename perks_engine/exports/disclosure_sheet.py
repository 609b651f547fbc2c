"""The disclosure list as a workbook: typed cells, a header that stays, filters; written line by line."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from perks_engine.exports.columns import INSTANTS, LATEST, NUMBERS, VERSIONS, as_row
from perks_engine.exports.titles import title_of
from perks_engine.services.disclosing import DisclosureLine, Listing
from perks_engine.services.errors import InvalidInputError

MOST_ROWS = 1_048_576
"""Of a sheet (Excel's own limit), its header included."""
_WIDTHS = {
    "campaign_version": 14,
    "claim": 32,
    "dispute": 32,
    "person": 28,
    "item": 24,
    "handle": 20,
    "campaign": 22,
    "reference": 20,
    "columns": 9,
    "platforms": 24,
    "legal_name": 22,
    "instructed_by": 30,
    "disclosure_seen": 40,
}
_MOST_SAID = 100
"""Characters of the title above a printed page; a sheet takes no more than 255 in all."""
_INSTANT_OF = {"disclosure_seen_at": "seen_at"}
"""A column, and the field of a line that holds its instant, where the names differ."""


class TooManyLinesError(InvalidInputError):
    """The list does not fit into one file of this form; the message says which one takes it."""

    def __init__(self, message: str) -> None:
        super().__init__("disclosures.too_many_lines", message)


def write_sheet(file: Path, listing: Listing, columns: str = LATEST) -> int:
    """Write the list; returns its lines. Times are UTC; money is a number beside its currency.

    The same lines as of the same instant give the same bytes. Raises `TooManyLinesError`.
    """
    as_of = listing.instant.astimezone(UTC)
    names = tuple(VERSIONS[columns])
    # Texts are written where they stand, and rows leave the memory as soon as they are written.
    book = Workbook(
        str(file), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties(
        {
            "title": title_of(listing.chosen),
            "subject": f"as of {as_of.isoformat()}",
            "comments": f"columns, version {columns}",
            "created": as_of.replace(tzinfo=None),
        }
    )
    formats = {
        "header": book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F6"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "money": book.add_format({"num_format": "#,##0.00##"}),
    }
    sheet = book.add_worksheet("Disclosure list")
    for place, name in enumerate(names):
        sheet.set_column(place, place, _WIDTHS.get(name, 19 if name in INSTANTS else 16))
        sheet.write_string(0, place, name.replace("_", " "), formats["header"])
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    # On paper the cells alone would not say as of when. An ampersand begins a code there, unless doubled.
    said = f"{title_of(listing.chosen)[:_MOST_SAID]}, as of {as_of:%Y-%m-%d %H:%M:%S} UTC".replace("&", "&&")
    sheet.set_header(f"&L{said}")
    sheet.set_footer("&R&P / &N")
    count = 0
    for line in listing.lines:
        count += 1
        if count >= MOST_ROWS:
            raise TooManyLinesError(
                f"a workbook holds {MOST_ROWS - 1:,} lines, and the list has more; export it as CSV, or by "
                "campaign"
            )
        _write_row(sheet, count, line, columns, formats)
    sheet.autofilter(0, 0, count, len(names) - 1)
    book.close()
    return count


def _write_row(
    sheet: Worksheet, row: int, line: DisclosureLine, columns: str, formats: dict[str, Format]
) -> None:
    for place, (name, text) in enumerate(as_row(line, columns).items()):
        if text is None or text == "":
            continue
        if name in INSTANTS:
            value: Any = getattr(line, _INSTANT_OF.get(name, name))
            sheet.write_datetime(row, place, value.astimezone(UTC).replace(tzinfo=None), formats["instant"])
        elif name == "fair_market_value":
            sheet.write_number(row, place, float(line.fair_market_value.amount), formats["money"])
        elif name in NUMBERS:
            sheet.write_number(row, place, text)
        else:
            sheet.write_string(row, place, str(text))
