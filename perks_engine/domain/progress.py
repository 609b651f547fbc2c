"""How far a long task is, told to whoever wants to show it.

Whoever works calls a `Report` now and then, and knows nothing of bars, terminals or clocks; the faces
hand one down that draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0 where nobody knows). It may be
called for every single item: throttling is the business of whoever draws."""

Item = TypeVar("Item")


def unreported(what: str, done: int, total: int) -> None:
    """For whoever does not want to know."""


def reported(items: Iterable[Item], what: str, total: int, report: Report) -> Iterator[Item]:
    """The same items, each reported when it is done with."""
    report(what, 0, total)
    for done, item in enumerate(items, start=1):
        yield item
        report(what, done, total)
