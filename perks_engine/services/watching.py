"""What an operator may see of the work, while it is done: services say it, and need not know who looks."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from perks_engine.services.records import Decision


class Watch(Protocol):
    def span(self, name: str, **told: str) -> AbstractContextManager[None]:
        """The time that a piece of work takes. What is `told` names nobody."""
        ...

    def claimed(self, decision: Decision) -> None:
        """A claim was decided, and that is on record."""
        ...


class Unwatched:
    """Nobody looks."""

    def span(self, name: str, **told: str) -> AbstractContextManager[None]:
        del name, told
        return _NO_SPAN

    def claimed(self, decision: Decision) -> None:
        del decision


_NO_SPAN: AbstractContextManager[None] = nullcontext()
UNWATCHED = Unwatched()
