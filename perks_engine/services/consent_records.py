"""What is kept of consent beside its acts: requests that wait for a double opt-in, the texts that were used,
and how many were refused for their age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from perks_engine.domain.consent import Ask, ConsentAct, ConsentText


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """A yes that waits to be confirmed: it is no consent. `confirmed_at` is None until it is."""

    request_id: str
    person_id: str
    purpose: str
    channel: str
    text_version: int
    text_sha256: str
    language: str
    asked_at: datetime
    expires_at: datetime
    how: str
    origin: str
    recorded_by: str
    why: str
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgeRefusal:
    """How many were refused for their age on a day (UTC): a number, and nothing of anybody."""

    refused_on: date
    people: int


class ConsentBook(Protocol):
    def lock(self, person_id: str) -> None:
        """Until the transaction ends nobody else writes down what this person says."""
        ...

    def acts(self, person_id: str) -> list[ConsentAct]:
        """All that the person said, the oldest first."""
        ...

    def requests(self, person_id: str) -> list[ConsentRequest]:
        """The oldest first."""
        ...

    def request(self, request_id: str) -> ConsentRequest | None: ...
    def add_request(self, request: ConsentRequest) -> None: ...
    def recorded_text(self, ask: Ask, version: int, language: str) -> str | None:
        """The hash under which that version is on record, None where nobody was shown it yet."""
        ...

    def text(self, sha256: str) -> ConsentText | None:
        """The words that were agreed to, whatever is declared today."""
        ...

    def keep_text(self, ask: Ask, text: ConsentText, now: datetime) -> None: ...
    def count_refused(self, people: int, now: datetime) -> None: ...
    def refused(self) -> Sequence[AgeRefusal]: ...
