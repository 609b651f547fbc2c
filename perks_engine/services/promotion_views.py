"""Promotions as plain data: for staff, and for whom they are about."""

from __future__ import annotations

from perks_engine.services.ports import Transaction
from perks_engine.services.promotion_records import Promotion
from perks_engine.services.views import View, instant_view


def promotion_view(found: Promotion) -> View:
    """`text` is None once erasure has deleted it."""
    return {
        "promotion": found.promotion_id,
        "claim": found.claim_id,
        "brand": found.brand,
        "campaign": found.campaign,
        "channel": found.channel,
        "publisher": found.publisher,
        "state": found.state.value,
        "text": found.words or None,
        "disclosure": found.disclosure,
        "text_hash": found.text_hash,
        "place": found.place or None,
        "asked_at": instant_view(found.asked_at),
    }


def story_view(tx: Transaction, found: Promotion, own: bool = False) -> View:
    """With what became of it, and who was told. Whom it is about is not told who of a brand's staff did what;
    they get the salt, with which the hash can be checked."""
    history: list[View] = []
    for event in tx.promotions.events(found.promotion_id):
        one: View = {
            "act": event.act.value,
            "cause": event.cause.value,
            "at": instant_view(event.acted_at),
        }
        history.append(one if own else one | {"by": event.acted_by})
    told: list[View] = []
    for telling in tx.promotions.told(found.promotion_id):
        one = {
            "publisher": telling.publisher,
            "at": instant_view(telling.told_at),
            "text_hash": telling.text_hash,
        }
        told.append(one if own else one | {"by": telling.told_by})
    view = promotion_view(found) | {"decision": found.decision_id, "history": history, "told": told}
    return view | {"salt": found.salt or None} if own else view
