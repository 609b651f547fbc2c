"""The letter that asks a recipient how they like what they received. It carries no offer, and no answer is
better than another (16 CFR 465.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.words import day_in_words
from perks_engine.services.composing import Composing
from perks_engine.services.feedback_records import FEEDBACK, Recipient
from perks_engine.services.records import Message, PersonCard
from perks_engine.services.views import perk_view

KIND = "feedback_request"
ASK = "templates/messages/feedback_request"
FEEDBACK_TEMPLATES = (ASK,)


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
            "received_on": day_in_words(recipient.received_at),
            "link": link,
        }
        values = perk_view(campaign) | more
        return self.composing.to_person(
            *(card, KIND, ASK, values, now),
            campaign=campaign.name,
            claim_id=recipient.claim_id,
            purpose=FEEDBACK,
            expires_at=expires_at,
        )
