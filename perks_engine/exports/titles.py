"""What a list is of, in words."""

from __future__ import annotations

from datetime import UTC, timedelta

from perks_engine.services.list_records import Chosen


def title_of(chosen: Chosen) -> str:
    """`Disclosure list of northwind-phones`, and what narrows it."""
    narrowed = narrowing(chosen)
    return f"Disclosure list of {owner(chosen)}" + (f", {narrowed}" if narrowed else "")


def owner(chosen: Chosen) -> str:
    return chosen.brand or f"the person {chosen.person}"


def narrowing(chosen: Chosen) -> str:
    """What narrows a list beside its owner; empty where nothing does."""
    parts: list[str] = []
    if chosen.campaign is not None:
        parts.append(f"campaign {chosen.campaign}")
    if chosen.brand is not None and chosen.person is not None:
        parts.append(f"person {chosen.person}")
    if chosen.received_from is not None:
        parts.append(f"received from {chosen.received_from.astimezone(UTC):%Y-%m-%d}")
    if chosen.received_before is not None:
        last = chosen.received_before.astimezone(UTC) - timedelta(microseconds=1)
        parts.append(f"{'' if chosen.received_from else 'received '}to {last:%Y-%m-%d}")
    return ", ".join(parts)
