"""Whether what somebody leased is free again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_

LONGEST = timedelta(minutes=10)
"""Longer than anybody leases a letter, an event or a job."""


def is_free(leased_until: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    """It was let go, or its time ran out; or it is leased for longer than anybody may: by a clock that was
    ahead and has been set back since, for else it would wait until that hour comes."""
    return or_(leased_until.is_(None), leased_until <= now, leased_until > now + LONGEST)
