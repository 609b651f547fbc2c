"""Who received something and has shown no disclosure yet: what was done about it so far, and what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Step(StrEnum):
    """What is done while no post is on record: the person is reminded, and in the end the brand is told."""

    REMINDER = "reminder"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Duty:
    """A unit that is held and undisputed, with no post on record. `reminders` is how many went out, `last_at`
    when the latest step was taken."""

    claim_id: str
    person_id: str
    handle: str | None
    brand: str
    campaign: str
    version: str
    received_at: datetime
    reminders: int = 0
    last_at: datetime | None = None
    escalated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long after receipt each reminder goes out, and the brand is told; ever later."""

    reminders: tuple[timedelta, ...]
    escalation: timedelta

    @property
    def spans(self) -> tuple[timedelta, ...]:
        return (*self.reminders, self.escalation)

    def apart(self, place: int) -> timedelta:
        """How long after the step before it the one at `place` comes at the earliest: who is recorded late
        is not sent everything at once."""
        return self.spans[place] - self.spans[place - 1] if place else timedelta(0)

    def next_of(self, duty: Duty) -> tuple[Step, datetime] | None:
        """The next step and when it is due; None where the brand was told, which is the last."""
        if duty.escalated_at is not None:
            return None
        place = min(duty.reminders, len(self.reminders))
        due_at = duty.received_at + self.spans[place]
        if duty.last_at is not None:
            due_at = max(due_at, duty.last_at + self.apart(place))
        return (Step.ESCALATION if place == len(self.reminders) else Step.REMINDER), due_at


@dataclass(frozen=True, slots=True)
class Sought:
    """Which duties are looked for: of these brands (None: of all), of this campaign, of this claim."""

    brands: Sequence[str] | None = None
    campaign: str | None = None
    claim_id: str | None = None


class DutyBook(Protocol):
    def find(self, sought: Sought, after: str | None, limit: int) -> list[Duty]:
        """The duties that are open, by claim; those that come after the claim `after`."""
        ...

    def due(self, schedule: Schedule, now: datetime, after: str | None, limit: int) -> list[Duty]:
        """Those of which a step is due, by claim; those that come after the claim `after`."""
        ...

    def take(self, claim_id: str, step: Step, number: int, message_id: str, now: datetime) -> None:
        """Raises `KeyTakenError` where somebody else took that step."""
        ...
