"""The jobs of incidents. A lease says who is at one; whoever has lost it writes nothing any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from perks_engine.domain.codec import evidence_from_json, evidence_to_json
from perks_engine.domain.evidence import Evidence
from perks_engine.services.incident_job_records import CANCELLED, IncidentJob, JobKind, JobLostError
from perks_engine.storage.incident_tables import incident_fact as _fact
from perks_engine.storage.incident_tables import incident_job as _job
from perks_engine.storage.leases import is_free

AT_A_TIME = 500


class SqlIncidentJobBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: IncidentJob, facts: Mapping[str, Sequence[Evidence]]) -> None:
        self._connection.execute(insert(_job).values(**_values(job)))
        people = list(facts)
        for begin in range(0, len(people), AT_A_TIME):
            rows = [
                {"job_id": job.job_id, "person_id": one, "facts": evidence_to_json(facts[one])}
                for one in people[begin : begin + AT_A_TIME]
            ]
            self._connection.execute(insert(_fact), rows)

    def get(self, job_id: str) -> IncidentJob | None:
        row = self._connection.execute(select(_job).where(_job.c.job_id == job_id)).one_or_none()
        return _incident_job(row) if row else None

    def of_incident(self, incident_id: str, limit: int) -> list[IncidentJob]:
        query = select(_job).where(_job.c.incident_id == incident_id).order_by(_job.c.job_id.desc())
        return [_incident_job(row) for row in self._connection.execute(query.limit(limit))]

    def under_way(self, incident_id: str) -> IncidentJob | None:
        query = select(_job).where(_job.c.incident_id == incident_id, _job.c.ended_at.is_(None))
        row = self._connection.execute(query).one_or_none()
        return _incident_job(row) if row else None

    def waiting(self, now: datetime) -> list[str]:
        query = select(_job.c.job_id).where(_job.c.ended_at.is_(None), _is_free(now)).order_by(_job.c.job_id)
        return list(self._connection.execute(query).scalars())

    def take(self, job_id: str, holder: str, now: datetime, until: datetime) -> IncidentJob | None:
        free = update(_job).where(_job.c.job_id == job_id, _job.c.ended_at.is_(None), _is_free(now))
        lease = {"leased_by": holder, "leased_until": until, "attempts": _job.c.attempts + 1}
        if self._connection.execute(free.values(**lease)).rowcount == 0:
            return None
        return self.get(job_id)

    def keep(self, job: IncidentJob, holder: str, until: datetime) -> None:
        values = _values(job)
        lease = {"leased_by": holder, "leased_until": until}
        if job.ended_at is not None:
            lease = {"leased_by": None, "leased_until": None}
            self._connection.execute(delete(_fact).where(_fact.c.job_id == job.job_id))
        mine = update(_job).where(_job.c.job_id == values.pop("job_id"), _job.c.leased_by == holder)
        if self._connection.execute(mine.values(**values, **lease)).rowcount == 0:
            raise JobLostError(job.job_id)

    def let_go(self, job_id: str, holder: str) -> None:
        mine = update(_job).where(_job.c.job_id == job_id, _job.c.leased_by == holder)
        self._connection.execute(mine.values(leased_by=None, leased_until=None))

    def is_held(self, job_id: str, holder: str) -> bool:
        mine = select(_job.c.job_id).where(_job.c.job_id == job_id, _job.c.leased_by == holder)
        return self._connection.execute(mine).one_or_none() is not None

    def cancel(self, job_id: str, now: datetime, why: str) -> bool:
        going = update(_job).where(_job.c.job_id == job_id, _job.c.ended_at.is_(None))
        ended = {"ended_at": now, "error": CANCELLED, "why": why, "leased_by": None, "leased_until": None}
        if self._connection.execute(going.values(**ended)).rowcount == 0:
            return False
        self._connection.execute(delete(_fact).where(_fact.c.job_id == job_id))
        return True

    def facts(self, job_id: str, people: Sequence[str]) -> dict[str, tuple[Evidence, ...]]:
        query = select(_fact).where(_fact.c.job_id == job_id, _fact.c.person_id.in_(people))
        return {row.person_id: evidence_from_json(row.facts) for row in self._connection.execute(query)}


def _is_free(now: datetime) -> ColumnElement[bool]:
    return is_free(_job.c.leased_until, now)


def _values(job: IncidentJob) -> dict[str, Any]:
    given = asdict(job)
    return {**given, "kind": job.kind.value, "correction": dict(job.correction), "place": dict(job.place)}


def _incident_job(row: Row[Any]) -> IncidentJob:
    values: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(IncidentJob)}
    values["kind"] = JobKind(values["kind"])
    return IncidentJob(**values)
