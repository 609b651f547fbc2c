"""What claims, and those who only look, ask of the database: past the repositories, in few round trips."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from perks_engine.domain.guards import Tally
from perks_engine.services.records import ClaimFacts, DecidedClaim, Entry, GuardCount
from perks_engine.services.token_records import Token


class Look(Protocol):
    """What is asked for by itself: each answer is of one moment, two of them need not be of the same."""

    def facts(self, person_id: str, campaign: str, scope: str = "", key: str = "") -> ClaimFacts: ...
    def token(self, token_id: str) -> Token | None: ...


class ClaimWork(Protocol):
    """The way of one claim, in this order. Nothing is locked before `record`; from then on a call may be
    sent with the next one, so that what the database refuses is raised by a later one, or at the end."""

    @property
    def others(self) -> int:
        """How many may be counted at the same time without being seen."""
        ...

    def facts(self, person_id: str, campaign: str, scope: str, key: str) -> ClaimFacts: ...
    def record(self, decided: DecidedClaim) -> None: ...
    def count(
        self, campaign: str, version: str, counts: Sequence[GuardCount], now: datetime
    ) -> list[Tally] | None:
        """Count the claim for these guards, side by side with others; None where the campaign is no longer
        open with that version."""
        ...

    def reserve(self, entry: Entry) -> None:
        """The entry that takes the unit: the last thing that a claim does."""
        ...
