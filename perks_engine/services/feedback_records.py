"""Feedback of recipients: who was asked, and every version of what they said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

FEEDBACK = "feedback"
"""The purpose of consent."""
SURVEY = "survey"
"""The purpose of the decisions that somebody may be asked."""
RATINGS = range(1, 6)


class FeedbackAct(StrEnum):
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Asking:
    """When recipients are asked: `after` that long with the unit, and never later than `until`."""

    after: timedelta
    until: timedelta


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may be asked; `entry_id` is the line of the ledger that shows the receipt."""

    claim_id: str
    person_id: str
    campaign: str
    version: str
    entry_id: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Solicitation:
    """That somebody was asked, once: by which letter, and on which receipt, consent and decision of the gate
    that rested."""

    claim_id: str
    message_id: str
    entry_id: int
    consented_at: datetime
    asked_at: datetime
    decision_id: str


@dataclass(frozen=True, slots=True)
class FeedbackVersion:
    """One version of an answer. No `rating` is no rating, and nothing less than one. `words` is None where
    there were none, or where they were erased with the person: then `has_words` is still true."""

    claim_id: str
    number: int
    act: FeedbackAct
    rating: int | None
    has_words: bool
    words: str | None
    through: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackOf:
    """All versions of one claim's answer, the oldest first, for whoever reads them all."""

    person_id: str
    handle: str | None
    brand: str
    campaign: str
    asked_at: datetime | None
    versions: tuple[FeedbackVersion, ...]
    pictures: tuple[str, ...]


class FeedbackBook(Protocol):
    def versions_to_ask(self) -> list[str]:
        """Under which versions of campaigns somebody has not been asked who may be."""
        ...

    def due(self, asking: Asking, now: datetime, versions: Sequence[str], limit: int) -> list[Recipient]:
        """Who holds a unit, undisputed, has agreed to be asked by e-mail, and was not asked about it; of
        these versions."""
        ...

    def ask(self, asked: Solicitation) -> None:
        """Raises `KeyTakenError` where they were asked already."""
        ...

    def asked(self, claim_id: str) -> Solicitation | None: ...
    def versions(self, claim_id: str) -> list[FeedbackVersion]:
        """The oldest first."""
        ...

    def append(self, version: FeedbackVersion) -> None: ...
    def everything(self, brands: Sequence[str] | None, campaign: str | None) -> Iterator[FeedbackOf]:
        """All answers, by claim; of these brands (None: of all), of this campaign (None: of all)."""
        ...
