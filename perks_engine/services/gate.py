"""The gate: the one way to a grant, a promotion, a message or a survey.

What a person is shown as open to them and what a claim decides are this same call, on the same
version, evidence and moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign, CampaignState
from perks_engine.domain.evidence import REGISTER, Evidence, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.verdict import Mark
from perks_engine.domain.words import age_in_words, day_in_words
from perks_engine.services.errors import NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Transaction
from perks_engine.services.records import CampaignRecord, Decision
from perks_engine.services.versions import Versions

CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Gate:
    versions: Versions
    atlas: Atlas

    def decide(
        self, tx: Transaction, person_id: str, campaign: CampaignRecord, purpose: str, now: datetime
    ) -> Decision:
        """The decision about one person under the campaign's live version at `now` (aware).

        It is not yet recorded. Raises `NotFoundError` for an unknown person or a campaign that has
        no live version.
        """
        if campaign.version is None:
            raise NotFoundError("campaign.unknown", f"there is no campaign {campaign.name}")
        version = self.versions.get(campaign.version, tx)
        person = known_person(tx, person_id, now)
        return Decision(
            decision_id=new_id("dec", now),
            person_id=person_id,
            campaign=campaign.name,
            version=campaign.version,
            purpose=purpose,
            verdict=(reason := explain(version.eligibility, person, now, self.atlas)).verdict,
            reason=reason,
            standing=tuple(self._standing(tx, person_id, campaign, version, now)),
            evidence=person.evidence,
            decided_at=now,
        )

    def _standing(
        self, tx: Transaction, person_id: str, record: CampaignRecord, campaign: Campaign, now: datetime
    ) -> list[Reason]:
        """What stands in the way besides the rule: the campaign's state, its stock, the person's share."""
        hindrances: list[Reason] = []
        closed = _not_open(record, campaign, now)
        if closed is not None:
            hindrances.append(closed)
        if tx.ledger.units_had(record.name, person_id) >= campaign.perk.per_person:
            hindrances.append(allowance_spent(campaign))
        elif tx.ledger.free_units(record.name) < 1:
            hindrances.append(out_of_stock(campaign))
        return hindrances


def known_person(tx: Transaction, person_id: str, now: datetime) -> Person:
    """The person with all evidence and the engine's own registers; raises `NotFoundError`."""
    if tx.people.card(person_id) is None:
        raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
    facts = tx.people.evidence(person_id)
    consents = [act for act in tx.people.live_consents(person_id) if act.acted_at <= now]
    purposes = frozenset(act.purpose for act in consents)
    facts.append(Evidence("opted_in", purposes, REGISTER, now))
    facts.append(Evidence("earlier_receipts", tuple(tx.people.receipts(person_id)), REGISTER, now))
    return Person(person_id, tuple(facts))


def _not_open(record: CampaignRecord, campaign: Campaign, now: datetime) -> Reason | None:
    window = campaign.window
    if record.state is CampaignState.CLOSED or window.is_over(now):
        closed_at = day_in_words(window.closes_at)
        return _hindrance(
            "campaign.closed",
            phrase("an open campaign"),
            phrase("it closed on {day}", day=closed_at) if window.is_over(now) else phrase("it was closed"),
            phrase("It is over; nothing would change that."),
        )
    if record.state is CampaignState.PAUSED:
        return _hindrance(
            "campaign.paused",
            phrase("an open campaign"),
            phrase("it is paused while something is checked"),
            phrase("Try again later; nothing is lost by waiting."),
        )
    if record.state is not CampaignState.OPEN or not window.has_begun(now):
        opens = window.opens_at.strftime("%Y-%m-%d %H:%M UTC")
        return _hindrance(
            "campaign.not_open_yet",
            phrase("an open campaign"),
            phrase("it opens on {moment}", moment=opens),
            phrase("Come back then."),
        )
    return None


def out_of_stock(campaign: Campaign) -> Reason:
    return _hindrance(
        "stock.exhausted",
        phrase("a unit in stock"),
        phrase("all {count} are taken", count=campaign.perk.quantity),
        phrase(
            "A unit comes back when a reservation runs out after {span} or is cancelled.",
            span=age_in_words(campaign.perk.reservation),
        ),
    )


def allowance_spent(campaign: Campaign) -> Reason:
    return _hindrance(
        "limit.reached",
        phrase("at most {count} for each person", count=campaign.perk.per_person),
        phrase("you have had yours"),
        phrase("Nothing: this is the most that one person can have."),
    )


def _hindrance(code: str, required: Phrase, actual: Phrase, change: Phrase) -> Reason:
    return Reason(CONDITION, Mark.NOT_MET, code, required, actual, change, attribute=code.partition(".")[0])
