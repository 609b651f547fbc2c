"""What takes long about an incident, as jobs: asked for by a member of staff, done by whoever finds the time.

1. Of an incident one job is under way: a unique key of the database holds that.
2. Whoever is at a job has a lease on it. Each part of it is written together with how far it is, under that
   lease. So a process that dies is succeeded once the lease runs out, where it stood, and one that was only
   slow writes nothing any more.
3. What the rules forbid ends a job, in words. What breaks it is tried again, a few times.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from perks_engine.domain.phrase import phrase, word
from perks_engine.domain.progress import Report, unreported
from perks_engine.services.access import Actor
from perks_engine.services.errors import NotFoundError, RefusedError, ServiceError
from perks_engine.services.identifiers import new_id
from perks_engine.services.incident_apply import Applying
from perks_engine.services.incident_correction import Corrected, check_correction
from perks_engine.services.incident_job_records import CANCELLED, IncidentJob, JobKind, JobLostError
from perks_engine.services.incident_lease import LEASE, Lease
from perks_engine.services.incident_replay import Replaying
from perks_engine.services.incidents import job_under_way, require_not_applied, seen_incident
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.views import View, instant_view

log = logging.getLogger(__name__)
LONGEST = timedelta(seconds=30)
"""One round of the chore."""
MOST_ATTEMPTS = 5
"""Without any progress; then it is broken."""
SHOWN = 50


@dataclass(frozen=True, slots=True)
class IncidentJobs:
    """`holder` tells this process from all others."""

    store: Store
    replaying: Replaying
    applying: Applying
    clock: Clock
    holder: str

    def ask_replay(self, actor: Actor, incident_id: str, corrected: Corrected) -> View:
        """Have every decision of the incident judged again. Asked for the same again while that is
        under way, it is the same job.

        Raises `InvalidInputError` where nothing is corrected or the corrected rule is another campaign's, and
        `RefusedError` where the incident is dealt with or a job of it is under way.
        """
        with self.store.read() as tx:
            found = seen_incident(tx, actor, incident_id)
            require_not_applied(tx, incident_id)
        check_correction(corrected, found.scope)
        job = self.replaying.begin(self._new(actor, incident_id, JobKind.REPLAY), corrected)
        return self._ask(job, corrected)

    def ask_apply(self, actor: Actor, incident_id: str) -> View:
        """Have the approved plan carried out. Asked again while that is under way, it is the same job.

        Raises `RefusedError` where the plan is not approved, was replaced, is stale or was applied.
        """
        with self.store.read() as tx:
            seen_incident(tx, actor, incident_id)
        job = self.applying.begin(self._new(actor, incident_id, JobKind.APPLY))
        return self._ask(job, Corrected())

    def show(self, actor: Actor, incident_id: str, job_id: str) -> View:
        with self.store.read() as tx:
            seen_incident(tx, actor, incident_id)
            return job_view(self._known(tx, incident_id, job_id))

    def _known(self, tx: Transaction, incident_id: str, job_id: str) -> IncidentJob:
        job = tx.incident_jobs.get(job_id)
        if job is None or job.incident_id != incident_id:
            raise NotFoundError(
                "incident.job_unknown",
                phrase(
                    "the incident {incident_id} has no job {job_id}", incident_id=incident_id, job_id=job_id
                ),
            )
        return job

    def of_incident(self, actor: Actor, incident_id: str) -> list[View]:
        """The newest first."""
        with self.store.read() as tx:
            seen_incident(tx, actor, incident_id)
            return [job_view(one) for one in tx.incident_jobs.of_incident(incident_id, SHOWN)]

    def cancel(self, actor: Actor, incident_id: str, job_id: str) -> View:
        """End a job that waits or is under way; asked for again later, a replay begins anew and an
        application goes on with those for whom nothing was done yet.

        What an application did stays done. Raises `RefusedError` where the job has ended.
        """
        now = self.clock()
        with self.store.write() as tx:
            seen_incident(tx, actor, incident_id)
            job = self._known(tx, incident_id, job_id)
            what = "decisions were judged" if job.kind is JobKind.REPLAY else "people were dealt with"
            why = f"{actor.name} cancelled it when {job.done:,} of {job.total:,} {what}"
            if not tx.incident_jobs.cancel(job_id, now, why):
                raise RefusedError(
                    "incident.job_ended",
                    phrase(
                        "the job {job_id} has ended ({job}); there is nothing to stop",
                        job_id=job_id,
                        job=word(_state(job)),
                    ),
                )
            return job_view(self._known(tx, incident_id, job_id))

    def work(self) -> int:
        """One round of the chore: go on with what nobody is at; how many decisions or steps were done."""
        until = self.clock() + LONGEST
        done = 0
        with self.store.read() as tx:
            waiting = tx.incident_jobs.waiting(self.clock())
        for job_id in waiting:
            done += self._go_on(job_id, Lease(self.holder, self.clock, until), unreported)
        return done

    def finish(self, job_id: str, report: Report) -> bool:
        """Do it to its end, unless somebody else is at it at this moment; whether it has ended."""
        self._go_on(job_id, Lease(self.holder, self.clock), report)
        with self.store.read() as tx:
            job = tx.incident_jobs.get(job_id)
        if job is not None:
            report("replaying decisions" if job.kind is JobKind.REPLAY else "applying", job.done, job.total)
        return job is None or job.ended_at is not None

    def _new(self, actor: Actor, incident_id: str, kind: JobKind) -> IncidentJob:
        now = self.clock()
        subject = new_id("rpl", now) if kind is JobKind.REPLAY else ""
        return IncidentJob(new_id("job", now), incident_id, kind, subject, actor.name, now, {}, {})

    def _ask(self, job: IncidentJob, corrected: Corrected) -> View:
        try:
            with self.store.write() as tx:
                for sha256, (name, geojson) in corrected.areas.items():
                    tx.campaigns.add_area(sha256, name, geojson)
                tx.incident_jobs.add(job, corrected.facts)
        except KeyTakenError:
            with self.store.read() as tx:
                other = tx.incident_jobs.under_way(job.incident_id)
            if other is None:
                raise
            if (other.kind, other.correction) != (job.kind, job.correction):
                raise job_under_way(other) from None
            return job_view(other)
        return job_view(job)

    def _go_on(self, job_id: str, lease: Lease, report: Report) -> int:
        now = self.clock()
        with self.store.write() as tx:
            job = tx.incident_jobs.take(job_id, self.holder, now, now + LEASE)
        if job is None:
            return 0
        before = job.done
        if job.attempts > MOST_ATTEMPTS:
            why = f"it broke {MOST_ATTEMPTS} times at the same place; the log of the server says why"
            self._fail(job, lease, "incident.job_broken", why)
            return 0
        go_on = self.replaying.go_on if job.kind is JobKind.REPLAY else self.applying.go_on
        try:
            job = go_on(replace(job, started_at=job.started_at or now), lease, report)
        except JobLostError:
            log.warning("the job %s is somebody else's by now, or was cancelled", job_id)
            return 0
        except ServiceError as error:
            self._fail(job, lease, error.code, str(error))
            return 0
        except BaseException:
            with suppress(Exception), self.store.write() as tx:  # what broke it is what counts
                tx.incident_jobs.let_go(job_id, self.holder)
            raise
        with self.store.write() as tx:
            tx.incident_jobs.let_go(job_id, self.holder)
        return job.done - before

    def _fail(self, job: IncidentJob, lease: Lease, code: str, why: str) -> None:
        now = self.clock()
        with suppress(JobLostError), self.store.write() as tx:
            there = tx.incident_jobs.get(job.job_id) or job
            lease.keep(tx, replace(there, ended_at=now, error=code, why=why))


def job_view(job: IncidentJob) -> View:
    return {
        "job": job.job_id,
        "incident": job.incident_id,
        "kind": job.kind.value,
        "state": _state(job),
        "done": job.done,
        "total": job.total,
        "error": {"code": job.error, "detail": job.why} if job.error else None,
        "asked_by": job.asked_by,
        "asked_at": instant_view(job.asked_at),
        "started_at": instant_view(job.started_at),
        "ended_at": instant_view(job.ended_at),
    }


def _state(job: IncidentJob) -> str:
    if job.ended_at is not None:
        if job.error == CANCELLED:
            return "cancelled"
        return "failed" if job.error else "done"
    return "running" if job.started_at is not None else "queued"
