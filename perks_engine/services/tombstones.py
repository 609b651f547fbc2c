"""Who was erased, told outside of the database: so that a backup from before does not bring them back.

A tombstone is a keyed hash of the id; whoever has the file alone and knows nobody's id learns nobody's.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Bury = Callable[[str, datetime], None]
"""Keep the tombstone of a person who is erased at that moment, before the erasure is acknowledged."""


def nowhere(person_id: str, now: datetime) -> None:
    """This deployment keeps none."""
    del person_id, now


@dataclass(frozen=True, slots=True)
class Tombstone:
    person: str
    """The keyed hash of the id."""
    erased_at: datetime


def hashed(pepper: bytes, salt: bytes, person_id: str) -> str:
    """`pepper` is the secret of PERKS_ERASURE_KEY, `salt` the one of the file."""
    return hmac.digest(hmac.digest(pepper, salt, "sha256"), person_id.encode(), "sha256").hex()
