"""What pages of the console have alike: what their filters and forms send, and how a refusal is shown beside
the form that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.access import Actor
from perks_engine.services.comparing import usual_pair
from perks_engine.services.errors import ConflictError, InvalidInputError, RefusedError, ServiceError
from perks_engine.services.identifiers import new_id
from perks_engine.services.records import VersionRecord
from perks_engine.web.callers import Engine
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.told_errors import told_to_staff
from perks_engine.web.values import StorableText

LINES = 50
MOST_LINES = 500
"""Of a list that is shown whole: beyond it, it is taken as a file."""
Filter = Annotated[StorableText, Query(max_length=120)]
Cursor = Annotated[StorableText, Query(max_length=120)]


def wanted(text: str) -> str | None:
    """What a filter asks for; None for one that was left empty."""
    return text.strip() or None


def day(text: str, name: Phrase) -> date | None:
    """A day as browsers send it. Raises `InvalidInputError`."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInputError(
            "console.day",
            phrase("{name}: '{text}' is no day; expected one such as 2026-12-31", name=name, text=text[:20]),
        ) from error


def end_of(asked: date | None, now: datetime) -> datetime | None:
    """The end of a day in UTC; None, which is now, for today."""
    if asked is None or asked == now.astimezone(UTC).date():
        return None
    return datetime.combine(asked, time(), UTC) + timedelta(days=1) - timedelta(microseconds=1)


def skipped(cursor: str) -> int:
    """How many lines a page of a list leaves out. Raises `InvalidInputError`."""
    if not cursor:
        return 0
    if not cursor.isdecimal() or not cursor.isascii() or len(cursor) > 9:
        raise InvalidInputError(
            "console.cursor", phrase("this is no page of the list; begin with the first one")
        )
    return int(cursor)


def turned(found: Sequence[Any], cursor: str, lines: int = LINES) -> dict[str, Any]:
    """The lines of a page that was asked for with one line more, and where the next one begins."""
    rest = str(skipped(cursor) + lines) if len(found) > lines else ""
    return {"lines": found[:lines], "next": rest, "at": cursor}


def version_option(version: VersionRecord, live: str | None = None) -> tuple[str, Phrase]:
    """A version in a list to choose from."""
    at = version.loaded_at.astimezone(UTC)
    day, time_ = f"{at:%Y-%m-%d}", f"{at:%H:%M}"
    words = {"name": version.version[:8], "day": day, "time": time_, "who": version.loaded_by}
    if version.version == live:
        return version.version, phrase("{name}, live: {day}, {time} UTC, {who}", **words)
    return version.version, phrase("{name}: {day}, {time} UTC, {who}", **words)


def compared(engine: Engine, actor: Actor, campaign: str, live: str | None) -> dict[str, Any]:
    """The versions to choose two from, and which two it is at first."""
    found = engine.console.running.versions(actor, campaign)
    _, latest = engine.campaigning.latest(campaign)
    old, new = usual_pair(found, latest, live)
    return {"options": [version_option(one, live) for one in found], "old": old, "new": new}


def form_key(engine: Engine) -> str:
    """What makes a form count once, however often it is sent."""
    return new_id("frm", engine.clock())


def tried(
    engine: Engine,
    request: Request,
    work: Callable[[], Any],
    then: Callable[[Any], Response],
    name: str,
    values: Callable[[], Mapping[str, Any]],
) -> Response:
    """Does it and goes on; where it is refused, the page is shown again with why, and what was given."""
    try:
        done = work()
    except (InvalidInputError, RefusedError, ConflictError) as error:
        shown = {**values(), "refused": told_to_staff(error), "problems": problems_of(error)}
        return show(engine, request, name, shown, status=422 if isinstance(error, InvalidInputError) else 409)
    return then(done)


def problems_of(error: ServiceError) -> Sequence[str | Phrase]:
    return error.said_problems if isinstance(error, InvalidInputError) else ()
