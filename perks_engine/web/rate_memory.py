"""How often each caller asked, kept in the process: a sliding window, as `limits` has it in Redis.

The store of `limits` looks through all callers at each request, to forget those whose time is over: with
20,000 of them some milliseconds each time. Here a window's counts are forgotten together, when it is two
windows old, so that a request costs the same however many ask. And it is one step where the library takes
three, each of which asks for the same counts again: that was a twentieth of what a read costs.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

Who = tuple[str, str]
"""What a caller is known by, such as `token`, and which one."""


class Count(NamedTuple):
    """Whether a request may come, how many more may, and after how many seconds that begins to grow."""

    within: bool
    remaining: int
    resets_in_s: float


@dataclass(slots=True)
class _Windows:
    """The window that is, by its number, and the one before it: how often each was counted in them."""

    number: int = 0
    now: Counter[Who] = field(default_factory=Counter[Who])
    before: Counter[Who] = field(default_factory=Counter[Who])

    def at(self, number: int) -> _Windows:
        """A clock that was set back changes nothing."""
        if number > self.number:
            self.before = self.now if number == self.number + 1 else Counter()
            self.now, self.number = Counter(), number
        return self


class RateMemory:
    """Of one event loop, which takes turns. Windows of the same length, in seconds, begin and end together
    for all callers; the window before counts by the share that a window up to now would reach into."""

    def __init__(self) -> None:
        self._by_length: dict[int, _Windows] = {}

    def count(self, who: Who, limit: int, length_s: int) -> Count:
        """One more request, which is counted where it may come."""
        return self._looked_at(who, limit, length_s, more=1)

    def look(self, who: Who, limit: int, length_s: int) -> Count:
        """The same, without one more."""
        return self._looked_at(who, limit, length_s, more=0)

    @property
    def kept(self) -> int:
        """How many counts there are."""
        return sum(len(one.now) + len(one.before) for one in self._by_length.values())

    def _looked_at(self, who: Who, limit: int, length_s: int, more: int) -> Count:
        number, into_s = divmod(time.time(), length_s)
        windows = self._by_length.setdefault(length_s, _Windows()).at(int(number))
        before, now, left_s = windows.before.get(who, 0), windows.now.get(who, 0), length_s - into_s
        weighed = before * left_s / length_s
        within = int(weighed + now) < limit
        if within and more:
            windows.now[who] = now = now + more
        resets_in_s = min(
            left_s % (length_s / before) if before else inf,
            left_s if now else inf,
        )
        remaining = max(0, limit - int(weighed + now))
        return Count(within, remaining, 0.0 if resets_in_s == inf else resets_in_s)
