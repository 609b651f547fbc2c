"""The decisions of an incident once more, each as of its own moment, under what should have been so.

They are read as they come, and who was hit is written as it is found, so that memory does not grow with them.
A replay counts once its event is recorded: what one that was cut short has left behind is never looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from perks_engine.campaigns.person_facts import dated
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.compiled import CompiledRule, compile_rule
from perks_engine.domain.evidence import REGISTER, Evidence
from perks_engine.domain.geography import Atlas
from perks_engine.domain.progress import Report, reported, unreported
from perks_engine.domain.promotion import LIKENESS, PROMOTION
from perks_engine.domain.reasons import Reason, obstacles
from perks_engine.domain.recorded import Recorded
from perks_engine.domain.verdict import Verdict
from perks_engine.services.access import Actor
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.gate import CLAIM
from perks_engine.services.identifiers import new_id
from perks_engine.services.incident_records import Harm, IncidentAct, IncidentEvent, Line, Scope, Told
from perks_engine.services.incidents import (
    campaigns_of,
    incident_view,
    require_not_applied,
    seen_incident,
    which_of,
)
from perks_engine.services.list_records import ExportRecord
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view, reasons_view

AT_A_TIME = 200
_SOLICITING = ("feedback", "survey")
_PROMOTING = (PROMOTION, LIKENESS)


@dataclass(frozen=True, slots=True)
class Distrust:
    """What a source observed from `since` (included) to `until` (excluded) is not believed."""

    source: str
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, fact: Evidence) -> bool:
        return (
            fact.source == self.source
            and (self.since is None or fact.observed_at >= self.since)
            and (self.until is None or fact.observed_at < self.until)
        )


@dataclass(frozen=True, slots=True)
class Corrected:
    """What should have been so: the rule (`campaign`, named `version`, on the areas of `atlas`), what the
    evidence should have said (undated facts are of the moment of each decision), what is not to be believed.
    `source` is what the facts stand in for; where it is "", for all that is said of the same attributes.
    """

    campaign: Campaign | None = None
    version: str = ""
    atlas: Atlas | None = None
    facts: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict[str, tuple[Evidence, ...]])
    facts_sha256: str = ""
    distrust: tuple[Distrust, ...] = ()
    source: str = ""

    def of(self, decision: Recorded) -> Recorded:
        """The decision with the evidence that it should have rested on."""
        person = decision.person
        facts = [fact for fact in person.evidence if not any(one.takes(fact) for one in self.distrust)]
        given = dated(self.facts.get(person.person_id, ()), decision.decided_at)
        if given:
            about = {(fact.attribute, fact.key) for fact in given}
            facts = [fact for fact in facts if not self._is_replaced(fact, about)]
        if len(facts) == len(person.evidence) and not given:
            return decision
        return replace(decision, person=replace(person, evidence=(*facts, *given)))

    def _is_replaced(self, fact: Evidence, about: set[tuple[str, str]]) -> bool:
        if fact.source == REGISTER:
            return False
        return fact.source == self.source if self.source else (fact.attribute, fact.key) in about

    def view(self) -> View:
        return {
            "version": self.version or None,
            "people": len(self.facts),
            "people_sha256": self.facts_sha256 or None,
            "distrust": [
                {
                    "source": one.source,
                    "since": instant_view(one.since),
                    "until": instant_view(one.until),
                }
                for one in self.distrust
            ],
        }


@dataclass(frozen=True, slots=True)
class _Hit:
    decision: Recorded
    was: Reason
    now: Reason


@dataclass
class _Counts:
    decisions: int = 0
    not_as_recorded: int = 0
    lines: int = 0
    people: int = 0
    first: datetime | None = None
    last: datetime | None = None
    harms: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True)
class Replaying:
    store: Store
    versions: Versions
    atlas: Atlas
    clock: Clock

    def replay(
        self, actor: Actor, incident_id: str, corrected: Corrected, report: Report = unreported
    ) -> View:
        """Judge every decision of the incident again; who was hit is on record afterwards, and counted.

        Raises `InvalidInputError` where nothing is corrected or the corrected rule is another campaign's, and
        `RefusedError` where nothing lies in the scope or the incident is dealt with.
        """
        counts = _Counts()
        replay = new_id("rpl", self.clock())
        with self.store.read() as tx:
            found = seen_incident(tx, actor, incident_id)
            require_not_applied(tx, incident_id)
            _check(corrected, found.scope)
            corrected = replace(corrected, source=found.scope.source or "")
            exports = tx.exports.latest([found.brand] if found.brand else None, None, None)
            batch: list[_Hit] = []
            for hit in self._hits(tx, found.scope, corrected, counts, report):
                batch.append(hit)
                if len(batch) == AT_A_TIME:
                    self._keep(tx, incident_id, replay, batch, exports, counts)
                    batch = []
            self._keep(tx, incident_id, replay, batch, exports, counts)
        if not counts.decisions:
            raise RefusedError(
                "incident.nothing_in_scope",
                f"no decision in its scope rests on evidence of the source '{found.scope.source}'; open one "
                "over the source that decisions name",
            )
        event = IncidentEvent(
            incident_id,
            IncidentAct.REPLAYED,
            replay,
            actor.name,
            self.clock(),
            {
                "decisions": counts.decisions,
                "not_as_recorded": counts.not_as_recorded,
                "lines": counts.lines,
                "people": self._people(replay),
                "first": instant_view(counts.first),
                "last": instant_view(counts.last),
                "kinds": {kind.value: counts.harms[kind.value] for kind in Harm},
                "corrected": corrected.view(),
            },
        )
        with self.store.write() as tx:
            require_not_applied(tx, incident_id)
            tx.incidents.record(event)
            return incident_view(found, tx.incidents.events(incident_id))

    def _people(self, replay: str) -> int:
        people, before = 0, None
        with self.store.read() as tx:
            for line in tx.incidents.lines(replay, by_person=True):
                people += line.person_id != before
                before = line.person_id
        return people

    def _hits(
        self, tx: Transaction, scope: Scope, corrected: Corrected, counts: _Counts, report: Report
    ) -> Iterator[_Hit]:
        rules: dict[str, CompiledRule] = {}
        new: CompiledRule | None = None
        if corrected.campaign is not None:
            new = compile_rule(corrected.campaign.eligibility, corrected.atlas or self.atlas)
        which = which_of(scope)
        for name in campaigns_of(tx, scope):
            total = tx.decisions.count(name, which).total
            for version in tx.decisions.versions(name, which):
                if version not in rules:
                    rule = self.versions.get(version, tx).eligibility
                    rules[version] = compile_rule(rule, self.atlas)
            for decision in reported(tx.decisions.recorded(name, which), f"replaying {name}", total, report):
                if scope.source and all(fact.source != scope.source for fact in decision.person.evidence):
                    continue
                counts.decisions += 1
                own = rules[decision.version]
                at, should = decision.decided_at, corrected.of(decision)
                if own.verdict(decision.person, at) is not decision.verdict:
                    counts.not_as_recorded += 1
                verdict = (new or own).verdict(should.person, at)
                if verdict is not decision.verdict:
                    yield _Hit(
                        decision, own.explain(decision.person, at), (new or own).explain(should.person, at)
                    )

    def _keep(
        self,
        tx: Transaction,
        incident_id: str,
        replay: str,
        hits: Sequence[_Hit],
        exports: Sequence[ExportRecord],
        counts: _Counts,
    ) -> None:
        """Written apart from the reading, which goes on."""
        told = tx.incidents.told([hit.decision.decision_id for hit in hits])
        rows: list[tuple[Line, Any, Any]] = []
        for hit in hits:
            decision = hit.decision
            counts.lines += 1
            counts.first = counts.first or decision.decided_at
            counts.first = min(counts.first, decision.decided_at)
            counts.last = max(counts.last or decision.decided_at, decision.decided_at)
            line = _line(counts.lines, hit, told.get(decision.decision_id), exports)
            counts.harms.update(one.value for one in line.harms)
            rows.append((line, reasons_view(hit.was), reasons_view(hit.now)))
        with self.store.write() as writing:
            writing.incidents.add_lines(incident_id, replay, rows)


def _check(corrected: Corrected, scope: Scope) -> None:
    if corrected.campaign is None and not corrected.facts and not corrected.distrust:
        raise InvalidInputError(
            "incident.nothing_corrected",
            "nothing is corrected, so everything would come out as it did; name a version, a file of people "
            "or a source not to be believed",
        )
    if corrected.campaign is not None and corrected.campaign.name != scope.campaign:
        raise InvalidInputError(
            "incident.other_campaign",
            f"the corrected rule is one of {corrected.campaign.name}, and the incident is about "
            f"{scope.campaign or 'all campaigns'}; name a version of its own campaign",
        )
    for one in corrected.distrust:
        if one.source == REGISTER:
            raise InvalidInputError(
                "incident.register",
                "the engine's own registers are corrected by acts, not by disbelief; name another source",
            )
        if one.since is not None and one.until is not None and one.since >= one.until:
            raise InvalidInputError(
                "incident.span", f"the span over which {one.source} is not believed ends before it begins"
            )


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
