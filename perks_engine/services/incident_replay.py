"""The decisions of an incident once more, each as of its own moment, under what should have been so.

They are judged a few at a time; who was hit is written as it is found, in the transaction that says how far
the replay has come. So memory does not grow with them, and one that was cut short goes on where it stood. It
counts once its event is recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from perks_engine.domain.codec import decode, encode
from perks_engine.domain.compiled import CompiledRule, compile_rule
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import phrase
from perks_engine.domain.progress import Report
from perks_engine.domain.promotion import LIKENESS, PROMOTION
from perks_engine.domain.reasons import Reason, obstacles
from perks_engine.domain.recorded import Recorded, Which
from perks_engine.domain.verdict import Verdict
from perks_engine.services.errors import RefusedError
from perks_engine.services.gate import CLAIM
from perks_engine.services.incident_correction import Corrected, correction_view, kept_correction
from perks_engine.services.incident_job_records import IncidentJob
from perks_engine.services.incident_lease import Lease
from perks_engine.services.incident_records import (
    Harm,
    Incident,
    IncidentAct,
    IncidentEvent,
    Line,
    Told,
)
from perks_engine.services.incident_views import kept_reasons
from perks_engine.services.incidents import campaigns_of, known_incident, require_not_applied, which_of
from perks_engine.services.list_records import ExportRecord
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.versions import Versions
from perks_engine.services.views import instant_view

AT_A_TIME = 500
"""Decisions that are judged, and written down, together."""
_SOLICITING = ("feedback", "survey")
_PROMOTING = (PROMOTION, LIKENESS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replay stands: behind that decision of that campaign, having counted so much."""

    campaign: str = ""
    decided_at: datetime | None = None
    decision_id: str = ""
    decisions: int = 0
    not_as_recorded: int = 0
    lines: int = 0
    first: datetime | None = None
    last: datetime | None = None
    harms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Course:
    """What stays the same from decision to decision; rules are compiled when the first one needs them."""

    found: Incident
    corrected: Corrected
    new: CompiledRule | None
    which: Which
    atlas: Atlas
    versions: Versions
    rules: dict[str, CompiledRule] = field(default_factory=dict[str, CompiledRule])

    def rule(self, tx: Transaction, version: str) -> CompiledRule:
        if version not in self.rules:
            self.rules[version] = compile_rule(self.versions.get(version, tx).eligibility, self.atlas)
        return self.rules[version]


@dataclass(frozen=True, slots=True)
class _Hit:
    decision: Recorded
    was: Reason
    now: Reason


@dataclass(frozen=True, slots=True)
class Replaying:
    store: Store
    versions: Versions
    atlas: Atlas
    clock: Clock
    at_a_time: int = AT_A_TIME

    def begin(self, job: IncidentJob, corrected: Corrected) -> IncidentJob:
        """The job before its first decision: how many there are."""
        with self.store.read() as tx:
            found = known_incident(tx, job.incident_id)
            which = _which(job, found)
            total = sum(tx.decisions.count(name, which).total for name in campaigns_of(tx, found.scope))
        return replace(job, correction=corrected.kept(), place=encode(Place()), total=total)

    def go_on(self, job: IncidentJob, lease: Lease, report: Report) -> IncidentJob:
        """Judge every decision that is left again, until it is time to stop; who was hit is on record then.

        Raises `RefusedError` where nothing lies in the scope or the incident is dealt with, and
        `JobLostError`.
        """
        course = self._course(job)
        while job.ended_at is None and lease.is_time_left():
            job = self._part(course, job, lease)
            report("replaying decisions", job.done, job.total)
        return job

    def _course(self, job: IncidentJob) -> _Course:
        with self.store.read() as tx:
            require_not_applied(tx, job.incident_id)
            found = known_incident(tx, job.incident_id)
        corrected = replace(kept_correction(job.correction), source=found.scope.source or "")
        rule = corrected.campaign.eligibility if corrected.campaign is not None else None
        new = compile_rule(rule, self.atlas) if rule is not None else None
        return _Course(found, corrected, new, _which(job, found), self.atlas, self.versions)

    def _part(self, course: _Course, job: IncidentJob, lease: Lease) -> IncidentJob:
        """Some decisions: judged, and then written down together with where the job stands."""
        place = decode(Place, job.place)
        with self.store.read() as tx:
            names = sorted(one for one in campaigns_of(tx, course.found.scope) if one >= place.campaign)
            decisions: list[Recorded] = []
            for name in names:
                after = None
                if name == place.campaign and place.decided_at is not None:
                    after = (place.decided_at, place.decision_id)
                decisions = list(tx.decisions.recorded(name, course.which, after, self.at_a_time))
                if decisions:
                    break
            facts = tx.incident_jobs.facts(job.job_id, [one.person.person_id for one in decisions])
            judged = replace(course.corrected, facts=facts)
            place, hits = self._judged(tx, course, judged, place, decisions)
            brand = course.found.brand
            exports = tx.exports.latest([brand] if brand else None, None, None) if hits else []
            told = tx.incidents.told([hit.decision.decision_id for hit in hits])
            harms = Counter(dict(place.harms))
            rows: list[tuple[Line, Any, Any]] = []
            for number, hit in enumerate(hits, start=place.lines - len(hits) + 1):
                line = _line(number, hit, told.get(hit.decision.decision_id), exports)
                harms.update(one.value for one in line.harms)
                rows.append((line, kept_reasons(hit.was), kept_reasons(hit.now)))
        place = replace(place, harms=tuple(sorted(harms.items())))
        if not decisions:
            return self._ended(course, job, place, lease)
        done = replace(job, place=encode(place), done=job.done + len(decisions), attempts=0)
        with self.store.write() as tx:
            lease.keep(tx, done)
            tx.incidents.add_lines(job.incident_id, job.subject, rows)
        return done

    def _judged(
        self,
        tx: Transaction,
        course: _Course,
        corrected: Corrected,
        place: Place,
        decisions: Sequence[Recorded],
    ) -> tuple[Place, list[_Hit]]:
        hits: list[_Hit] = []
        counted = not_as_recorded = 0
        source = course.found.scope.source
        for decision in decisions:
            if source and all(fact.source != source for fact in decision.person.evidence):
                continue
            counted += 1
            own = course.rule(tx, decision.version)
            at, should = decision.decided_at, corrected.of(decision)
            not_as_recorded += own.verdict(decision.person, at) is not decision.verdict
            verdict = (course.new or own).verdict(should.person, at)
            if verdict is not decision.verdict:
                was, now = own.explain(decision.person, at), (course.new or own).explain(should.person, at)
                hits.append(_Hit(decision, was, now))
        moments = [hit.decision.decided_at for hit in hits]
        after = replace(
            place,
            decisions=place.decisions + counted,
            not_as_recorded=place.not_as_recorded + not_as_recorded,
            lines=place.lines + len(hits),
            first=min([*moments, *([place.first] if place.first else [])], default=None),
            last=max([*moments, *([place.last] if place.last else [])], default=None),
        )
        if decisions:
            last = decisions[-1]
            where = {"campaign": last.campaign, "decided_at": last.decided_at}
            after = replace(after, **where, decision_id=last.decision_id)
        return after, hits

    def _ended(self, course: _Course, job: IncidentJob, place: Place, lease: Lease) -> IncidentJob:
        if not place.decisions:
            raise RefusedError(
                "incident.nothing_in_scope",
                phrase(
                    "no decision in its scope rests on evidence of the source '{source}'; open one over "
                    "the source that decisions name",
                    source=course.found.scope.source or "",
                ),
            )
        now, harms = self.clock(), dict(place.harms)
        event = IncidentEvent(
            job.incident_id,
            IncidentAct.REPLAYED,
            job.subject,
            job.asked_by,
            now,
            {
                "decisions": place.decisions,
                "not_as_recorded": place.not_as_recorded,
                "lines": place.lines,
                "people": self._people(job.subject),
                "first": instant_view(place.first),
                "last": instant_view(place.last),
                "kinds": {kind.value: harms.get(kind.value, 0) for kind in Harm},
                "corrected": correction_view(job.correction),
            },
        )
        ended = replace(job, ended_at=now, done=job.total)
        with self.store.write() as tx:
            lease.keep(tx, ended)
            require_not_applied(tx, job.incident_id)
            tx.incidents.record(event)
        return ended

    def _people(self, replay: str) -> int:
        people, before = 0, None
        with self.store.read() as tx:
            for line in tx.incidents.lines(replay, by_person=True):
                people += line.person_id != before
                before = line.person_id
        return people


def _which(job: IncidentJob, found: Incident) -> Which:
    """What is decided after the replay was asked for is not in it, so that it comes to an end."""
    which, asked = which_of(found.scope), job.asked_at + timedelta(microseconds=1)
    return replace(which, until=min(asked, which.until or asked))


def _line(place: int, hit: _Hit, told: Told | None, exports: Sequence[ExportRecord]) -> Line:
    decision = hit.decision
    verdict = hit.now.verdict
    harms: list[Harm] = []
    messages = told.messages if told else ()
    if decision.purpose == CLAIM:
        if told is not None and told.granted and verdict is not Verdict.ELIGIBLE:
            harms.append(Harm.GRANTED)
        if not decision.granted and decision.grants(verdict):
            harms.append(Harm.REFUSED)
    by_harm = [(_harm_of(kind, purpose), message) for message, kind, purpose in messages]
    # A promotion rests on the receipt, and who received it wrongly is not to be shown to have.
    if told is not None and told.promotions and Harm.GRANTED in harms:
        harms.append(Harm.PROMOTED)
    if told is not None and told.asked and Harm.GRANTED in harms:
        harms.append(Harm.SOLICITED)
    harms += [one for one, _ in by_harm]
    listed = [one.export_id for one in exports if told is not None and _showed(one, decision, told)]
    if listed:
        harms.append(Harm.DISCLOSED)
    return Line(
        place=place,
        decision_id=decision.decision_id,
        claim_id=told.claim_id if told else None,
        person_id=decision.person.person_id,
        campaign=decision.campaign,
        version=decision.version,
        decided_at=decision.decided_at,
        was=decision.verdict.value,
        now=verdict.value,
        was_codes=_codes(hit.was),
        now_codes=_codes(hit.now),
        harms=tuple(one for one in Harm if one in harms),
        messages=tuple(message for _, message in by_harm),
        exports=tuple(listed),
    )


def _harm_of(kind: str, purpose: str) -> Harm:
    if purpose in _SOLICITING or kind.startswith(_SOLICITING):
        return Harm.SOLICITED
    if purpose in _PROMOTING or kind.startswith(_PROMOTING):
        return Harm.PROMOTED
    return Harm.TOLD


def _codes(reason: Reason) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in obstacles(reason)))


def _showed(export: ExportRecord, decision: Recorded, told: Told) -> bool:
    """Whether the exported list showed the unit as received, which it is recorded never to have been."""
    chosen = export.chosen
    if chosen.campaign not in (None, decision.campaign):
        return False
    if chosen.person not in (None, decision.person.person_id):
        return False
    return any(
        begun <= export.as_of and (ended is None or export.as_of < ended) for begun, ended in told.listed
    )
