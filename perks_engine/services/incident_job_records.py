"""Replaying the decisions of an incident and applying its plan, as jobs: what is kept of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from perks_engine.domain.evidence import Evidence


class JobKind(StrEnum):
    REPLAY = "replay"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class IncidentJob:
    """Of an incident at most one is under way. `subject` is the replay that it makes or the plan that it
    applies, `correction` what a replay takes for right, but for facts about people, which stand apart.

    `place` is where it stands: whoever goes on with it begins there. `done` of `total` items are dealt with;
    `attempts` were begun since the last one was. `error` is the code of what ended it, `why` its words.
    """

    job_id: str
    incident_id: str
    kind: JobKind
    subject: str
    asked_by: str
    asked_at: datetime
    correction: Mapping[str, Any]
    place: Mapping[str, Any]
    done: int = 0
    total: int = 0
    attempts: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str = ""
    why: str = ""


CANCELLED = "incident.job_cancelled"
"""The `error` of a job that staff ended."""


class JobLostError(Exception):
    """Somebody else goes on with it by now: what was about to be written was not."""


class IncidentJobBook(Protocol):
    def add(self, job: IncidentJob, facts: Mapping[str, Sequence[Evidence]]) -> None:
        """With what should have been known of people, by their ids. Raises `KeyTakenError` where one of the
        incident is under way."""
        ...

    def get(self, job_id: str) -> IncidentJob | None: ...
    def of_incident(self, incident_id: str, limit: int) -> list[IncidentJob]:
        """The newest first."""
        ...

    def under_way(self, incident_id: str) -> IncidentJob | None: ...
    def waiting(self, now: datetime) -> list[str]:
        """Those under way that nobody is at, the oldest first."""
        ...

    def take(self, job_id: str, holder: str, now: datetime, until: datetime) -> IncidentJob | None:
        """Lease one that nobody is at, and count the attempt; None where it has ended or another has it."""
        ...

    def keep(self, job: IncidentJob, holder: str, until: datetime) -> None:
        """Keep how far it is, and the lease until then; of one that has ended nothing about people is left.
        Raises `JobLostError`, and keeps nothing, where somebody else has it."""
        ...

    def let_go(self, job_id: str, holder: str) -> None: ...
    def is_held(self, job_id: str, holder: str) -> bool:
        """Whether that holder is at it still."""
        ...

    def cancel(self, job_id: str, now: datetime, why: str) -> bool:
        """End one that has not ended, whoever is at it: they write nothing any more. False where it has."""
        ...

    def facts(self, job_id: str, people: Sequence[str]) -> dict[str, tuple[Evidence, ...]]:
        """What should have been known of those, where anything is given."""
        ...
