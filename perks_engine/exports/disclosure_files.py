"""The disclosure list as CSV and JSON, written line by line as the ledger gives it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.views import instant_view

COLUMNS: tuple[str, ...] = (
    "brand",
    "campaign",
    "campaign_version",
    "claim",
    "person",
    "handle",
    "connection",
    "item",
    "fair_market_value",
    "currency",
    "received_at",
    "evidence",
    "reference",
    "instructed_at",
    "ledger_entry",
    "recorded_at",
)

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"


def as_row(line: DisclosureLine) -> dict[str, Any]:
    """One line by its columns: instants as UTC text, money as exact decimal text and its currency."""
    value = line.fair_market_value
    return {
        "brand": line.brand,
        "campaign": line.campaign,
        "campaign_version": line.version,
        "claim": line.claim,
        "person": line.person,
        "handle": line.handle,
        "connection": line.connection.value,
        "item": line.item,
        "fair_market_value": str(value).partition(" ")[0],
        "currency": value.currency,
        "received_at": instant_view(line.received_at),
        "evidence": line.evidence,
        "reference": line.reference,
        "instructed_at": instant_view(line.instructed_at),
        "ledger_entry": line.entry,
        "recorded_at": instant_view(line.recorded_at),
    }


def csv_chunks(lines: Iterable[DisclosureLine], with_bom: bool = False) -> Iterator[str]:
    """CSV with a header (RFC 4180, UTF-8); `with_bom` for spreadsheets that need the mark to read UTF-8.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS)
    if with_bom:
        buffer.write(BYTE_ORDER_MARK)
    writer.writeheader()
    for line in lines:
        writer.writerow({name: _harmless(value) for name, value in as_row(line).items()})
        yield _emptied(buffer)
    yield _emptied(buffer)


def json_chunks(lines: Iterable[DisclosureLine], brand: str, as_of: datetime) -> Iterator[str]:
    """One JSON object: `brand`, `as_of`, `lines` and, at the end, their `count`."""
    yield f'{{"brand":{json.dumps(brand)},"as_of":{json.dumps(instant_view(as_of))},"lines":['
    count = 0
    for line in lines:
        yield ("," if count else "") + "\n" + json.dumps(as_row(line), ensure_ascii=False)
        count += 1
    yield f'\n],"count":{count}}}\n'


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
