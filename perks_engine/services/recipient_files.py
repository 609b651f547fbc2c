"""The whole file of one recipient: what the claim rests on, how they were instructed, what proves that they
received it, where they disclosed, what was seen of it and what was done about it (16 CFR 255.1(d))."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perks_engine.domain.phrase import phrase
from perks_engine.domain.reasons import CONDITION, NOT, Reason
from perks_engine.domain.verdict import negate
from perks_engine.services.access import Actor, Permission
from perks_engine.services.disclosing import NOT_SHOWN
from perks_engine.services.dispute_records import Whose
from perks_engine.services.dispute_views import dispute_view
from perks_engine.services.errors import NotFoundError
from perks_engine.services.judgement_records import SoughtPosts
from perks_engine.services.judging import Judging, judgement_view
from perks_engine.services.list_views import instruction_view
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import ClaimRecord, Entry
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, claim_view, instant_view

MOST = 1_000


@dataclass(frozen=True, slots=True)
class RecipientFiles:
    store: Store
    versions: Versions
    judging: Judging
    clock: Clock

    def of(self, actor: Actor, claim_id: str) -> View:
        """Raises `NotFoundError` for a claim of another brand, as for none."""
        actor.require(Permission.EXPORT_DISCLOSURES)
        with self.store.read() as tx:
            claim = tx.claims.get(claim_id)
            record = tx.campaigns.get(claim.campaign) if claim else None
            if claim is None or record is None or not actor.may(Permission.EXPORT_DISCLOSURES, record.brand):
                raise NotFoundError(
                    "claim.unknown", phrase("there is no claim {claim_id} of your brands", claim_id=claim_id)
                )
            return {
                **self._head(tx, actor, claim),
                "entries": [entry_view(one) for one in tx.ledger.entries(claim_id)],
                "decision": _decision(tx, claim),
                "instruction": _instruction(tx, claim_id),
                "posts": self._posts(tx, claim_id),
                "letters": _letters(tx, claim),
                "disputes": self._disputes(tx, claim),
            }

    def _head(self, tx: Transaction, actor: Actor, claim: ClaimRecord) -> View:
        campaign = self.versions.get(claim.version, tx)
        card = tx.people.card(claim.person_id)
        shows_names = actor.may(Permission.SEE_LEGAL_NAMES, campaign.brand)
        return {
            **claim_view(claim),
            "brand": campaign.brand,
            "title": campaign.title,
            "item": campaign.perk.name,
            "fair_market_value": campaign.perk.fair_market_value,
            "connection": campaign.disclosure.connection.value,
            "handle": card.handle if card else None,
            "legal_name": (card.name if card else None) if shows_names else NOT_SHOWN,
            "is_on_record": card is not None,
        }

    def _posts(self, tx: Transaction, claim_id: str) -> list[View]:
        found = tx.judgements.posts(SoughtPosts(claim_id=claim_id), None, MOST)
        return [
            {
                **self.judging.view(one),
                "history": [judgement_view(each) for each in tx.judgements.history(one.post_id)],
            }
            for one in found
        ]

    def _disputes(self, tx: Transaction, claim: ClaimRecord) -> list[View]:
        found = tx.disputes.find(Whose(person_id=claim.person_id), None, MOST)
        now = self.clock()
        return [
            dispute_view(one, tx.disputes.files(one.dispute_id), now, is_staff=True)
            for one in found
            if one.opening.claim_id == claim.claim_id
        ]


def entry_view(entry: Entry) -> View:
    return {
        "entry": entry.entry_id,
        "move": entry.move.value,
        "to": entry.target.value,
        "occurred_at": instant_view(entry.occurred_at),
        "recorded_at": instant_view(entry.recorded_at),
        "by": entry.recorded_by,
        "evidence": entry.evidence,
        "reference": entry.reference,
        "carrier": entry.carrier,
        "note": entry.note,
        "corrects": entry.corrects,
    }


def _decision(tx: Transaction, claim: ClaimRecord) -> View | None:
    """Each condition and what became of it; what was found of the person stays with the decision."""
    found = tx.claims.decision(claim.decision_id)
    if found is None:
        return None
    asked = list(_conditions(found.reason, negated=False))
    return {"verdict": found.verdict.value, "at": instant_view(found.decided_at), "conditions": asked}


def _conditions(reason: Reason, negated: bool) -> Iterator[View]:
    """Those below a `not` as what is asked of the person."""
    if reason.node == CONDITION:
        required = phrase("none of this: {what}", what=reason.required) if negated else reason.required
        mark = negate(reason.mark) if negated else reason.mark
        yield {"required": required, "mark": mark.value}
    for child in reason.children:
        yield from _conditions(child, negated ^ (reason.node == NOT))


def _instruction(tx: Transaction, claim_id: str) -> View | None:
    message = tx.instructing.instruction(claim_id)
    if message is None:
        return None
    return instruction_view(message, tx.instructing.acknowledgements([claim_id]).get(claim_id))


def _letters(tx: Transaction, claim: ClaimRecord) -> list[View]:
    return [
        {"kind": one.kind, "subject": one.subject, "at": instant_view(one.created_at), "state": one.state}
        for one in tx.outbox.of_person(claim.person_id)
        if one.claim_id == claim.claim_id
    ]
