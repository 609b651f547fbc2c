"""Telling people of a campaign: only those who agreed to hear of perks, and only where it is open to them.

A brand asks for it; a chore goes through the people, a few at a time, and can be cut short at any moment.
Each passes the gate when the letter is queued, and once more right before it is sent, so that nobody hears of
what they would be refused.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from perks_engine.domain.campaign import Campaign, CampaignState
from perks_engine.domain.phrase import said
from perks_engine.services import campaign_refusals
from perks_engine.services.access import Actor, Permission
from perks_engine.services.composing import CHANNEL, Composing, campaign_values
from perks_engine.services.errors import RefusedError, ServiceError
from perks_engine.services.gate import Gate
from perks_engine.services.identifiers import new_id
from perks_engine.services.offer_records import Offer, OfferRun
from perks_engine.services.once import retried
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.records import CampaignRecord, Message, PersonCard
from perks_engine.services.views import View, instant_view

log = logging.getLogger(__name__)
MESSAGE = "message"
PERKS = "perks"
"""The purpose that people agreed to."""
KIND = "offer"
OFFER = "templates/messages/offer"
BATCH = 100


@dataclass(frozen=True, slots=True)
class Offering:
    store: Store
    gate: Gate
    composing: Composing
    clock: Clock

    def begin(self, actor: Actor, campaign: str) -> View:
        """Have everybody told to whom it is open. Asked again while that is under way, it is the same run.

        Raises `NotFoundError` for a campaign that the actor does not reach, and `RefusedError` where it is
        not open, or letters could not say how to stop them and who sends them.
        """
        now = self.clock()
        with self.store.read() as tx:
            record = self._reached(tx, actor, campaign)
        if record.state is not CampaignState.OPEN:
            raise RefusedError(
                "offer.not_open", f"{campaign} is {record.state.value}; people hear of it once it is open"
            )
        self.composing.require_can_ask()
        try:
            with self.store.write() as tx:
                tx.offers.begin(OfferRun(new_id("ofr", now), campaign, actor.name, now))
        except KeyTakenError:
            pass  # one is under way, and is shown
        return self.of_campaign(actor, campaign)[0]

    def of_campaign(self, actor: Actor, campaign: str) -> list[View]:
        """The runs, the newest first."""
        with self.store.read() as tx:
            self._reached(tx, actor, campaign)
            return [_view(one) for one in tx.offers.of_campaign(campaign)]

    def offer(self) -> int:
        """One round of the chore: go on with the oldest run that can; returns how many people were looked at.

        A run that cannot go on says why, and holds up no other.
        """
        with self.store.read() as tx:
            runs = tx.offers.under_way()
        for run in runs:
            try:
                looked_at = self._round(run)
            except ServiceError as error:
                self._wait(run, str(error))
                continue
            if looked_at:
                return looked_at
        return 0

    def _wait(self, run: OfferRun, why: str) -> None:
        if run.waits_for == why:
            return
        log.warning("nobody more is told of %s for now: %s", run.campaign, why)
        with self.store.write() as tx:
            tx.offers.wait(run.run_id, why)

    def _round(self, run: OfferRun) -> int:
        with self.store.read() as tx:
            people = tx.offers.hearers(run, BATCH) if _open_version(tx, run) else []
        if people:
            self.composing.require_can_ask()
        for person_id in people:
            run = self._one(run, person_id)
            if run.ended_at is not None:
                return len(people)
        if len(people) < BATCH:
            with self.store.write() as tx:
                tx.offers.keep(_ended(run, self.clock()))
        return len(people)

    def _one(self, run: OfferRun, person_id: str) -> OfferRun:
        def once() -> OfferRun:
            with self.store.write() as tx:
                return self._decided(tx, run, person_id)

        try:
            return retried(once)
        except KeyTakenError:  # another process wrote to them meanwhile
            return replace(run, reached=person_id, waits_for="")

    def _decided(self, tx: Transaction, run: OfferRun, person_id: str) -> OfferRun:
        now = self.clock()
        tx.consents.lock(person_id)
        card = tx.people.card(person_id)
        record = _open_version(tx, run)
        if record is None:
            after = _ended(run, now)
            tx.offers.keep(after)
            return after
        agreed = any(
            (one.purpose, one.channel) == (PERKS, CHANNEL) for one in tx.people.live_consents(person_id)
        )
        after = replace(run, reached=person_id, passed_over=run.passed_over + 1, waits_for="")
        if card is not None and agreed:
            decision = self.gate.decide(tx, person_id, record, MESSAGE, now)
            if decision.grants:
                campaign = self.gate.versions.get(decision.version, tx)
                message = self._letter(card, campaign, now)
                tx.claims.add_decision(decision)
                tx.outbox.queue(message)
                kept = (campaign.name, person_id, run.run_id, decision.decision_id, message.message_id, now)
                tx.offers.add(Offer(*kept))
                after = replace(run, reached=person_id, offered=run.offered + 1, waits_for="")
        tx.offers.keep(after)
        return after

    def _letter(self, card: PersonCard, campaign: Campaign, now: datetime) -> Message:
        closes_at = campaign.window.closes_at
        link = self.composing.links.links.public_url
        values = campaign_values(campaign) | {"closes_at": closes_at, "link": link}
        return self.composing.to_person(
            *(card, KIND, OFFER, values, now),
            campaign=campaign.name,
            purpose=PERKS,
            expires_at=closes_at,
        )

    def still(self, tx: Transaction, message: Message, now: datetime) -> str | None:
        """Why an offer must not go out any more; None where the perk is open to its reader at this moment."""
        record = tx.campaigns.get(message.campaign)
        if record is None or record.version is None or message.person_id is None:
            return "there is no such campaign"
        decision = self.gate.decide(tx, message.person_id, record, MESSAGE, now)
        return None if decision.grants else said("it is not open to them any more")

    def _reached(self, tx: Transaction, actor: Actor, campaign: str) -> CampaignRecord:
        actor.require(Permission.MAKE_OFFERS)
        record = tx.campaigns.get(campaign)
        if record is None or not actor.may(Permission.MAKE_OFFERS, record.brand):
            raise campaign_refusals.unknown(campaign)
        return record


def _open_version(tx: Transaction, run: OfferRun) -> CampaignRecord | None:
    """The campaign as long as people may hear of it."""
    record = tx.campaigns.get(run.campaign)
    is_open = record is not None and record.version is not None and record.state is CampaignState.OPEN
    return record if is_open else None


def _ended(run: OfferRun, now: datetime) -> OfferRun:
    """How far it came names a person, and is of no use any more."""
    return replace(run, reached="", waits_for="", ended_at=now)


def _view(run: OfferRun) -> View:
    return {
        "run": run.run_id,
        "campaign": run.campaign,
        "state": "ended" if run.ended_at else "waiting" if run.waits_for else "under_way",
        "waits_for": run.waits_for or None,
        "offered": run.offered,
        "passed_over": run.passed_over,
        "asked_by": run.asked_by,
        "asked_at": instant_view(run.asked_at),
        "ended_at": instant_view(run.ended_at),
    }
