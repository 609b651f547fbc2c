"""Reads take turns: so many are at work, and who waits too long for one is told so."""

from __future__ import annotations

from threading import Event, Lock

import anyio
import pytest
from sqlalchemy.exc import TimeoutError as NoFreeConnectionError

from perks_engine.web.turns import AT_ONCE, Turns


def test_so_many_are_at_work_and_the_others_wait_for_them() -> None:
    lock, most, at_work = Lock(), 0, 0
    everybody = Event()

    def read() -> int:
        nonlocal most, at_work
        with lock:
            at_work += 1
            most = max(most, at_work)
            if at_work == AT_ONCE:
                everybody.set()
        assert everybody.wait(10)
        with lock:
            at_work -= 1
        return 1

    async def all_at_once() -> list[int]:
        turns, found = Turns(10.0), list[int]()

        async def one() -> None:
            found.append(await turns.take(read))

        async with anyio.create_task_group() as group:
            for _ in range(5 * AT_ONCE):
                group.start_soon(one)
        return found

    assert anyio.run(all_at_once) == [1] * 5 * AT_ONCE
    assert most == AT_ONCE


def test_who_waits_too_long_is_told_and_a_turn_that_failed_is_given_back() -> None:
    done = Event()

    def stuck() -> None:
        assert done.wait(10)
        raise LookupError

    async def in_vain() -> None:
        turns = Turns(0.05)

        async def one() -> None:
            with pytest.raises(LookupError):
                await turns.take(stuck)

        async with anyio.create_task_group() as group:
            for _ in range(AT_ONCE):
                group.start_soon(one)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(NoFreeConnectionError, match=r"no turn came within 0\.05 s"):
                await turns.take(lambda: None)
            done.set()
        assert await turns.take(lambda: "free again") == "free again"

    anyio.run(in_vain)
