"""The letter that asks a recipient how they like what they received. It carries no offer, and no answer is
better than another (16 CFR 465.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign
from perks_engine.services.composing import Composing, campaign_values
from perks_engine.services.feedback_records import FEEDBACK, Recipient
from perks_engine.services.records import Message, PersonCard

KIND = "feedback_request"
ASK = "templates/messages/feedback_request"


@dataclass(frozen=True, slots=True)
class FeedbackLetters:
    composing: Composing

    def ask(
        self,
        card: PersonCard,
        recipient: Recipient,
        campaign: Campaign,
        link: str,
        now: datetime,
        expires_at: datetime,
    ) -> Message:
        more = {
            "claim": recipient.claim_id,
            "received_on": recipient.received_at.date(),
            "link": link,
        }
        values = campaign_values(campaign) | more
        return self.composing.to_person(
            *(card, KIND, ASK, values, now),
            campaign=campaign.name,
            claim_id=recipient.claim_id,
            purpose=FEEDBACK,
            expires_at=expires_at,
        )
