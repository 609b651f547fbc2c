"""The gate in front of whatever is said to a recipient about what they received: what the ledger, the
disputes and the consents hold at that moment, looked at when a letter is queued, again when it goes out, and
when a link in it is opened."""

from __future__ import annotations

from perks_engine.domain.fulfillment import Account
from perks_engine.domain.phrase import said
from perks_engine.services.ports import Transaction
from perks_engine.services.records import Holding

WORDS = {
    "not_received": said("the record does not show that you have it"),
    "disputed": said("you object to the record that you received it, and that is not settled yet"),
    "no_consent": said("you did not agree to be asked, or you do not any more"),
}
"""Why nobody is asked, in the words for that person, by the last part of its code."""


def hindrance(tx: Transaction, holding: Holding | None) -> str | None:
    """Why a unit is none that its recipient may be written to about: `not_received` or `disputed`, else
    None."""
    if holding is None or holding.account is not Account.RECIPIENT:
        return "not_received"
    return "disputed" if tx.disputes.open_on(holding.claim_id) is not None else None


def still_on_its_way(tx: Transaction, claim_id: str | None) -> str | None:
    """Why a letter that says that the unit of a claim was sent must not go out now, None where it may."""
    holding = tx.ledger.holding(claim_id) if claim_id else None
    is_on_its_way = holding is not None and holding.account is Account.IN_TRANSIT
    return None if is_on_its_way else said("the unit is no longer on its way")


def has_agreed(tx: Transaction, person_id: str, purpose: str) -> bool:
    """Whether a yes for that purpose, by whatever channel, holds."""
    return any(act.purpose == purpose for act in tx.people.live_consents(person_id))


def still_received(tx: Transaction, claim_id: str | None) -> str | None:
    """Why a letter about the unit of a claim must not go out now, None where it may; the unit is held still
    until the transaction ends."""
    if claim_id is None:
        return "it says of no unit"
    return {
        None: None,
        "not_received": "the unit is no longer with the person",
        "disputed": "the person disputes that they received it",
    }[hindrance(tx, tx.ledger.held_still(claim_id))]
