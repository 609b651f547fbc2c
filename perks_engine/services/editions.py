"""Editions: what somebody saw of a thing before they change it, so that nobody writes over what they never
saw.

Over HTTP an edition is the `ETag` of an answer, and what was seen comes as `If-Match` (RFC 9110, 13.1.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.codec import canonical_json, fingerprint
from perks_engine.services.errors import StaleError


def edition(seen: Any) -> str:
    """A name for what is seen (plain data): the same for the same."""
    return fingerprint(canonical_json(seen))[:24]


@dataclass(frozen=True, slots=True)
class Seen:
    """The editions of which one has to be the present one; None where the caller does not ask for it."""

    editions: frozenset[str] | None = None

    def require(self, present: Callable[[], str]) -> None:
        """Raises `StaleError`. To be asked in the transaction that writes, under the lock of writers."""
        if self.editions is None:
            return
        now = present()
        if now not in self.editions:
            raise StaleError(
                "edition.stale",
                "it was changed since you looked, and nothing was done; look again, then decide",
                {"edition": now},
            )


ANY = Seen()
