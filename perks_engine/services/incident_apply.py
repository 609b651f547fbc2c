"""A plan, carried out: for each person one transaction, in which all is done and the letter is queued.

1. The plan has to be the latest, approved by a second person, over the latest replay, the ledger as it was.
2. Each step looks again, under the lock of its claims' units, whether they are where the plan found them.
3. What was done is recorded in the same transaction, once for each person and incident: the primary key lets
   one through. So a job that was cut short goes on where it stood, and two at once would do nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial, reduce
from typing import Any

from perks_engine.domain.fulfillment import Account, Fulfillment, MoveKind
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.progress import Report
from perks_engine.domain.promotion import Cause
from perks_engine.domain.reasons import obstacles
from perks_engine.services.errors import NotFoundError, RefusedError
from perks_engine.services.gate import CLAIM, Gate
from perks_engine.services.identifiers import new_id
from perks_engine.services.incident_job_records import IncidentJob
from perks_engine.services.incident_lease import Lease
from perks_engine.services.incident_letters import IncidentLetters
from perks_engine.services.incident_plan import NO_UNIT_LEFT
from perks_engine.services.incident_records import (
    Action,
    Done,
    Incident,
    IncidentAct,
    IncidentEvent,
    Planned,
    Position,
    Step,
)
from perks_engine.services.incidents import (
    AT_A_TIME,
    event_of,
    known_incident,
    latest,
    moved_claim,
    require_current,
    require_fresh,
    require_not_applied,
    stale,
)
from perks_engine.services.letters import Letters
from perks_engine.services.moving import append_move, reservation, unit_of
from perks_engine.services.once import retried
from perks_engine.services.ports import (
    AllowanceSpentError,
    Clock,
    KeyTakenError,
    NotOpenError,
    OutOfStockError,
    Store,
    Transaction,
)
from perks_engine.services.promotion_records import Fall
from perks_engine.services.records import (
    Answer,
    ClaimOutcome,
    ClaimRecord,
    DecidedClaim,
)
from perks_engine.services.views import claim_view

TOLD_EACH = 20
"""Steps between two times that the job is said to have come so far."""


class _NoOfferError(Exception):
    """The unit, or the person's share, went to somebody faster: the step is done again without the offer."""


@dataclass(frozen=True, slots=True)
class Applying:
    store: Store
    gate: Gate
    letters: Letters
    incident_letters: IncidentLetters
    clock: Clock

    def require_may(self, tx: Transaction, incident_id: str, after: int = 0) -> IncidentEvent:
        """The plan that can be applied, from behind the step `after`.

        Raises `RefusedError` where it is not approved, was replaced, is stale or was applied.
        """
        require_not_applied(tx, incident_id)
        plan = latest(tx, incident_id, IncidentAct.PLANNED)
        require_current(tx, incident_id, plan)
        approved = event_of(tx, incident_id, IncidentAct.APPROVED)
        if approved is None or approved.subject != plan.subject:
            raise RefusedError(
                "incident.not_approved",
                phrase(
                    "nobody has approved the latest plan, {numbers}; a second person has to",
                    numbers=plan.numbers["hash"][:12],
                ),
            )
        require_fresh(tx, incident_id, plan.subject, after)
        return plan

    def begin(self, job: IncidentJob) -> IncidentJob:
        """The job before its first step: how many there are."""
        with self.store.read() as tx:
            plan = self.require_may(tx, job.incident_id)
        return replace(job, subject=plan.subject, place={"step": 0}, total=int(plan.numbers["people"]))

    def go_on(self, job: IncidentJob, lease: Lease, report: Report) -> IncidentJob:
        """Do what is left to do of the approved plan, until it is time to stop.

        What the plan rests on is looked at each time. Raises what `require_may` does, and `JobLostError`.
        """
        with self.store.read() as tx:
            incident = known_incident(tx, job.incident_id)
            plan = self.require_may(tx, job.incident_id, int(job.place["step"]))
            if plan.subject != job.subject:
                raise stale(["another plan was made"])
        for step in self._steps(job.subject, int(job.place["step"])):
            self._do(incident, plan, job, step, lease)
            job = replace(job, place={"step": step.number}, done=step.number, attempts=0)
            report("applying", job.done, job.total)
            is_over = not lease.is_time_left()
            if is_over or job.done % TOLD_EACH == 0:
                with self.store.write() as tx:
                    lease.keep(tx, job)
            if is_over:
                return job
        return self._ended(job, plan, lease)

    def _ended(self, job: IncidentJob, plan: IncidentEvent, lease: Lease) -> IncidentJob:
        now = self.clock()
        numbers = self._numbers(job.incident_id) | {"hash": plan.numbers["hash"]}
        event = IncidentEvent(job.incident_id, IncidentAct.APPLIED, job.subject, job.asked_by, now, numbers)
        ended = replace(job, ended_at=now)
        with self.store.write() as tx:
            lease.keep(tx, ended)
            tx.incidents.record(event)
        return ended

    def _steps(self, plan: str, after: int) -> Iterator[Step]:
        """A page at a time, so that no transaction stays open beside those of the steps."""
        while True:
            with self.store.read() as tx:
                steps = list(tx.incidents.steps(plan, after, AT_A_TIME))
            yield from steps
            if len(steps) < AT_A_TIME:
                return
            after = steps[-1].number

    def _numbers(self, incident_id: str) -> dict[str, Any]:
        people = letters = 0
        actions: Counter[str] = Counter()
        with self.store.read() as tx:
            for done in tx.incidents.done(incident_id):
                people += 1
                letters += done.message_id is not None
                actions.update(str(one["action"]) for one in done.outcomes)
        return {
            "people": people,
            "letters": letters,
            "actions": {one.value: actions[one.value] for one in Action},
        }

    def _do(
        self, incident: Incident, plan: IncidentEvent, job: IncidentJob, step: Step, lease: Lease
    ) -> None:
        for may_offer in (True, False):
            try:
                retried(partial(self._do_once, incident, plan, job, step, lease, may_offer))
            except _NoOfferError:
                continue
            except KeyTakenError:
                return  # another run of the same plan did it at this moment
            return

    def _do_once(
        self,
        incident: Incident,
        plan: IncidentEvent,
        job: IncidentJob,
        step: Step,
        lease: Lease,
        may_offer: bool,
    ) -> None:
        now, by, whom = self.clock(), job.asked_by, step.person_id
        reserving = False
        try:
            with self.store.write() as tx:
                if tx.incidents.is_done(incident.incident_id, whom):
                    return
                lease.require_held(tx, job.job_id)
                self._require_still(tx, step)
                outcomes: list[Mapping[str, Any]] = []
                # The order of the ledger's locks is that of the plan: first what comes back.
                for planned in step.actions:
                    if planned.action is Action.VOID:
                        outcomes.append(self._void(tx, incident, planned, now, by))
                    elif planned.action is Action.OFFER:
                        reserving = may_offer
                        outcomes.append(self._offer(tx, incident, step, planned, now, may_offer))
                    elif planned.action is Action.RETRACT:
                        outcomes.append(_retracted(tx, planned, now, by))
                    else:
                        outcomes.append(_outcome(planned, planned.words))
                replay = str(plan.numbers["replay"])
                message = self.incident_letters.queue(tx, incident, replay, whom, outcomes, now)
                tx.incidents.add_done(
                    Done(incident.incident_id, whom, plan.subject, step.number, outcomes, message, now)
                )
        except (OutOfStockError, AllowanceSpentError, NotOpenError) as error:
            if not reserving:
                raise
            raise _NoOfferError from error

    def _require_still(self, tx: Transaction, step: Step) -> None:
        units = {one.claim_id for one in step.actions if one.claim_id and one.entry_id is not None}
        positions: dict[str, Position] = {}
        for claim in sorted(units):
            holding = tx.ledger.held_still(claim)
            positions[claim] = Position(holding.account, holding.entry_id)
        rest = [one.claim_id for one in step.actions if one.claim_id and one.claim_id not in units]
        if rest:
            positions |= tx.incidents.positions(rest)
        told = [moved_claim(one.claim_id, one.entry_id, positions) for one in step.actions if one.claim_id]
        if any(told):
            raise stale(list(dict.fromkeys(one for one in told if one)))

    def _void(
        self, tx: Transaction, incident: Incident, planned: Planned, now: datetime, by: str
    ) -> Mapping[str, Any]:
        claim = tx.claims.get(planned.claim_id or "")
        unit = unit_of(tx, self.gate.versions, claim) if claim else None
        if unit is None:
            raise NotFoundError(
                "claim.unknown",
                phrase("there is no unit of the claim {claim_id}", claim_id=planned.claim_id or ""),
            )
        note = f"incident {incident.incident_id}: {incident.wrong}"
        append_move(tx, unit, Fulfillment(unit.claim.claim_id, MoveKind.VOID, now, note=note), now, by)
        return _outcome(planned, planned.words)

    def _offer(
        self,
        tx: Transaction,
        incident: Incident,
        step: Step,
        planned: Planned,
        now: datetime,
        may_offer: bool,
    ) -> Mapping[str, Any]:
        """Through the gate, as any claim: the rule that is live now has the last word."""
        record = tx.campaigns.get(planned.campaign)
        card = tx.people.card(step.person_id)
        if record is None or card is None:
            return _outcome(
                replace(planned, action=Action.NO_OFFER), phrase("the person is not on record any more")
            )
        decision = self.gate.decide(tx, step.person_id, record, CLAIM, now)
        if not decision.grants or not may_offer:
            asked = [one.required for one in (*decision.standing, *obstacles(decision.reason))]
            why = _each_asked_for(asked) if asked else phrase(NO_UNIT_LEFT)
            return _outcome(replace(planned, action=Action.NO_OFFER), why)
        version = self.gate.versions.get(decision.version, tx)
        claim = ClaimRecord(
            claim_id=new_id("clm", now),
            person_id=step.person_id,
            campaign=planned.campaign,
            version=decision.version,
            decision_id=decision.decision_id,
            outcome=ClaimOutcome.GRANTED,
            created_at=now,
            reserved_until=now + version.perk.reservation,
            account=Account.RESERVED,
        )
        # How to disclose is said before anything is shipped (16 CFR 255.5); the letter says the rest.
        messages = tuple(
            one for one in self.letters.granted(card, claim, version) if one.kind == "disclosure_instruction"
        )
        scope, key = f"incident:{incident.incident_id}", f"{step.person_id} {planned.campaign}"
        answer = Answer(incident.incident_id, claim_view(claim))
        tx.claims.record(DecidedClaim(decision, claim, messages, scope, key, answer))
        tx.ledger.append(reservation(claim, version))
        until = (now + version.perk.reservation).astimezone(UTC)
        day, time = f"{until:%Y-%m-%d}", f"{until:%H:%M}"
        why = phrase("a unit is reserved until {day}, {time} UTC", day=day, time=time)
        return _outcome(planned, why) | {"offered": claim.claim_id}


def _retracted(tx: Transaction, planned: Planned, now: datetime, by: str) -> dict[str, Any]:
    """What the unit took along when it was taken back is retracted already."""
    count = tx.promotions.fall(Fall(Cause.INCIDENT, by, claim_id=planned.claim_id or ""), now)
    return _outcome(planned, planned.words) | {"retracted": count}


def _each_asked_for(asked: Sequence[Phrase]) -> Phrase:
    each = [phrase("asked for: {what}", what=one) for one in asked]
    return reduce(lambda before, one: phrase("{before}; {one}", before=before, one=one), each)


def _outcome(planned: Planned, why: Phrase) -> dict[str, Any]:
    return {
        "action": planned.action.value,
        "campaign": planned.campaign,
        "claim": planned.claim_id,
        "why": why.to_json(),
    }
