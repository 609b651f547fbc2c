"""Decisions as they were recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from perks_engine.domain.recorded import Recorded, Which
from perks_engine.services.records import Decision, DecisionCount


class DecisionBook(Protocol):
    def count(self, campaign: str, which: Which) -> DecisionCount: ...
    def versions(self, campaign: str, which: Which) -> list[str]: ...
    def latest(self, campaign: str, purpose: str, limit: int) -> list[Decision]: ...
    def recorded(
        self, campaign: str, which: Which, after: tuple[datetime, str] | None = None, limit: int | None = None
    ) -> Iterator[Recorded]:
        """In the order in which they were made; `after` is the moment and the id of the one before them."""
        ...
