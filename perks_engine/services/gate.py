"""The gate: the one way to a grant, a promotion, a message or a survey.

What a person is shown as open to them and what a claim decides are this same call, on the same
version, evidence and moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign, CampaignState
from perks_engine.domain.consent import ConsentAct, live_consents
from perks_engine.domain.evidence import REGISTER, EarlierReceipt, Evidence, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.verdict import Mark
from perks_engine.domain.words import day_in_words, span_phrase
from perks_engine.services.errors import NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Transaction
from perks_engine.services.records import CampaignRecord, ClaimFacts, Decision
from perks_engine.services.versions import Versions
from perks_engine.services.watching import UNWATCHED, Watch

CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Gate:
    versions: Versions
    atlas: Atlas
    watch: Watch = UNWATCHED

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
        return self.judge(person_id, tx.claims.facts(person_id, campaign.name), version, purpose, now)

    def judge(
        self, person_id: str, facts: ClaimFacts, version: Campaign, purpose: str, now: datetime
    ) -> Decision:
        """The decision that these facts come to; `version` is the live one of `facts.campaign`."""
        record = facts.campaign
        if record is None or record.version is None:
            raise NotFoundError("campaign.unknown", f"there is no campaign {version.name}")
        if facts.card is None:
            raise _unknown_person(person_id)
        live = live_consents(facts.consents)
        person = _as_known(person_id, facts.evidence, live, facts.receipts, now)
        with self.watch.span("decide", campaign=record.name, version=record.version, purpose=purpose):
            reason = explain(version.eligibility, person, now, self.atlas)
        return Decision(
            decision_id=new_id("dec", now),
            person_id=person_id,
            campaign=record.name,
            version=record.version,
            purpose=purpose,
            verdict=reason.verdict,
            reason=reason,
            standing=tuple(_standing(facts, record, version, now)),
            evidence=person.evidence,
            decided_at=now,
        )


def _standing(
    facts: ClaimFacts, record: CampaignRecord, campaign: Campaign, now: datetime
) -> Iterator[Reason]:
    """What stands in the way besides the rule: the campaign's state, its stock, the person's share."""
    closed = _not_open(record, campaign, now)
    if closed is not None:
        yield closed
    if facts.units_had >= campaign.perk.per_person:
        yield allowance_spent(campaign)
    elif not facts.has_free_unit:
        yield out_of_stock(campaign)


def known_person(tx: Transaction, person_id: str, now: datetime) -> Person:
    """The person with all evidence and the engine's own registers; raises `NotFoundError`."""
    if tx.people.card(person_id) is None:
        raise _unknown_person(person_id)
    facts, consents = tx.people.evidence(person_id), tx.people.live_consents(person_id)
    return _as_known(person_id, facts, consents, tx.people.receipts(person_id), now)


def _as_known(
    person_id: str,
    facts: Iterable[Evidence],
    consents: Iterable[ConsentAct],
    receipts: Iterable[EarlierReceipt],
    now: datetime,
) -> Person:
    purposes = frozenset(act.purpose for act in consents if act.acted_at <= now)
    registers = (
        Evidence("opted_in", purposes, REGISTER, now),
        Evidence("earlier_receipts", tuple(receipts), REGISTER, now),
    )
    return Person(person_id, (*facts, *registers))


def _unknown_person(person_id: str) -> NotFoundError:
    return NotFoundError("person.unknown", f"nobody is on record as {person_id}")


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
            span=span_phrase(campaign.perk.reservation),
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
