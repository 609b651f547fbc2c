"""Counts of callers in the process: as the library's own store counts, without looking at all of them."""

from __future__ import annotations

import asyncio
import time

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
    """Of each request whether it may come, how many more, and when there are more; the clock moves by the
    seconds before it."""

    async def ask_both() -> None:
        library, ours, now = SlidingWindowCounterRateLimiter(MemoryStorage()), RateMemory(), BEGAN
        for wait, who in asked:
            now += wait
            patch.setattr(time, "time", lambda at=now: at)
            within = await library.hit(LIMIT, "token", who)
            left = await library.get_window_stats(LIMIT, "token", who)
            assert ours.count(("token", who), 3, 60)[:2] == (within, left.remaining)
            looked_at = ours.look(("token", who), 3, 60)
            assert looked_at.remaining == left.remaining
            assert looked_at.resets_in_s == pytest.approx(left.reset_time - now, abs=0.01)

    with pytest.MonkeyPatch.context() as patch:
        asyncio.run(ask_both())


def test_who_came_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    store = RateMemory()

    def ask(now: float, people: int) -> int:
        monkeypatch.setattr(time, "time", lambda: now)
        for one in range(people):
            store.count(("token", str(one)), 3, 60)
        return store.kept

    kept = [ask(BEGAN + 60 * minute, people) for minute, people in ((0, 500), (1, 10), (2, 1), (9, 1))]
    assert kept == [500, 510, 11, 1]


def test_a_clock_that_was_set_back_gives_nobody_more(monkeypatch: pytest.MonkeyPatch) -> None:
    store = RateMemory()

    def ask(now: float) -> bool:
        monkeypatch.setattr(time, "time", lambda: now)
        return store.count(("token", "a"), 3, 60).within

    answers = [ask(BEGAN - 120 * (one % 2)) for one in range(5)]
    assert answers == [True, True, True, False, False]
