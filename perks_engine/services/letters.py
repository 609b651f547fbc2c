"""Messages about claims, rendered and queued in the transaction that causes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Renderer, Transaction
from perks_engine.services.records import ClaimRecord, Decision, Message, PersonCard
from perks_engine.services.views import perk_view, reasons_view

GRANT = "templates/messages/grant"
REFUSAL = "templates/messages/refusal"
TRANSACTIONAL = "account"
"""The purpose of what answers a person's own act: it needs no opt-in, and carries no offer."""


@dataclass(frozen=True, slots=True)
class Letters:
    renderer: Renderer

    def granted(self, tx: Transaction, card: PersonCard, claim: ClaimRecord, campaign: Campaign) -> None:
        """The grant, and what the person will have to disclose (16 CFR 255.5), before anything is shipped."""
        values = {**self._values(card, campaign), "reserved_until": claim.reserved_until}
        self._queue(tx, "grant", GRANT, card, claim, values)
        self._queue(tx, "disclosure_instruction", campaign.disclosure.instruct, card, claim, values)

    def refused(
        self, tx: Transaction, card: PersonCard, claim: ClaimRecord, campaign: Campaign, decision: Decision
    ) -> None:
        # A template finds every part of a reason, empty where there is none.
        parts = dict.fromkeys(("actual", "change", "source", "observed_at"), "")
        reasons = [parts | reason for reason in reasons_view(decision.reason, decision.standing)]
        values = {**self._values(card, campaign), "reasons": reasons, "verdict": decision.verdict.value}
        self._queue(tx, "refusal", REFUSAL, card, claim, values)

    def _values(self, card: PersonCard, campaign: Campaign) -> dict[str, Any]:
        return {**perk_view(campaign), "name": card.name or card.handle or "there"}

    def _queue(
        self,
        tx: Transaction,
        kind: str,
        template: str,
        card: PersonCard,
        claim: ClaimRecord,
        values: Mapping[str, Any],
    ) -> None:
        rendered = self.renderer.render(template, values)
        now: datetime = claim.created_at
        tx.outbox.queue(
            Message(
                message_id=new_id("msg", now),
                person_id=card.person_id,
                campaign=claim.campaign,
                claim_id=claim.claim_id,
                kind=kind,
                purpose=TRANSACTIONAL,
                channel="email",
                subject=rendered.subject,
                body_text=rendered.text,
                body_html=rendered.html,
                created_at=now,
            )
        )
