"""Counts of callers in the process: as the library's own store counts, without looking at all of them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from perks_engine.web.rate_memory import RateMemory

BEGAN = 1_700_000_000.0
LIMIT = parse("3/minute")
steps = st.lists(st.tuples(st.floats(0, 70), st.sampled_from("ab")), max_size=25)


@given(steps)
def test_it_lets_in_whom_the_library_lets_in(asked: list[tuple[float, str]]) -> None:
    assert _let_in(RateMemory(), asked) == _let_in(MemoryStorage(), asked)


def _let_in(store: Any, asked: list[tuple[float, str]]) -> list[tuple[bool, int]]:
    """Of each request whether it may come, and how many more; the clock moves by the seconds before it."""

    async def one_after_the_other() -> list[tuple[bool, int]]:
        limiter, now, found = SlidingWindowCounterRateLimiter(store), BEGAN, list[tuple[bool, int]]()
        for wait, who in asked:
            now += wait
            patch.setattr(time, "time", lambda at=now: at)
            within = await limiter.hit(LIMIT, "token", who)
            found.append((within, (await limiter.get_window_stats(LIMIT, "token", who)).remaining))
        return found

    with pytest.MonkeyPatch.context() as patch:
        return asyncio.run(one_after_the_other())


def test_who_came_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    store = RateMemory()
    limiter = SlidingWindowCounterRateLimiter(store)

    async def ask(now: float, people: int) -> int:
        monkeypatch.setattr(time, "time", lambda: now)
        for one in range(people):
            await limiter.hit(LIMIT, "token", str(one))
        return store.kept

    kept = [
        asyncio.run(ask(BEGAN + 60 * minute, people))
        for minute, people in ((0, 500), (1, 10), (2, 1), (9, 1))
    ]
    assert kept == [500, 510, 11, 1]


def test_a_clock_that_was_set_back_gives_nobody_more(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = SlidingWindowCounterRateLimiter(RateMemory())

    async def ask(now: float) -> bool:
        monkeypatch.setattr(time, "time", lambda: now)
        return await limiter.hit(LIMIT, "token", "a")

    answers = [asyncio.run(ask(BEGAN - 120 * (one % 2))) for one in range(5)]
    assert answers == [True, True, True, False, False]
