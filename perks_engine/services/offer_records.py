"""What is kept of offers: who asked for them, how far the run is, and to whom one was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OfferRun:
    """A brand's wish that everybody to whom a campaign is open hears of it. It goes through people by their
    id and has come to `reached`; it ends when there is nobody left, or the campaign is open no more. Where it
    cannot go on for now, `waits_for` says why."""

    run_id: str
    campaign: str
    asked_by: str
    asked_at: datetime
    reached: str = ""
    offered: int = 0
    passed_over: int = 0
    waits_for: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A person hears of a campaign once; the decision that it was open to them is kept."""

    campaign: str
    person_id: str
    run_id: str
    decision_id: str
    message_id: str
    offered_at: datetime


class OfferBook(Protocol):
    def begin(self, run: OfferRun) -> None:
        """Raises `KeyTakenError` where one of the campaign is under way."""
        ...

    def under_way(self) -> Sequence[OfferRun]:
        """The oldest first."""
        ...

    def of_campaign(self, campaign: str) -> Sequence[OfferRun]:
        """The newest first."""
        ...

    def keep(self, run: OfferRun) -> None: ...
    def wait(self, run_id: str, waits_for: str) -> None: ...
    def hearers(self, run: OfferRun, limit: int) -> Sequence[str]:
        """Who comes next: people with a mailbox who agreed to hear of perks by e-mail, and have not heard of
        this campaign."""
        ...

    def add(self, one: Offer) -> None:
        """Raises `KeyTakenError` where the person heard of the campaign already."""
        ...
