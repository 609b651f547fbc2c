"""The columns of a disclosure list, by version: a set of columns never changes once lists were exported
with it, and every file names the one it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.views import instant_view

Cell = Callable[[DisclosureLine], Any]


def _amount(line: DisclosureLine) -> str:
    return str(line.fair_market_value).partition(" ")[0]


_FIRST: dict[str, Cell] = {
    "brand": lambda line: line.brand,
    "campaign": lambda line: line.campaign,
    "campaign_version": lambda line: line.version,
    "claim": lambda line: line.claim,
    "person": lambda line: line.person,
    "handle": lambda line: line.handle,
    "connection": lambda line: line.connection.value,
    "item": lambda line: line.item,
    "fair_market_value": _amount,
    "currency": lambda line: line.fair_market_value.currency,
    "received_at": lambda line: instant_view(line.received_at),
    "evidence": lambda line: line.evidence,
    "reference": lambda line: line.reference,
    "instructed_at": lambda line: instant_view(line.instructed_at),
    "ledger_entry": lambda line: line.entry,
    "recorded_at": lambda line: instant_view(line.recorded_at),
}

_SECOND: dict[str, Cell] = {
    "columns": lambda _line: "2",
    "section": lambda line: line.section.value,
    "standing": lambda line: line.standing.value,
    **{name: _FIRST[name] for name in ("brand", "campaign", "campaign_version", "claim", "person", "handle")},
    "platforms": lambda line: "; ".join(f"{name}: {handle}" for name, handle in line.platforms.items()),
    "legal_name": lambda line: line.legal_name,
    **{name: _FIRST[name] for name in ("connection", "item", "fair_market_value", "currency", "received_at")},
    "returned_at": lambda line: instant_view(line.returned_at),
    **{name: _FIRST[name] for name in ("evidence", "reference", "instructed_at")},
    "instructed_by": lambda line: line.instructed_by,
    "acknowledged_at": lambda line: instant_view(line.acknowledged_at),
    "acknowledged_by": lambda line: line.acknowledged_by,
    "disclosure_seen_at": lambda line: instant_view(line.seen_at),
    "disclosure_seen": lambda line: " ".join(line.seen),
    "disputed_since": lambda line: instant_view(line.disputed_since),
    "dispute": lambda line: line.dispute,
    **{name: _FIRST[name] for name in ("ledger_entry", "recorded_at")},
}

VERSIONS: Mapping[str, Mapping[str, Cell]] = {"1": _FIRST, "2": _SECOND}
LATEST = "2"
ONLY_RECEIVED = frozenset({"1"})
"""Versions that cannot tell sections apart, so that their lists hold nothing but what was received."""

INSTANTS = frozenset(
    {
        "received_at",
        "returned_at",
        "instructed_at",
        "acknowledged_at",
        "disclosure_seen_at",
        "disputed_since",
        "recorded_at",
    }
)
NUMBERS = frozenset({"ledger_entry"})


def as_row(line: DisclosureLine, columns: str = LATEST) -> dict[str, Any]:
    """One line by the columns of that version: instants as UTC text, money as exact decimal text and its
    currency."""
    return {name: cell(line) for name, cell in VERSIONS[columns].items()}
