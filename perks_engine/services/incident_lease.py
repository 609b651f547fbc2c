"""Who is at a job, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from perks_engine.services.incident_job_records import IncidentJob, JobLostError
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

    def require_held(self, tx: Transaction, job_id: str) -> None:
        """Before something is done that stands by itself; raises `JobLostError`."""
        if not tx.incident_jobs.is_held(job_id, self.holder):
            raise JobLostError(job_id)

    def keep(self, tx: Transaction, job: IncidentJob) -> None:
        """In the transaction that writes what was done; raises `JobLostError`."""
        tx.incident_jobs.keep(job, self.holder, self.clock() + LEASE)
