"""Requests for statements: kept for as long as their link lives, and of a stranger no longer than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from perks_engine.domain.statements import Subject
from perks_engine.services.records import ClaimRecord, PersonCard


@dataclass(frozen=True, slots=True)
class StatementRequest:
    """`subject` is None as soon as the letter is on its way: from then on only the link itself knows it."""

    request_id: str
    subject: Subject | None
    requested_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class StatementBook(Protocol):
    def ask(self, request: StatementRequest) -> None: ...
    def waiting(self, limit: int) -> list[StatementRequest]:
        """Those whose letter is not on its way yet, the oldest first."""
        ...

    def count_waiting(self, most: int) -> int:
        """How many wait, counted up to `most`."""
        ...

    def get(self, request_id: str) -> StatementRequest | None: ...
    def mailed(self, request_id: str, mailbox: str | None) -> None:
        """Forget the subject; `mailbox` is the keyed hash of the address that the letter went to, None where
        it went to nobody."""
        ...

    def letters_to(self, mailbox: str, since: datetime) -> int: ...
    def use(self, request_id: str, now: datetime) -> bool:
        """Whether it was not used before: of two at the same moment one is."""
        ...

    def forget(self, now: datetime) -> int:
        """Delete the requests that expired, and the letters with their links; returns how many."""
        ...

    def people(self, subject: Subject) -> list[PersonCard]: ...
    def granted(self, person_ids: Sequence[str]) -> list[ClaimRecord]:
        """Every granted claim of these people, the oldest first."""
        ...
