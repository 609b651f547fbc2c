"""Messages, rendered for the transaction that causes them: to people about their claims, and to a brand's
staff about its campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.fulfillment import Fulfillment
from perks_engine.domain.phrase import phrase, word
from perks_engine.domain.reasons import Reason, obstacles
from perks_engine.services.composing import Composing, campaign_values
from perks_engine.services.guards import Breach
from perks_engine.services.ports import Transaction
from perks_engine.services.records import CampaignEvent, ClaimRecord, Decision, Message, PersonCard

GRANT = "templates/messages/grant"
REFUSAL = "templates/messages/refusal"
APPROVAL = "templates/messages/approval"
DECLINE = "templates/messages/decline"
SUBSTITUTION = "templates/messages/substitution"
PAUSED = "templates/messages/campaign_paused"


def _told(reason: Reason) -> dict[str, Any]:
    """A template finds every part of a reason, empty where there is none. What the person may not see is not
    among them."""
    shown = reason.actual if reason.shown else phrase("not shown")
    return {
        "required": reason.required,
        "actual": "" if reason.actual is None else shown,
        "change": reason.change or "",
        "source": word(reason.source.replace("_", " ")) if reason.source else "",
        "observed_on": reason.observed_at.date() if reason.observed_at else "",
    }


@dataclass(frozen=True, slots=True)
class Letters:
    composing: Composing

    def granted(self, card: PersonCard, claim: ClaimRecord, campaign: Campaign) -> tuple[Message, ...]:
        """The grant, and what the person will have to disclose (16 CFR 255.5), before anything is shipped."""
        values = {
            **campaign_values(campaign),
            "reserved_until": claim.reserved_until,
            "approval_required": campaign.approval_required,
        }
        return (
            self._to_claimant("grant", GRANT, card, claim, values),
            self._to_claimant("disclosure_instruction", campaign.disclosure.instruct, card, claim, values),
        )

    def refused(
        self, card: PersonCard, claim: ClaimRecord, campaign: Campaign, decision: Decision
    ) -> tuple[Message, ...]:
        reasons = [_told(one) for one in (*decision.standing, *obstacles(decision.reason))]
        values = campaign_values(campaign) | {"reasons": reasons, "verdict": decision.verdict.value}
        return (self._to_claimant("refusal", REFUSAL, card, claim, values),)

    def approved(
        self, tx: Transaction, card: PersonCard, claim: ClaimRecord, campaign: Campaign, now: datetime
    ) -> None:
        values = campaign_values(campaign)
        tx.outbox.queue(self._to_claimant("approval", APPROVAL, card, claim, values, now))

    def declined(
        self,
        tx: Transaction,
        card: PersonCard,
        claim: ClaimRecord,
        campaign: Campaign,
        why: str,
        now: datetime,
    ) -> None:
        values = {**campaign_values(campaign), "why": why}
        tx.outbox.queue(self._to_claimant("decline", DECLINE, card, claim, values, now))

    def substituted(
        self,
        tx: Transaction,
        card: PersonCard,
        claim: ClaimRecord,
        campaign: Campaign,
        row: Fulfillment,
        now: datetime,
    ) -> None:
        values = {
            **campaign_values(campaign),
            "item": row.item,
            "value": row.value,
            "why": row.note,
        }
        tx.outbox.queue(self._to_claimant("substitution", SUBSTITUTION, card, claim, values, now))

    def paused(
        self, tx: Transaction, campaign: Campaign, event: CampaignEvent, breach: Breach, free_units: int
    ) -> None:
        """To the staff of the brand, with the numbers: a guard paused the campaign."""
        values = {
            **campaign_values(campaign),
            "guard": breach.guard.kind,
            "found": breach.found,
            "healthy": breach.healthy,
            "paused_at": event.acted_at,
            "quantity": campaign.perk.quantity,
            "free_units": free_units,
        }
        message = self.composing.to_staff(
            campaign.brand, "campaign_paused", PAUSED, values, event.acted_at, campaign.name
        )
        tx.outbox.queue(message)

    def _to_claimant(
        self,
        kind: str,
        template: str,
        card: PersonCard,
        claim: ClaimRecord,
        values: Mapping[str, Any],
        now: datetime | None = None,
    ) -> Message:
        at = now or claim.created_at
        return self.composing.to_person(
            card, kind, template, values, at, campaign=claim.campaign, claim_id=claim.claim_id
        )
