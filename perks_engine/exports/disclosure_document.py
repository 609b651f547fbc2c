"""The disclosure list as a PDF to file: paged, numbered, with what it says and how it was made on it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from perks_engine.domain.codec import canonical_json
from perks_engine.domain.money import Money
from perks_engine.exports.disclosure_files import as_row
from perks_engine.exports.disclosure_sheet import TooManyLinesError
from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.views import instant_view

MOST_LINES = 50_000
"""A document beyond this is no document; its typesetting takes memory for all of it at once."""


def write_document(
    file: Path, template: Path, lines: Iterable[DisclosureLine], brand: str, as_of: datetime
) -> int:
    """Write the list; returns its lines. `template` is `reports/disclosure_list.typ`.

    The same lines as of the same instant give the same bytes: the fonts travel with the typesetter, and the
    document bears the list's own instant. Raises `TooManyLinesError`.
    """
    rows: list[dict[str, Any]] = []
    digest = hashlib.sha256()
    worth: Counter[str] = Counter()
    campaigns: set[str] = set()
    for line in lines:
        if len(rows) >= MOST_LINES:
            raise TooManyLinesError(
                f"a document holds {MOST_LINES:,} lines, and the list has more; export it as CSV or XLSX, or "
                "by campaign"
            )
        digest.update(canonical_json(as_row(line)).encode() + b"\n")
        worth[line.fair_market_value.currency] += line.fair_market_value.amount_minor
        campaigns.add(line.campaign)
        rows.append(_shown(line))
    data = {
        "brand": brand,
        "as_of": instant_view(as_of),
        "count": len(rows),
        "campaigns": len(campaigns),
        "values": [str(Money(amount, currency)) for currency, amount in sorted(worth.items())],
        "sha256": digest.hexdigest(),
        "lines": rows,
    }
    with TemporaryDirectory(prefix="perks-document-") as folder:
        root = Path(folder)
        shutil.copyfile(template, root / "list.typ")
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        typst.compile(
            str(root / "list.typ"),
            output=str(file),
            format="pdf",
            root=folder,
            ignore_system_fonts=True,
            timestamp=int(as_of.timestamp()),
        )
    return len(rows)


def _shown(line: DisclosureLine) -> dict[str, Any]:
    return {
        "person": line.handle or line.person,
        "connection": line.connection.value.replace("_", " "),
        "item": line.item,
        "campaign": line.campaign,
        "value": str(line.fair_market_value),
        "received": _day(line.received_at),
        "evidence": " ".join(part for part in (line.evidence, line.reference) if part),
        "instructed": _day(line.instructed_at),
        "entry": line.entry,
    }


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else ""
