"""A geocoder that is asked once for a text, by whichever process needs it first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from perks_engine.domain.geography import Place
from perks_engine.places.geocoders import Geocoder

NOTHING_KEPT_FOR = timedelta(days=1)
"""How long it is remembered that a geocoder knew nothing: maps grow."""


class Memory(Protocol):
    """Answers of geocoders, and whose turn it is to ask one: shared by all processes of a deployment."""

    def recall(self, geocoder: str, text: str, now: datetime) -> Sequence[Place] | None:
        """What the geocoder answered to this text, or None where it was not asked, or too long ago."""
        ...

    def keep(
        self, geocoder: str, text: str, places: Sequence[Place], now: datetime, until: datetime
    ) -> None: ...

    def turn(self, geocoder: str, now: datetime, interval: timedelta) -> datetime:
        """When the caller may ask the geocoder; every turn is given once, `interval` after the one before."""
        ...


class RememberingGeocoder:
    """A geocoder with a memory. What could not be looked up is not remembered, and asked again."""

    def __init__(
        self,
        geocoder: Geocoder,
        memory: Memory,
        keep_for: timedelta,
        interval: timedelta,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._geocoder = geocoder
        self._memory = memory
        self._keep_for = keep_for
        self._interval = interval
        self._clock = clock
        self._sleep = sleep

    def places(self, text: str) -> Sequence[Place]:
        """All candidates that agree with the text; raises `GeocoderUnavailableError`."""
        name, written = self._geocoder.name, " ".join(text.casefold().split())
        known = self._memory.recall(name, written, self._clock())
        if known is not None:
            return known
        now = self._clock()
        self._sleep(max(0.0, (self._memory.turn(name, now, self._interval) - now).total_seconds()))
        found = self._geocoder.places(text)
        now = self._clock()
        keep_for = self._keep_for if found else min(NOTHING_KEPT_FOR, self._keep_for)
        self._memory.keep(name, written, found, now, now + keep_for)
        return found
