"""The gate for a promotion: whether "NAME received ITEM" may be shown on a channel, and why not.

It asks for what the promotion says to be so, and for the person's yes; the campaign's rule has no part in it.
What is not known is never taken for a yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.consent import latest_acts
from perks_engine.domain.evidence import Evidence, Person
from perks_engine.domain.geography import Atlas
from perks_engine.domain.judges import judge
from perks_engine.domain.phrase import phrase, word
from perks_engine.domain.promotion import ADULT, LIKENESS, PROMOTION
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.rules import About, AgeIn
from perks_engine.domain.verdict import Mark
from perks_engine.domain.words import day_in_words
from perks_engine.services.ports import Transaction
from perks_engine.services.receipt_reasons import condition, decided, received
from perks_engine.services.records import ClaimRecord, Decision, PersonCard

BORN_ON = "born_on"
_AGE = AgeIn(About(BORN_ON, "an age", shown=False), low=ADULT)


@dataclass(frozen=True, slots=True)
class PromotionGate:
    atlas: Atlas

    def decide(
        self, tx: Transaction, claim: ClaimRecord, campaign: Campaign, channel: str, now: datetime
    ) -> Decision:
        """Not yet recorded. The caller holds the person and the unit still, so that it stays true until the
        transaction ends."""
        card = tx.people.card(claim.person_id)
        known = tx.people.evidence(claim.person_id) if card else []
        born = tuple(fact for fact in known if fact.attribute == BORN_ON)
        children = (
            _allowed(campaign),
            *received(tx, claim.claim_id, PROMOTION),
            _consented(tx, claim.person_id, channel),
            self.grown_up(claim.person_id, born, now),
            _named(card),
        )
        return decided(claim, PROMOTION, children, now, born)

    def grown_up(self, person_id: str, born: tuple[Evidence, ...], now: datetime) -> Reason:
        """Minors never, and nobody whose age is not known."""
        found = judge(_AGE, Person(person_id, born), now, self.atlas)
        change = phrase("A birth date on record that says so.") if found.mark is Mark.UNKNOWN else None
        return Reason(
            CONDITION,
            found.mark,
            "promotion.age",
            phrase("a person of at least {age} years", age=ADULT),
            found.actual,
            change,
            attribute=BORN_ON,
            shown=False,
        )


def shown_name(card: PersonCard | None) -> str:
    """What a promotion calls somebody; empty where nothing is on record."""
    return (card.name or card.handle or "") if card else ""


def _allowed(campaign: Campaign) -> Reason:
    return condition(
        campaign.promotion_allowed,
        "promotion.campaign",
        phrase("a campaign whose recipients may be promoted"),
        phrase("it allows it") if campaign.promotion_allowed else phrase("it does not allow it"),
        phrase("Nothing, for this claim: it was made under a version that does not allow it."),
    )


def _consented(tx: Transaction, person_id: str, channel: str) -> Reason:
    latest = latest_acts(tx.consents.acts(person_id)).get((LIKENESS, channel))
    is_given = latest is not None and latest.given
    if latest is None:
        actual = phrase("they were never asked, or did not answer")
    elif latest.given:
        actual = phrase("they said yes on {day}", day=day_in_words(latest.acted_at))
    else:
        actual = phrase("they said no on {day}", day=day_in_words(latest.acted_at))
    return condition(
        is_given,
        "promotion.consent",
        phrase("the person's consent to the use of name and likeness on {channel}", channel=word(channel)),
        actual,
        phrase("Only the person can say yes. No perk may depend on it."),
    )


def _named(card: PersonCard | None) -> Reason:
    return condition(
        bool(shown_name(card)),
        "promotion.name",
        phrase("a name or a handle on record"),
        phrase("there is one") if shown_name(card) else phrase("there is none"),
        phrase("The person would have to give one."),
    )
