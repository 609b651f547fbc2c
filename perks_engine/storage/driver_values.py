"""Values as the drivers give them to statements that do without SQLAlchemy (`storage.prepared`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json


def instant(written: datetime | str) -> datetime:
    """SQLite keeps instants as text in UTC, and both write them as text within JSON."""
    moment = datetime.fromisoformat(written) if isinstance(written, str) else written
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def instant_or_none(written: datetime | str | None) -> datetime | None:
    return None if written is None else instant(written)


def data(written: Any) -> Any:
    """What a JSON column holds: SQLite gives its text, PostgreSQL bytes or what was made of them."""
    return from_json(written) if isinstance(written, str | bytes) else written
