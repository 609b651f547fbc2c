"""The disclosure list as a PDF to file: paged, numbered, with what it says and how it was made on it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from perks_engine.domain.codec import canonical_json
from perks_engine.domain.disclosure import Section, Standing
from perks_engine.domain.money import Money
from perks_engine.exports.columns import LATEST, as_row
from perks_engine.exports.disclosure_sheet import TooManyLinesError
from perks_engine.exports.titles import narrowing, owner, title_of
from perks_engine.services.disclosing import NOT_SHOWN, DisclosureLine, Listing
from perks_engine.services.views import instant_view

MOST_LINES = 5_000
"""Some 250 pages. The typesetter holds all of them at once: a gigabyte for so many (docs/performance.md)."""
DISPUTED = "disputed"


def write_document(file: Path, template: Path, listing: Listing) -> int:
    """Write the list; returns its lines. `template` is `reports/disclosure_list.typ`.

    The same lines as of the same instant give the same bytes: the fonts travel with the typesetter, and the
    document bears the list's own instant. Raises `TooManyLinesError`.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in (*Section, DISPUTED)}
    digest = hashlib.sha256()
    worth: Counter[str] = Counter()
    campaigns: set[str] = set()
    people: set[str] = set()
    count = 0
    for line in listing.lines:
        count += 1
        if count > MOST_LINES:
            raise TooManyLinesError(
                f"a document holds {MOST_LINES:,} lines, and the list has more; use CSV, JSON or XLSX, or "
                "export it by campaign"
            )
        digest.update(canonical_json(as_row(line)).encode() + b"\n")
        is_main = line.section is Section.RECEIVED and line.standing is Standing.UNDISPUTED
        if is_main:
            worth[line.fair_market_value.currency] += line.fair_market_value.amount_minor
        campaigns.add(line.campaign)
        people.add(line.person)
        rows[DISPUTED if line.standing is Standing.DISPUTED else line.section].append(_shown(line))
    data = {
        "title": title_of(listing.chosen),
        "owner": owner(listing.chosen),
        "narrowing": narrowing(listing.chosen),
        "as_of": instant_view(listing.instant),
        "as_of_words": f"{listing.instant:%B} {listing.instant.day}, {listing.instant:%Y, %H:%M:%S} UTC",
        "annex": listing.chosen.annex,
        "parts": _parts(rows, listing.chosen.annex),
        "people": len(people),
        "campaigns": len(campaigns),
        "values": [_grouped(Money(amount, currency)) for currency, amount in sorted(worth.items())],
        "sha256": digest.hexdigest(),
        "columns": LATEST,
        "head_size": listing.head_size,
        **rows,
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
            timestamp=int(listing.instant.timestamp()),
        )
    return count


def _parts(rows: dict[str, list[dict[str, Any]]], annex: bool) -> list[str]:
    """How many lines each part has; A always, and others where they have some."""
    named = {
        Section.RECEIVED: "in A",
        DISPUTED: "in B (disputed)",
        Section.MAY_RECEIVE: "in C (may receive)",
        Section.RETURNED: "in the annex",
    }
    always = {Section.RECEIVED, *((Section.RETURNED,) if annex else ())}
    return [f"{len(rows[part]):,} {words}" for part, words in named.items() if rows[part] or part in always]


def _shown(line: DisclosureLine) -> dict[str, Any]:
    named = line.legal_name if line.legal_name != NOT_SHOWN else None
    return {
        "person": line.handle or line.person,
        "named": named or "",
        "platforms": [f"{name}: {handle}" for name, handle in line.platforms.items()],
        "connection": line.connection.value.replace("_", " "),
        "item": line.item,
        "brand": line.brand,
        "campaign": line.campaign,
        "version": line.version[:12],
        "value": str(line.fair_market_value),
        "received": _day(line.received_at),
        "returned": _day(line.returned_at),
        "evidence": line.evidence,
        "reference": line.reference,
        "instructed": _day(line.instructed_at),
        "acknowledged": _day(line.acknowledged_at),
        "seen": list(line.seen),
        "entry": line.entry,
    }


def _grouped(money: Money) -> str:
    amount, _, currency = str(money).partition(" ")
    return f"{Decimal(amount):,} {currency}"


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else ""
