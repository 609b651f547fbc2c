"""What is said of receipt and is no entry of the ledger: carriers' webhooks, and people's denials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ReportState(StrEnum):
    """What became of a carrier's report."""

    APPLIED = "applied"
    """It is an entry of the ledger now."""
    NOTED = "noted"
    """It says nothing that is not on record."""
    WAITING = "waiting"
    """Somebody has to look."""
    REFUSED = "refused"
    """Nobody can have signed it so."""
    DISMISSED = "dismissed"
    """Somebody has looked, and nothing follows."""


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A carrier's webhook as it came in; `code` and `why` say what stands in its way."""

    report_id: str
    source: str
    event_id: str
    state: ReportState
    received_at: datetime
    body: str
    code: str = ""
    why: str = ""
    tracking_number: str = ""
    carrier: str = ""
    status: str = ""
    occurred_at: datetime | None = None
    claim_id: str | None = None
    settled_at: datetime | None = None
    settled_by: str = ""


@dataclass(frozen=True, slots=True)
class Denial:
    """The person's word that they did not receive the unit; `entry_id` is what the ledger said of it then."""

    claim_id: str
    person_id: str
    entry_id: int
    said_at: datetime
    why: str


class ReportBook(Protocol):
    """Carriers' webhooks, and codes that stand for claims."""

    def add(self, report: KeptReport) -> None: ...
    def settle(self, report: KeptReport) -> None:
        """Keep what became of it, under its `report_id`."""
        ...

    def get(self, report_id: str) -> KeptReport | None: ...
    def knows(self, source: str, event_id: str) -> KeptReport | None: ...
    def all(
        self, state: str | None, brands: Sequence[str] | None, after: str | None, limit: int
    ) -> list[KeptReport]:
        """The oldest first, younger than `after`; for some brands only those about their claims."""
        ...

    def forget_refused(self, keep: int) -> None:
        """Forget all but the youngest refused ones: anybody can send them."""
        ...

    def code_of(self, claim_id: str) -> str | None: ...
    def claim_of(self, code: str) -> str | None: ...
    def add_code(self, code: str, claim_id: str, now: datetime) -> None: ...
