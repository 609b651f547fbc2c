"""Decisions as they were recorded, to be decided again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.evidence import Person
from perks_engine.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a decision saw, and what it came to: the person as the evidence showed them at `decided_at` (an
    aware instant), registers included. `hindered` says that something stood in the way besides the rule: no
    unit, a pause, the person's share."""

    decision_id: str
    campaign: str
    version: str
    purpose: str
    person: Person
    verdict: Verdict
    hindered: bool
    decided_at: datetime

    @property
    def granted(self) -> bool:
        return self.grants(self.verdict)

    def grants(self, verdict: Verdict) -> bool:
        """Whether this verdict would have granted it, all else being as it was."""
        return verdict is Verdict.ELIGIBLE and not self.hindered


@dataclass(frozen=True, slots=True)
class Which:
    """Which decisions are meant: decided from `since` on (included) and before `until`, for this purpose, by
    this version; what is not said is not asked."""

    since: datetime | None = None
    until: datetime | None = None
    purpose: str | None = None
    version: str | None = None

    def takes(self, decision: Recorded) -> bool:
        return (
            (self.since is None or decision.decided_at >= self.since)
            and (self.until is None or decision.decided_at < self.until)
            and (self.purpose is None or decision.purpose == self.purpose)
            and (self.version is None or decision.version == self.version)
        )

    def __str__(self) -> str:
        """`for claim, from 2026-12-01 00:00 UTC`; nothing where all are meant."""
        parts = [
            f"by the version {self.version[:12]}" if self.version else "",
            f"for {self.purpose}" if self.purpose else "",
            f"from {self.since:%Y-%m-%d %H:%M} UTC" if self.since else "",
            f"before {self.until:%Y-%m-%d %H:%M} UTC" if self.until else "",
        ]
        return ", ".join(filter(None, parts))
