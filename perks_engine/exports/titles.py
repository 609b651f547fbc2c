"""What a list is of, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from perks_engine.services.list_records import Chosen

NO_BREAK = "\N{NO-BREAK SPACE}"


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
        parts.append(f"received from {in_words(chosen.received_from)}")
    if chosen.received_before is not None:
        last = in_words(last_day(chosen.received_before))
        if chosen.received_from is not None:
            parts[-1] += f" to {last}"
        else:
            parts.append(f"received to {last}")
    return ", ".join(parts)


def last_day(before: datetime) -> datetime:
    """The last day of a period that ends before an instant."""
    return before.astimezone(UTC) - timedelta(microseconds=1)


def in_words(moment: datetime) -> str:
    """The day in UTC: `December 5, 2026`."""
    day = moment.astimezone(UTC)
    return f"{day:%B}{NO_BREAK}{day.day}, {day:%Y}"
