"""Letters of the duty to disclose: to the person, who is reminded, and to the brand that is told in the end.
They carry no offer: opting out of marketing does not stop them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.consent import ACCOUNT, OPERATIONS
from perks_engine.domain.words import day_in_words
from perks_engine.services.duty_records import Duty
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Renderer, Transaction
from perks_engine.services.records import Message, PersonCard
from perks_engine.services.views import perk_view

REMINDER = "templates/messages/disclosure_reminder"
UNSEEN = "templates/messages/disclosure_unseen"
DUTY_TEMPLATES = (REMINDER, UNSEEN)


@dataclass(frozen=True, slots=True)
class DutyLetters:
    renderer: Renderer

    def remind(
        self, tx: Transaction, card: PersonCard, duty: Duty, campaign: Campaign, is_last: bool, now: datetime
    ) -> str:
        """Queue it; returns the message's id."""
        more = {
            "name": card.name or card.handle or "there",
            "claim": duty.claim_id,
            "received_on": day_in_words(duty.received_at),
            "is_last": is_last,
        }
        values = perk_view(campaign) | more
        whom = {"person_id": duty.person_id, "claim_id": duty.claim_id}
        return self._queue(tx, "disclosure_reminder", REMINDER, ACCOUNT, values, whom, now)

    def escalate(self, tx: Transaction, duties: Sequence[Duty], campaign: Campaign, now: datetime) -> str:
        """One letter to the brand's staff about all of them."""
        people = [
            {
                "claim": duty.claim_id,
                "called": duty.handle or duty.person_id,
                "received_on": day_in_words(duty.received_at),
                "reminders": duty.reminders,
            }
            for duty in duties
        ]
        values = perk_view(campaign) | {"people": people}
        whom = {"staff_of": campaign.brand}
        return self._queue(tx, "disclosure_unseen", UNSEEN, OPERATIONS, values, whom, now)

    def _queue(
        self,
        tx: Transaction,
        kind: str,
        template: str,
        purpose: str,
        values: Mapping[str, Any],
        whom: Mapping[str, str],
        now: datetime,
    ) -> str:
        rendered = self.renderer.render(template, values)
        message = Message(
            message_id=new_id("msg", now),
            person_id=whom.get("person_id"),
            staff_of=whom.get("staff_of"),
            campaign=values["campaign"],
            claim_id=whom.get("claim_id"),
            kind=kind,
            purpose=purpose,
            channel="email",
            subject=rendered.subject,
            body_text=rendered.text,
            body_html=rendered.html,
            created_at=now,
        )
        tx.outbox.queue(message)
        return message.message_id
