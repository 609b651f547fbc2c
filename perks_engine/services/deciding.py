"""What a claim comes to: a decision of the gate, with the answer, the letters and all that is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from perks_engine.domain.campaign import Campaign, CampaignState
from perks_engine.domain.fulfillment import Account
from perks_engine.domain.reasons import Reason
from perks_engine.services import campaign_refusals
from perks_engine.services.claim_ports import Question
from perks_engine.services.gate import CLAIM, Gate
from perks_engine.services.identifiers import new_id
from perks_engine.services.letters import Letters
from perks_engine.services.records import (
    Answer,
    ClaimFacts,
    ClaimOutcome,
    ClaimRecord,
    DecidedClaim,
    Decision,
    Message,
)
from perks_engine.services.tax_notices import TaxNotices
from perks_engine.services.views import Say, Speaking, View, claim_view, reasons_view


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim as it was asked for; `digest` tells it from another request under the same key."""

    person_id: str
    campaign: str
    key: str
    digest: str
    speaking: Speaking

    @property
    def scope(self) -> str:
        return f"person:{self.person_id}"

    @property
    def question(self) -> Question:
        return Question(self.person_id, self.campaign, self.scope, self.key)

    def version_of(self, facts: ClaimFacts) -> str:
        return live_version(facts, self.campaign)


@dataclass(frozen=True, slots=True)
class Deciding:
    """Everything that a claim leaves behind but for the unit; nothing is read or written for it."""

    gate: Gate
    letters: Letters
    tax_notices: TaxNotices

    def decided(
        self,
        asked: Asked,
        facts: ClaimFacts,
        version: Campaign,
        lost: Callable[[Campaign], Reason] | None,
        now: datetime,
        version_of: Callable[[str], Campaign],
    ) -> DecidedClaim:
        """By these facts, at `now`, under `version`; `lost` is what went to somebody faster since they were
        read. `version_of` finds the versions of what the person had."""
        decision = self.gate.judge(asked.person_id, facts, version, CLAIM, now)
        if lost is not None and decision.grants:
            decision = replace(decision, standing=(lost(version),))
        claim = ClaimRecord(
            claim_id=new_id("clm", now),
            person_id=decision.person_id,
            campaign=decision.campaign,
            version=decision.version,
            decision_id=decision.decision_id,
            outcome=ClaimOutcome.GRANTED if decision.grants else ClaimOutcome.REFUSED,
            created_at=now,
            reserved_until=now + version.perk.reservation if decision.grants else None,
            account=Account.RESERVED if decision.grants else None,
        )
        notice = self.tax_notices.about(facts.units, version, now, version_of) if decision.grants else {}
        told = explained(decision, spoken_to(facts, asked.speaking))
        answer = Answer(asked.digest, {**claim_view(claim), **told, **notice})
        messages = self._letters(facts, claim, version, decision)
        return DecidedClaim(decision, claim, messages, asked.scope, asked.key, answer)

    def _letters(
        self, facts: ClaimFacts, claim: ClaimRecord, campaign: Campaign, decision: Decision
    ) -> tuple[Message, ...]:
        if facts.card is None:
            return ()
        if decision.grants:
            return self.letters.granted(facts.card, claim, campaign)
        return self.letters.refused(facts.card, claim, campaign, decision)


def is_open(facts: ClaimFacts, version: Campaign, now: datetime) -> bool:
    record = facts.campaign
    return record is not None and record.state is CampaignState.OPEN and version.window.holds(now)


def live_version(facts: ClaimFacts, campaign: str) -> str:
    """Raises `NotFoundError` where there is none."""
    if facts.campaign is None or facts.campaign.version is None:
        raise campaign_refusals.unknown(campaign)
    return facts.campaign.version


def spoken_to(facts: ClaimFacts, speaking: Speaking) -> Say:
    return speaking(facts.card.language if facts.card else "")


def explained(decision: Decision, say: Say) -> View:
    return {
        "verdict": decision.verdict.value,
        "decision": decision.decision_id,
        "reasons": reasons_view(decision.reason, decision.standing, say),
    }
