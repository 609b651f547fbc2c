"""Identifiers that sort by time: a millisecond count and 80 random bits, in Crockford's base 32."""

from __future__ import annotations

from datetime import datetime
from os import urandom
from threading import Lock

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)
_RANDOM_BITS = 80
_STEP_BYTES = 4
_SHIFTS = range(120, -1, -10)
_lock = Lock()
_last = 0


def new_id(prefix: str, now: datetime) -> str:
    """`clm_` and 26 signs; `now` is an aware instant.

    Of two made by one process within a millisecond the later one sorts later.
    """
    global _last  # noqa: PLW0603 - what was given out last is one fact of the whole process
    moment = int(now.timestamp() * 1000)
    with _lock:
        if moment == _last >> _RANDOM_BITS:
            _last += 1 + int.from_bytes(urandom(_STEP_BYTES))
        else:
            _last = (moment << _RANDOM_BITS) | int.from_bytes(urandom(_RANDOM_BITS // 8))
        number = _last
    signs = "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])
    return f"{prefix}_{signs}"
