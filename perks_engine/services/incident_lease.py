"""Who is at a job, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from perks_engine.services.incident_job_records import IncidentJob
from perks_engine.services.ports import Clock, Transaction

LEASE = timedelta(seconds=30)
"""Longer than a part of a job takes; a process that dies is succeeded after this."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Of `holder`, who stops at `until` (None: goes on to the end)."""

    holder: str
    clock: Clock
    until: datetime | None = None

    def is_time_left(self) -> bool:
        return self.until is None or self.clock() < self.until

    def keep(self, tx: Transaction, job: IncidentJob) -> None:
        """In the transaction that writes what was done; raises `JobLostError`."""
        tx.incident_jobs.keep(job, self.holder, self.clock() + LEASE)
