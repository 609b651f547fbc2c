"""Who is found to ask a request, for what stands around its route and has to know."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from perks_engine.services.access import Actor

_actors: ContextVar[list[Actor] | None] = ContextVar("actors", default=None)


@contextmanager
def watching() -> Generator[list[Actor]]:
    """The actors that are found inside of it, also in threads that work for it."""
    found: list[Actor] = []
    before = _actors.set(found)
    try:
        yield found
    finally:
        _actors.reset(before)


def acting(actor: Actor) -> None:
    """This one asks."""
    found = _actors.get()
    if found is not None:
        found.append(actor)
