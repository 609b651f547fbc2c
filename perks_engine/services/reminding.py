"""The duty to disclose (16 CFR 255.1(d), 255.5) followed up: who has shown no post yet is reminded, and after
the last reminder the brand is told. What counts is the ledger at the moment of queueing: nothing is sent to
who gave the item back, never had it, or disputes the line. That no post was found is no breach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from perks_engine.services.access import Actor, Permission
from perks_engine.services.disclosing import require_on_record
from perks_engine.services.duty_letters import DutyLetters
from perks_engine.services.duty_records import Duty, Schedule, Sought, Step
from perks_engine.services.list_records import Chosen
from perks_engine.services.once import retried
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view

BATCH = 100


@dataclass(frozen=True, slots=True)
class Reminding:
    store: Store
    versions: Versions
    letters: DutyLetters
    schedule: Schedule
    clock: Clock

    def due(
        self, actor: Actor, brand: str | None, campaign: str | None, after: str | None, limit: int
    ) -> list[View]:
        """Those who hold something of these brands, undisputed, and have no post on record.

        Raises `ForbiddenError`, and `NotFoundError` for a brand or a campaign that is not on record.
        """
        actor.require(Permission.EXPORT_DISCLOSURES, brand)
        now = self.clock()
        brands = actor.reach if brand is None else [brand]
        with self.store.read() as tx:
            require_on_record(tx, Chosen(brand, campaign), actor.reach)
            found = tx.duties.find(Sought(brands, campaign), after, limit)
            acknowledged = tx.instructing.acknowledgements([duty.claim_id for duty in found])
        return [self._view(duty, duty.claim_id in acknowledged, now) for duty in found]

    def _view(self, duty: Duty, acknowledged: bool, now: datetime) -> View:
        following = self.schedule.next_of(duty)
        step, at = following or (None, None)
        return {
            "claim": duty.claim_id,
            "person": duty.person_id,
            "handle": duty.handle,
            "brand": duty.brand,
            "campaign": duty.campaign,
            "received_at": instant_view(duty.received_at),
            "days": max(0, (now - duty.received_at).days),
            "acknowledged": acknowledged,
            "reminders": duty.reminders,
            "last_step_at": instant_view(duty.last_at),
            "next_step": step.value if step else None,
            "next_step_at": instant_view(at),
            "escalated_at": instant_view(duty.escalated_at),
        }

    def follow_up(self) -> int:
        """Take the steps that are due, a batch at a time; returns how many were taken.

        It goes on past those of whom none could be taken: they do not stand before others.
        """
        taken, after = 0, None
        while taken < BATCH:
            now = self.clock()
            with self.store.read() as tx:
                waiting = tx.duties.due(self.schedule, now, after, BATCH)
            taken += self._follow_up(waiting, now)
            if len(waiting) < BATCH:
                break
            after = waiting[-1].claim_id
        return taken

    def _follow_up(self, waiting: Sequence[Duty], now: datetime) -> int:
        reminded = sum(
            retried(lambda duty=duty: self.remind(duty.claim_id, now))
            for duty in waiting
            if self._is_due(duty, Step.REMINDER, now)
        )
        last = [duty for duty in waiting if self._is_due(duty, Step.ESCALATION, now)]
        by_version = groupby(sorted(last, key=_version), key=_version)
        parts = [sorted(duty.claim_id for duty in some) for _, some in by_version]
        return reminded + sum(retried(lambda claims=claims: self._escalate(claims, now)) for claims in parts)

    def _is_due(self, duty: Duty, step: Step, now: datetime) -> bool:
        following = self.schedule.next_of(duty)
        return following is not None and following[0] is step and following[1] <= now

    def remind(self, claim_id: str, now: datetime) -> int:
        """Remind the person of one claim, if that is due by what the ledger holds now; 1 if so, else 0."""
        with self.store.write() as tx:
            duty = self._still(tx, claim_id, Step.REMINDER, now)
            card = tx.people.card(duty.person_id) if duty else None
            if duty is None or card is None:
                return 0
            number = duty.reminders + 1
            is_last = number == len(self.schedule.reminders)
            campaign = self.versions.get(duty.version, tx)
            message_id = self.letters.remind(tx, card, duty, campaign, is_last, now)
            tx.duties.take(claim_id, Step.REMINDER, number, message_id, now)
            return 1

    def _escalate(self, claims: Sequence[str], now: datetime) -> int:
        """Claims of one version; locked in their order, so that nobody waits in a ring."""
        with self.store.write() as tx:
            found = [self._still(tx, claim_id, Step.ESCALATION, now) for claim_id in claims]
            duties = [duty for duty in found if duty is not None]
            if duties:
                campaign = self.versions.get(duties[0].version, tx)
                message_id = self.letters.escalate(tx, duties, campaign, now)
                for duty in duties:
                    tx.duties.take(duty.claim_id, Step.ESCALATION, 1, message_id, now)
            return len(duties)

    def _still(self, tx: Transaction, claim_id: str, step: Step, now: datetime) -> Duty | None:
        """The duty as it is now, its unit held still until the transaction ends; None where the step is not
        due any more: it moved, is disputed, a post is on record, or another process was faster."""
        tx.ledger.held_still(claim_id)
        duty = next(iter(tx.duties.find(Sought(claim_id=claim_id), None, 1)), None)
        return duty if duty and self._is_due(duty, step, now) else None


def _version(duty: Duty) -> str:
    return duty.version
