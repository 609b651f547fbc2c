"""What is made of things that never change, kept by which thing it is: to look at all that a condition or a
campaign says, as equality does, costs more than most of what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")


def kept_for_each(most: int) -> Callable[[Callable[[Thing], Made]], Callable[[Thing], Made]]:
    """For a function of one frozen thing: it is called once for each, as long as these are no more than
    `most`. What it returns is shared, and not to be changed."""

    def keeping(make: Callable[[Thing], Made]) -> Callable[[Thing], Made]:
        known: dict[int, tuple[Thing, Made]] = {}  # that it holds the thing keeps its id from another

        @wraps(make)
        def kept(thing: Thing) -> Made:
            found = known.get(id(thing))
            if found is not None:
                return found[1]
            made = make(thing)
            if len(known) >= most:
                known.clear()
            known[id(thing)] = thing, made
            return made

        return kept

    return keeping
