"""Identifiers that sort by time: a millisecond count and 80 random bits, in Crockford's base 32."""

from __future__ import annotations

import secrets
from datetime import datetime
from threading import Lock

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)
_RANDOM_BITS = 80
_SHIFTS = range(120, -1, -10)
_lock = Lock()
_last = 0


def new_id(prefix: str, now: datetime) -> str:
    """`clm_` and 26 signs; `now` is an aware instant.

    Of two made by one process within a millisecond the later one sorts later.
    """
    global _last  # noqa: PLW0603 - what was given out last is one fact of the whole process
    fresh = (int(now.timestamp() * 1000) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    with _lock:
        same_moment = fresh >> _RANDOM_BITS == _last >> _RANDOM_BITS
        _last = _last + 1 + secrets.randbits(32) if same_moment else fresh
        number = _last
    signs = "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])
    return f"{prefix}_{signs}"
