"""Claims: a person's request for a perk, granted or refused by a decision of the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign, CampaignAct, CampaignState
from perks_engine.domain.fulfillment import Account, MoveKind, move_for
from perks_engine.domain.reasons import Reason
from perks_engine.domain.words import day_in_words
from perks_engine.services.errors import NotFoundError
from perks_engine.services.gate import CLAIM, Gate, allowance_spent, out_of_stock
from perks_engine.services.guards import Breach, ChangedMeanwhileError, CountAloneError, Guarding
from perks_engine.services.identifiers import new_id
from perks_engine.services.letters import Letters
from perks_engine.services.once import once
from perks_engine.services.ports import AllowanceSpentError, Clock, OutOfStockError, Store, Transaction
from perks_engine.services.records import (
    CampaignEvent,
    CampaignRecord,
    ClaimOutcome,
    ClaimRecord,
    Decision,
    Entry,
    PersonCard,
)
from perks_engine.services.views import View, claim_view, decision_view, perk_view, reasons_view

_SHOWN = (CampaignState.OPEN, CampaignState.SCHEDULED, CampaignState.PAUSED)
Keep = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Claiming:
    store: Store
    gate: Gate
    letters: Letters
    guarding: Guarding
    clock: Clock

    def perks(self, person_id: str, after: str | None = None, limit: int | None = None) -> list[View]:
        """The perks there are to claim by the names of their campaigns, those that come after `after`,
        with the decision that a claim would come to right now."""
        now = self.clock()
        with self.store.read() as tx:
            shown = tx.campaigns.all(_SHOWN, after=after, limit=limit)
            return [self._perk(tx, person_id, record, now) for record in shown]

    def perk(self, person_id: str, campaign: str) -> View:
        now = self.clock()
        with self.store.read() as tx:
            return self._perk(tx, person_id, _known_campaign(tx, campaign), now)

    def _perk(self, tx: Transaction, person_id: str, record: CampaignRecord, now: datetime) -> View:
        decision = self.gate.decide(tx, person_id, record, CLAIM, now)
        shown = decision_view(decision)
        del shown["decision"]  # it is not recorded, so there is nothing to ask for under this name
        return {**perk_view(self.gate.versions.get(decision.version, tx)), **shown}

    def claim(self, person_id: str, campaign: str, key: str) -> Mapping[str, Any]:
        """Claim one unit; the view of the claim with its reasons. The same key gives the same answer.

        Where the last unit, or the person's allowance, goes to somebody faster between the decision
        and the ledger, the database refuses; the claim is then decided again with that known. So it is
        where the campaign was paused meanwhile.
        """
        lost: Callable[[Campaign], Reason] | None = None
        alone = False
        while True:
            try:
                return self._claim_once(person_id, campaign, key, lost, alone)
            except OutOfStockError:
                lost = out_of_stock
            except AllowanceSpentError:
                lost = allowance_spent
            except CountAloneError:
                alone = True
            except ChangedMeanwhileError:
                continue

    def _claim_once(
        self,
        person_id: str,
        campaign: str,
        key: str,
        lost: Callable[[Campaign], Reason] | None,
        alone: bool,
    ) -> Mapping[str, Any]:
        now = self.clock()
        request = {"operation": "claim", "campaign": campaign}

        def work(tx: Transaction, keep: Keep) -> Mapping[str, Any]:
            record = _known_campaign(tx, campaign)
            decision = self.gate.decide(tx, person_id, record, CLAIM, now)
            version = self.gate.versions.get(decision.version, tx)
            if lost is not None and decision.grants:
                decision = replace(decision, standing=(lost(version),))
            is_open = record.state is CampaignState.OPEN and version.window.holds(now)

            def count() -> Breach | None:
                return self.guarding.count(tx, version, decision, alone) if is_open else None

            return self._record(tx, decision, version, keep, count)

        return once(self.store, f"person:{person_id}", key, request, now, work)

    def _record(
        self,
        tx: Transaction,
        decision: Decision,
        campaign: Campaign,
        keep: Keep,
        count: Callable[[], Breach | None],
    ) -> Mapping[str, Any]:
        """Record the decision, the claim, the messages and the answer; then count it for the guards, and
        last comes the ledger entry: the locks on the counts and on the stock are what others wait for."""
        now = decision.decided_at
        card = tx.people.card(decision.person_id)
        if card is None:
            raise NotFoundError("person.unknown", f"nobody is on record as {decision.person_id}")
        claim = ClaimRecord(
            claim_id=new_id("clm", now),
            person_id=decision.person_id,
            campaign=decision.campaign,
            version=decision.version,
            decision_id=decision.decision_id,
            outcome=ClaimOutcome.GRANTED if decision.grants else ClaimOutcome.REFUSED,
            created_at=now,
            reserved_until=now + campaign.perk.reservation if decision.grants else None,
            account=Account.RESERVED if decision.grants else None,
        )
        tx.claims.add_decision(decision)
        tx.claims.add(claim)
        self._tell(tx, card, claim, campaign, decision)
        answer = {**claim_view(claim), **_explained(decision)}
        keep(answer)
        breach = count()
        if decision.grants:
            move = move_for(MoveKind.RESERVE, campaign.perk.kind, Account.STOCK)
            tx.ledger.append(
                Entry(
                    campaign=campaign.name,
                    move=move.kind,
                    source=move.source,
                    target=move.target,
                    units=1,
                    occurred_at=now,
                    recorded_at=now,
                    recorded_by="gate",
                    claim_id=claim.claim_id,
                    person_id=claim.person_id,
                    reference=decision.decision_id,
                )
            )
        if breach is not None:
            self._pause(tx, campaign, breach, decision)
        return answer

    def _pause(self, tx: Transaction, campaign: Campaign, breach: Breach, decision: Decision) -> None:
        """The campaign leaves what its guard calls healthy: it is paused, and its brand's staff is told."""
        event = CampaignEvent(
            campaign=campaign.name,
            act=CampaignAct.PAUSED,
            state=CampaignState.PAUSED,
            version=decision.version,
            acted_by=f"guard {breach.guard.kind}",
            acted_at=decision.decided_at,
            why=f"{breach.found}; healthy is: {breach.healthy}",
            numbers=breach.numbers(),
        )
        tx.campaigns.record(event, was=CampaignState.OPEN)
        self.letters.paused(tx, campaign, event, breach, tx.ledger.free_units(campaign.name))

    def _tell(
        self,
        tx: Transaction,
        card: PersonCard,
        claim: ClaimRecord,
        campaign: Campaign,
        decision: Decision,
    ) -> None:
        if decision.grants:
            self.letters.granted(tx, card, claim, campaign)
        else:
            self.letters.refused(tx, card, claim, campaign, decision)

    def claims(self, person_id: str, before: str | None, limit: int) -> list[View]:
        """The person's own claims, newest first, older than the claim `before`."""
        with self.store.read() as tx:
            return [claim_view(claim) for claim in tx.claims.of_person(person_id, before, limit)]

    def own_claim(self, person_id: str, claim_id: str) -> View:
        """One claim with its reasons and its way so far; somebody else's is as unknown as none."""
        with self.store.read() as tx:
            claim = tx.claims.get(claim_id)
            if claim is None or claim.person_id != person_id:
                raise NotFoundError("claim.unknown", f"you have no claim {claim_id}")
            decision = tx.claims.decision(claim.decision_id)
            history = [
                {"move": entry.move.value, "to": entry.target.value, "on": day_in_words(entry.occurred_at)}
                for entry in tx.ledger.entries(claim_id)
            ]
        explained = _explained(decision) if decision else {}
        return {**claim_view(claim), **explained, "history": history}


def _known_campaign(tx: Transaction, name: str) -> CampaignRecord:
    record = tx.campaigns.get(name)
    if record is None or record.version is None:
        raise NotFoundError("campaign.unknown", f"there is no campaign '{name}'")
    return record


def _explained(decision: Decision) -> View:
    return {
        "verdict": decision.verdict.value,
        "decision": decision.decision_id,
        "reasons": reasons_view(decision.reason, decision.standing),
    }
