"""Reads that are asked for most take turns: a few threads work at them, however many ask.

Of the threads of a process one runs at a time. A dozen that go in and out of the database wait for each other
at each step, and that costs a third of what they do (docs/performance.md). Who waits for a turn does so
without a thread and without a connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from fastapi import Request
from sqlalchemy.exc import TimeoutError as NoFreeConnectionError

AT_ONCE = 4
"""Enough to keep a process at work where the database is some milliseconds away."""

Result = TypeVar("Result")


class Turns:
    """Of one process; who has waited `wait_s` seconds for a turn is told that the database does not answer,
    for that is what those before wait for."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._free = CapacityLimiter(AT_ONCE)

    async def take(self, work: Callable[[], Result]) -> Result:
        """What `work` gives, in a thread. Raises `NoFreeConnectionError`."""
        with move_on_after(self._wait_s) as waiting:
            await self._free.acquire()
        if waiting.cancelled_caught:
            raise NoFreeConnectionError(f"no turn came within {self._wait_s:g} s")
        try:
            return await run_sync(work)
        finally:
            self._free.release()


async def in_turn(request: Request, work: Callable[[], Result]) -> Result:
    turns: Turns = request.app.state.turns
    return await turns.take(work)
