"""Whether a failing post is mended, by what is known of it."""

from __future__ import annotations

from datetime import datetime

from perks_engine.services.judgement_records import RemedyStep, SoughtPosts
from perks_engine.services.ports import Transaction
from perks_engine.services.recipients import still_received

MOST_POSTS = 1_000


def mended(tx: Transaction, claim_id: str, url: str, now: datetime) -> None:
    """The person gives an address again that they were asked to mend: that is their word that it is mended,
    and somebody looks again."""
    tx.ledger.held_still(claim_id)
    post = tx.judgements.post_at(claim_id, url)
    if post is not None and post.latest is not None and post.is_to_be_mended:
        tx.judgements.take(post.latest.judgement_id, RemedyStep.FIXED, None, now)


def still_to_be_mended(tx: Transaction, claim_id: str | None) -> str | None:
    """Why a letter that asks for a fix must not go out any more, None where it may."""
    why_not = still_received(tx, claim_id)
    if why_not is not None or claim_id is None:
        return why_not
    posts = tx.judgements.posts(SoughtPosts(claim_id=claim_id), None, MOST_POSTS)
    return None if any(post.is_to_be_mended for post in posts) else "nothing is to be mended any more"


def still_without_a_post(tx: Transaction, claim_id: str | None) -> str | None:
    """Why a reminder to disclose must not go out any more, None where it may."""
    why_not = still_received(tx, claim_id)
    if why_not is not None or claim_id is None:
        return why_not
    return "a post is on record" if tx.instructing.sightings([claim_id]) else None
