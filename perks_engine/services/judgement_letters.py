"""Letters about a post that does not disclose clearly: to the person, who is asked to mend it, and to the
brand where that did not happen. They speak of the disclosure alone, and carry no offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.disclosing_failures import WORDS
from perks_engine.services.composing import Composing, campaign_values
from perks_engine.services.judgement_records import Judgement, Post
from perks_engine.services.ports import Transaction
from perks_engine.services.records import PersonCard
from perks_engine.services.views import View

KIND = "disclosure_fix"
FIX = "templates/messages/disclosure_fix"
UNFIXED = "templates/messages/disclosure_unfixed"


@dataclass(frozen=True, slots=True)
class JudgementLetters:
    composing: Composing

    def ask(
        self,
        tx: Transaction,
        card: PersonCard,
        post: Post,
        judgement: Judgement,
        campaign: Campaign,
        until: datetime,
        now: datetime,
    ) -> str:
        """Queue it; returns the message's id."""
        more = {"claim": post.claim_id, "url": post.url, "note": judgement.note or "", "until": until}
        values = campaign_values(campaign) | _told(judgement) | more
        message = self.composing.to_person(
            *(card, KIND, FIX, values, now), campaign=campaign.name, claim_id=post.claim_id
        )
        tx.outbox.queue(message)
        return message.message_id

    def escalate(
        self, tx: Transaction, post: Post, judgement: Judgement, campaign: Campaign, now: datetime
    ) -> str:
        """It names the post by its number: where it is and what was noted goes with the person, letters to a
        brand's staff do not."""
        more = {"called": post.handle or post.person_id, "post": post.post_id, "asked_at": post.asked_at}
        values = campaign_values(campaign) | _told(judgement) | more
        message = self.composing.to_staff(
            campaign.brand, "disclosure_unfixed", UNFIXED, values, now, campaign.name
        )
        tx.outbox.queue(message)
        return message.message_id


def _told(judgement: Judgement) -> View:
    return {"failures": [{"why": WORDS[one][0], "mend": WORDS[one][1]} for one in judgement.failures]}
