"""Letters of the duty to disclose: to the person, who is reminded, and to the brand that is told in the end.
They carry no offer: opting out of marketing does not stop them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign
from perks_engine.services.composing import Composing, campaign_values
from perks_engine.services.duty_records import Duty
from perks_engine.services.ports import Transaction
from perks_engine.services.records import PersonCard

REMINDER = "templates/messages/disclosure_reminder"
UNSEEN = "templates/messages/disclosure_unseen"
REMINDER_KIND = "disclosure_reminder"


@dataclass(frozen=True, slots=True)
class DutyLetters:
    composing: Composing

    def remind(
        self, tx: Transaction, card: PersonCard, duty: Duty, campaign: Campaign, is_last: bool, now: datetime
    ) -> str:
        """Queue it; returns the message's id."""
        more = {
            "claim": duty.claim_id,
            "received_on": duty.received_at.date(),
            "is_last": is_last,
        }
        values = campaign_values(campaign) | more
        message = self.composing.to_person(
            card,
            REMINDER_KIND,
            REMINDER,
            values,
            now,
            campaign=campaign.name,
            claim_id=duty.claim_id,
        )
        tx.outbox.queue(message)
        return message.message_id

    def escalate(self, tx: Transaction, duties: Sequence[Duty], campaign: Campaign, now: datetime) -> str:
        """One letter to the brand's staff about all of them."""
        people = [
            {
                "claim": duty.claim_id,
                "called": duty.handle or duty.person_id,
                "received_on": duty.received_at.date(),
                "reminders": duty.reminders,
            }
            for duty in duties
        ]
        values = campaign_values(campaign) | {"people": people}
        message = self.composing.to_staff(
            campaign.brand, "disclosure_unseen", UNSEEN, values, now, campaign.name
        )
        tx.outbox.queue(message)
        return message.message_id
