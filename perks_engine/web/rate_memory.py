"""How often each caller asked, kept in the process.

The store of `limits` looks through all callers at each request, to forget those whose time is over: with
20,000 of them some milliseconds each time. Here a window's counts are forgotten together, when it is two
windows old, so that a request costs the same however many ask.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from math import floor

from limits.aio.storage import MemoryStorage


@dataclass(slots=True)
class _Windows:
    """The window that is, by its number, and the one before it: how often each key was counted in them."""

    number: int = 0
    now: Counter[str] = field(default_factory=Counter[str])
    before: Counter[str] = field(default_factory=Counter[str])

    def at(self, number: int) -> _Windows:
        """A clock that was set back changes nothing."""
        if number > self.number:
            self.before = self.now if number == self.number + 1 else Counter()
            self.now, self.number = Counter(), number
        return self


class RateMemory(MemoryStorage):
    """What the strategy of sliding windows asks of a store; of one event loop, which takes turns. Windows of
    the same length, in seconds, begin and end together for all keys."""

    STORAGE_SCHEME = ["async+perks"]  # noqa: RUF012 -- as the library declares it

    def __init__(self) -> None:
        super().__init__()
        self._by_length: dict[int, _Windows] = {}

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        before, before_left_s, now, _ = await self.get_sliding_window(key, expiry)
        if floor(before * before_left_s / expiry + now) + amount > limit:
            return False
        self._by_length[expiry].now[key] += amount
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """How often in the window before, how long that still counts in part; how often in this one, and how
        long until that counts no more."""
        moment = time.time()
        windows = self._by_length.setdefault(expiry, _Windows()).at(int(moment / expiry))
        before = windows.before[key]
        before_left_s = (1 - (moment - expiry) / expiry % 1) * expiry
        now_left_s = (1 - moment / expiry % 1) * expiry + expiry
        return before, before_left_s if before else 0.0, windows.now[key], now_left_s

    @property
    def kept(self) -> int:
        """How many counts there are."""
        return sum(len(one.now) + len(one.before) for one in self._by_length.values())
