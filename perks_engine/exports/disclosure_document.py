"""The disclosure list as a PDF to file: paged, numbered, with what it says and how it was made on it."""

from __future__ import annotations

import hashlib
import shlex
import textwrap
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from perks_engine.domain.codec import canonical_json
from perks_engine.domain.disclosure import Section, Standing
from perks_engine.domain.money import Money
from perks_engine.exports.columns import LATEST, as_row
from perks_engine.exports.disclosure_sheet import TooManyLinesError
from perks_engine.exports.issuer import Issuer
from perks_engine.exports.titles import NO_BREAK, in_words, last_day, narrowing, owner, title_of
from perks_engine.exports.typesetting import breaking, typeset
from perks_engine.services.disclosing import NOT_SHOWN, DisclosureLine, Listing
from perks_engine.services.list_records import Chosen
from perks_engine.services.views import counted, instant_view

MOST_LINES = 5_000
"""Some 250 pages. The typesetter holds all of them at once: a gigabyte for so many (docs/performance.md)."""
DISPUTED = "disputed"


def write_document(file: Path, template: Path, listing: Listing, issuer: Issuer | None = None) -> int:
    """Write the list; returns its lines. `template` is `reports/disclosure_list.typ`. It is in English, as
    those are that it may have to be given to (16 CFR 255).

    The same lines as of the same instant give the same bytes: the fonts travel with the typesetter, and the
    document bears the list's own instant. Raises `TooManyLinesError`.
    """
    issuer = issuer or Issuer()
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
        "as_of_words": f"{in_words(listing.instant)}, {listing.instant:%H:%M:%S} UTC",
        "author": issuer.name or "perks_engine",
        "issuer": list(map(breaking, issuer.address)),
        "log": issuer.log,
        "key": issuer.key,
        "verify_at": issuer.verify_at,
        "command": _command(listing.chosen, listing.instant),
        "annex": listing.chosen.annex,
        "parts": _parts(rows, listing.chosen.annex),
        "people": f"{len(people):,}",
        "campaigns": counted(len(campaigns), "campaign"),
        "values": [_grouped(Money(amount, currency)) for currency, amount in sorted(worth.items())],
        "sha256": digest.hexdigest(),
        "columns": LATEST,
        "head_size": f"{listing.head_size:,}",
        **rows,
    }
    with TemporaryDirectory(prefix="perks-document-") as folder:
        typeset(Path(folder), template, data, file, listing.instant)
    return count


def _command(chosen: Chosen, instant: datetime) -> str:
    """What makes the same list with its proofs."""
    asked = {
        "--brand": chosen.brand,
        "--campaign": chosen.campaign,
        "--person": chosen.person,
        "--received-from": f"{chosen.received_from:%Y-%m-%d}" if chosen.received_from else None,
        "--received-to": f"{last_day(chosen.received_before):%Y-%m-%d}" if chosen.received_before else None,
        "--as-of": instant_view(instant),
    }
    options = [f"{name} {shlex.quote(value)}" for name, value in asked.items() if value]
    options += [*(["--annex"] if chosen.annex else []), "--format json", "--proofs", "-o list.json"]
    # An option and its value stay on one line.
    whole = " ".join(("perks disclosures export", *(one.replace(" ", NO_BREAK) for one in options)))
    wrapped = textwrap.wrap(
        whole, 100, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return " \\\n".join(wrapped).replace(NO_BREAK, " ")


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
        "person": breaking(line.handle or line.person),
        "kept_as": list(map(breaking, _kept_as(line))),
        "named": breaking(named or ""),
        "connection": line.connection.value.replace("_", " "),
        "item": breaking(line.item),
        "brand": line.brand,
        "campaign": breaking(line.campaign),
        "version": line.version[:12],
        "value": _grouped(line.fair_market_value),
        "received": _day(line.received_at),
        "returned": _day(line.returned_at),
        "evidence": line.evidence.replace("_", " "),
        "reference": breaking(line.reference),
        "instructed": _day(line.instructed_at),
        "acknowledged": _day(line.acknowledged_at),
        "seen": list(map(breaking, line.seen)),
        "entry": f"{line.entry:,}",
        "disputed": _day(line.disputed_since),
        "dispute": breaking(line.dispute or ""),
    }


def _kept_as(line: DisclosureLine) -> list[str]:
    """By what else the person is known."""
    elsewhere = [f"{name}: {handle}" for name, handle in line.platforms.items()]
    return [*elsewhere, f"kept as {line.person}"] if line.handle else elsewhere


def _grouped(money: Money) -> str:
    amount, _, currency = str(money).partition(" ")
    return f"{Decimal(amount):,}{NO_BREAK}{currency}"


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime(f"%Y-%m-%d{NO_BREAK}%H:%M") if moment else ""
