"""What is to be done for each person that an incident hit, fixed to where the ledger stands."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from perks_engine.domain.codec import canonical_json
from perks_engine.domain.fulfillment import (
    WHERE,
    Account,
    IllegalMoveError,
    MoveKind,
    move_for,
)
from perks_engine.domain.phrase import phrase, said
from perks_engine.domain.verdict import Verdict
from perks_engine.services.access import Actor
from perks_engine.services.errors import NotFoundError
from perks_engine.services.gate import CLAIM, Gate
from perks_engine.services.identifiers import new_id
from perks_engine.services.incident_records import (
    Action,
    Harm,
    IncidentAct,
    IncidentEvent,
    Line,
    Planned,
    Step,
)
from perks_engine.services.incident_views import incident_view
from perks_engine.services.incidents import (
    latest,
    require_no_job,
    require_not_applied,
    seen_incident,
)
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.views import View

AT_A_TIME = 200
KEPT = said(
    "it was received, so it stays with the person; who received an item has a material connection, so they "
    "stay on the disclosure list and have to disclose (16 CFR 255.5)"
)
TAKE_BACK = said("what is shown of them rests on a grant that was wrong, so it has to be taken back")
_NOTHING_LEFT = said("nothing is left to take back: the unit is {where}")
_NOT_RECEIVED = said("it was granted wrongly and not received yet: the unit is {where}")
_GONE = said("the person, or what was offered, is not there any more")
_OTHER_VERDICT = said("the campaign as it is live now says {verdict} of the evidence on record")
_NOT_NOW = said("it cannot be offered now: {what}")
_WRONGLY_REFUSED = said("it was refused wrongly: a unit is reserved")
_VERDICTS = (said("ineligible"), said("unknown"))
_WRONGLY_TOLD = said("they were told '{was}', and it should have been '{now}'")
_WRONGLY_LISTED = said(
    "a list showed them as recipients; who received it is to be given its changes: {lists}"
)
NO_UNIT = "stock.exhausted"
NO_UNIT_LEFT = said("no unit is left in stock")


@dataclass
class _Budget:
    """Units that are free, with those that the plan itself brings back to stock, by campaign."""

    free: dict[str, int] = field(default_factory=dict[str, int])

    def at(self, tx: Transaction, campaign: str) -> int:
        return self.free.setdefault(campaign, tx.ledger.free_units(campaign))

    def add(self, tx: Transaction, campaign: str, units: int) -> None:
        self.free[campaign] = self.at(tx, campaign) + units


@dataclass(frozen=True, slots=True)
class Planning:
    store: Store
    gate: Gate
    clock: Clock

    def plan(self, actor: Actor, incident_id: str) -> View:
        """Make the plan out of the latest replay; it takes the place of an older one, and of its approval.

        What was done already for somebody is not planned again. Raises `ForbiddenError` for a service, behind
        which whoever approves the plan could stand, and `RefusedError` where the incident was not replayed,
        is being worked on or is dealt with.
        """
        now = self.clock()
        plan = new_id("pln", now)
        digest = hashlib.sha256()
        counts: Counter[str] = Counter()
        number = 0
        with self.store.read() as tx:
            found = seen_incident(tx, actor, incident_id)
            actor.require_human(phrase("to make a plan, which a second person approves,"))
            require_not_applied(tx, incident_id)
            require_no_job(tx, incident_id)
            replay = latest(tx, incident_id, IncidentAct.REPLAYED).subject
            batch: list[Step] = []
            for number, (person_id, actions) in enumerate(self._steps(tx, incident_id, replay, now), 1):
                step = Step(number, person_id, actions)
                digest.update(canonical_json(step).encode() + b"\n")
                counts.update(one.action.value for one in actions)
                batch.append(step)
                if len(batch) == AT_A_TIME:
                    self._keep(incident_id, plan, batch)
                    batch = []
            self._keep(incident_id, plan, batch)
        numbers = {
            "hash": digest.hexdigest(),
            "replay": replay,
            "people": number,
            "letters": number,
            "actions": {one.value: counts[one.value] for one in Action},
        }
        event = IncidentEvent(incident_id, IncidentAct.PLANNED, plan, actor.name, now, numbers)
        with self.store.write() as tx:
            require_not_applied(tx, incident_id)
            require_no_job(tx, incident_id)
            tx.incidents.record(event)
            return incident_view(found, tx.incidents.events(incident_id))

    def _keep(self, incident_id: str, plan: str, steps: list[Step]) -> None:
        with self.store.write() as tx:
            tx.incidents.add_steps(incident_id, plan, steps)

    def _steps(
        self, tx: Transaction, incident_id: str, replay: str, now: datetime
    ) -> Iterator[tuple[str, tuple[Planned, ...]]]:
        """Those first whose units come back to stock, so that they can go to those who were refused."""
        budget = _Budget()
        for voids_first in (True, False):
            lines = tx.incidents.lines(replay, by_person=True)
            for person_id, theirs in groupby(lines, key=lambda line: line.person_id):
                hit = [line for line in theirs if line.harms]
                if not hit or tx.incidents.is_done(incident_id, person_id):
                    continue
                there = [one for line in hit if Harm.GRANTED in line.harms for one in self._granted(tx, line)]
                found = [one for one, _ in there]
                voids = any(one.action is Action.VOID for one in found)
                if voids is not voids_first:
                    continue
                for one, where in there:
                    if one.action is Action.VOID and where is not Account.IN_TRANSIT:
                        budget.add(tx, one.campaign, 1)
                refused = self._refused(tx, hit, budget, now)
                yield person_id, (*found, *refused, *_told(hit), *self._promoted(tx, hit))

    def _granted(self, tx: Transaction, line: Line) -> Iterator[tuple[Planned, Account]]:
        """With where the unit is: on its way, it does not come back to stock."""
        there = tx.incidents.positions([line.claim_id or ""]).get(line.claim_id or "")
        if there is None or line.claim_id is None:
            return
        version = self.gate.versions.get(line.version, tx)
        if there.account is Account.RECIPIENT:
            kept = Planned(Action.KEEP, line.campaign, line.claim_id, there.entry_id, KEPT)
            yield kept, there.account
            return
        done = (Action.VOID, _NOT_RECEIVED)
        try:
            move_for(MoveKind.VOID, version.perk.kind, there.account, version.approval_required)
        except IllegalMoveError:
            done = (Action.NOTHING_LEFT, _NOTHING_LEFT)
        action, words = done
        about = (line.campaign, line.claim_id, there.entry_id)
        yield Planned(action, *about, words, (("where", WHERE[there.account]),)), there.account

    def _promoted(self, tx: Transaction, hit: list[Line]) -> Iterator[Planned]:
        for line in hit:
            if Harm.PROMOTED in line.harms and line.claim_id is not None:
                there = tx.incidents.positions([line.claim_id]).get(line.claim_id)
                yield Planned(
                    Action.RETRACT, line.campaign, line.claim_id, there.entry_id if there else None, TAKE_BACK
                )

    def _refused(
        self, tx: Transaction, lines: list[Line], budget: _Budget, now: datetime
    ) -> Iterator[Planned]:
        """Once for each campaign, however often the person asked."""
        for campaign in dict.fromkeys(one.campaign for one in lines if Harm.REFUSED in one.harms):
            claim = next(one.claim_id for one in lines if one.campaign == campaign)
            record = tx.campaigns.get(campaign)
            try:
                decision = self.gate.decide(tx, lines[0].person_id, record, CLAIM, now) if record else None
            except NotFoundError:
                decision = None
            if decision is None:
                yield Planned(Action.NO_OFFER, campaign, claim, None, _GONE)
                continue
            in_the_way = [one.code for one in decision.standing if one.code != NO_UNIT]
            if decision.verdict is not Verdict.ELIGIBLE:
                why, about = _OTHER_VERDICT, (("verdict", decision.verdict.value),)
            elif in_the_way:
                why, about = _NOT_NOW, (("what", ", ".join(in_the_way)),)
            elif budget.at(tx, campaign) < 1:
                why, about = NO_UNIT_LEFT, ()
            else:
                budget.add(tx, campaign, -1)
                yield Planned(Action.OFFER, campaign, claim, None, _WRONGLY_REFUSED)
                continue
            yield Planned(Action.NO_OFFER, campaign, claim, None, why, about)


def _told(lines: list[Line]) -> Iterator[Planned]:
    for line in lines:
        if Harm.TOLD in line.harms or not {Harm.GRANTED, Harm.REFUSED} & set(line.harms):
            told = (("was", line.was), ("now", line.now))
            yield Planned(Action.CORRECT, line.campaign, None, None, _WRONGLY_TOLD, told)
        if Harm.DISCLOSED in line.harms:
            lists = (("lists", ", ".join(line.exports)),)
            yield Planned(Action.CORRECT_LIST, line.campaign, None, None, _WRONGLY_LISTED, lists)
