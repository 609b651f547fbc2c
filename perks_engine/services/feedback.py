"""What a recipient says about what they received: an optional rating, words and pictures, each of which can
be changed and taken back. Nothing here looks at what was said (16 CFR 465.4): every answer goes the same way.

Saying something new needs the gate: a receipt on the ledger, undisputed, and a consent that holds. Looking
at one's own answer and taking it back never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.consent import Through
from perks_engine.domain.phrase import said
from perks_engine.services.consents import Consents, Speaker
from perks_engine.services.editions import ANY, Seen, edition
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.feedback_records import FEEDBACK, RATINGS, FeedbackAct, FeedbackVersion
from perks_engine.services.links import Links
from perks_engine.services.once import retried
from perks_engine.services.picture_records import Picture, PictureUse
from perks_engine.services.pictures import Pictures, picture_view
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.recipients import WORDS, has_agreed, hindrance
from perks_engine.services.records import ClaimOutcome, ClaimRecord
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view

LINK_PATH = "/v1/feedback-links"
LINK = "perks-engine feedback links 1"
LONGEST_WORDS = 5_000
MOST_PICTURES = 6
MOST_VERSIONS = 200
"""Of one answer; a person changes their mind less often."""


@dataclass(frozen=True, slots=True)
class Own:
    """A person about their own claim: signed in, or by the link of a letter."""

    person_id: str
    claim_id: str
    through: Through = Through.OWN


@dataclass(frozen=True, slots=True)
class Feedback:
    store: Store
    versions: Versions
    pictures: Pictures
    links: Links
    consents: Consents
    clock: Clock

    def by_link(self, link: str) -> Own:
        """Whose answer a link opens. Raises `NotFoundError`, alike for what is no link, has expired, or is of
        somebody who is no longer on record."""
        told = self.links.opened(LINK, link)
        if told is not None and datetime.fromisoformat(told["until"]) > self.clock():
            with self.store.read() as tx:
                claim = tx.claims.get(told["claim"])
                if claim is not None and tx.people.card(claim.person_id) is not None:
                    return Own(claim.person_id, claim.claim_id, Through.LINK)
        raise NotFoundError("feedback.link", "this link is none, or it is no longer good")

    def show(self, own: Own) -> View:
        """What I said so far, and whether I can say more, with the reason where I cannot."""
        with self.store.read() as tx:
            return self._view(tx, _own_grant(tx, own))

    def say(self, own: Own, rating: int | None, words: str, seen: Seen = ANY) -> View:
        """Answer, or change what was answered; no `rating` clears it. What says the same again is no change.

        Raises `InvalidInputError`, `RefusedError` where the gate does not let it through, and `StaleError`
        where it was changed since the person saw it.
        """
        words = words.replace("\r\n", "\n").strip()
        if rating is not None and rating not in RATINGS:
            raise InvalidInputError("feedback.rating", f"a rating is 1 to {RATINGS[-1]}, or none at all")
        if len(words) > LONGEST_WORDS:
            raise InvalidInputError(
                "feedback.text", f"it has {len(words):,} characters; {LONGEST_WORDS:,} at most"
            )

        def write(tx: Transaction) -> None:
            claim = self._let_through(tx, own)
            seen.require(lambda: feedback_edition(self._view(tx, claim)))
            said = tx.feedback.versions(claim.claim_id)
            before = said[-1] if said else None
            if before is None and rating is None and not words:
                return
            was = (before.act, before.rating, before.words or "") if before else None
            if was != (_ANSWERED, rating, words):
                self._append(tx, own, said, _ANSWERED, rating, words)

        return self._written(own, write)

    def withdraw(self, own: Own, seen: Seen = ANY) -> View:
        """Take back what was said, the pictures as well; always possible. That something was said, and taken
        back, stays on record. Raises `StaleError` as `say` does."""

        def write(tx: Transaction) -> None:
            claim = _own_grant(tx, own)
            tx.ledger.held_still(claim.claim_id)
            seen.require(lambda: feedback_edition(self._view(tx, claim)))
            said = tx.feedback.versions(claim.claim_id)
            for picture in tx.pictures.of_claims([claim.claim_id], PictureUse.FEEDBACK):
                self.pictures.remove(tx, picture)
            if said and said[-1].act is _ANSWERED:
                self._append(tx, own, said, FeedbackAct.WITHDRAWN, None, "")

        return self._written(own, write)

    def give_picture(self, own: Own, data: bytes) -> View:
        """Raises what `Pictures.give` does, and `RefusedError` where the gate does not let it through."""

        def allow(tx: Transaction) -> ClaimRecord:
            claim = self._let_through(tx, own)
            said = tx.feedback.versions(claim.claim_id)
            if not said or said[-1].act is not _ANSWERED:
                self._append(tx, own, said, _ANSWERED, None, "")
            return claim

        with self.store.write() as tx:  # for it locks, and writes nothing
            self._require_open(tx, own)  # it takes seconds to decode: not from who may give none
        by = f"person {own.person_id}"
        return picture_view(self.pictures.give(data, PictureUse.FEEDBACK, by, MOST_PICTURES, allow))

    def remove_picture(self, own: Own, picture_id: str) -> None:
        """Take one back; always possible. Raises `NotFoundError`."""
        with self.store.write() as tx:
            _own_grant(tx, own)
            self.pictures.remove(tx, _of_claim(tx, own.claim_id, picture_id))

    def take_picture(self, own: Own, picture_id: str) -> tuple[Picture, bytes]:
        with self.store.read() as tx:
            _own_grant(tx, own)
            found = _of_claim(tx, own.claim_id, picture_id)
        return found, self.pictures.bytes_of(found)

    def stop(self, own: Own, origin: str) -> None:
        """Never be asked again: a no to the purpose by e-mail, as any other withdrawal."""
        how = said("used the link of a letter that asked for feedback")
        speaker = Speaker(own.person_id, own.through, f"person {own.person_id}", how, origin)
        self.consents.withdraw(speaker, FEEDBACK, "email")

    def _let_through(self, tx: Transaction, own: Own) -> ClaimRecord:
        # An erasure that is under way is waited for; one that comes now waits, and finds what is said here.
        tx.consents.lock(own.person_id)
        return self._require_open(tx, own)

    def _require_open(self, tx: Transaction, own: Own) -> ClaimRecord:
        claim = _own_grant(tx, own)
        why = hindrance(tx, tx.ledger.held_still(claim.claim_id))
        if why is None and not has_agreed(tx, own.person_id, FEEDBACK):
            why = "no_consent"
        if why is not None:
            raise RefusedError(f"feedback.{why}", f"{WORDS[why]}; so nothing is asked, and nothing was kept")
        return claim

    def _append(
        self,
        tx: Transaction,
        own: Own,
        said: Sequence[FeedbackVersion],
        act: FeedbackAct,
        rating: int | None,
        words: str,
    ) -> None:
        if len(said) >= MOST_VERSIONS and act is _ANSWERED:
            raise RefusedError(
                "feedback.too_often", f"it was changed {MOST_VERSIONS} times, which is as often as may be"
            )
        through = own.through.value
        kept = (rating, bool(words), words or None, through, self.clock())
        tx.feedback.append(FeedbackVersion(own.claim_id, len(said) + 1, act, *kept))

    def _written(self, own: Own, write: Callable[[Transaction], None]) -> View:
        def once() -> None:
            with self.store.write() as tx:
                write(tx)

        try:
            retried(once)
        except KeyTakenError:
            retried(once)
        return self.show(own)

    def _view(self, tx: Transaction, claim: ClaimRecord) -> View:
        holding = tx.ledger.holding(claim.claim_id)
        why = hindrance(tx, holding)
        if why is None and not has_agreed(tx, claim.person_id, FEEDBACK):
            why = "no_consent"
        campaign = self.versions.get(claim.version, tx)
        said = tx.feedback.versions(claim.claim_id)
        now = said[-1] if said and said[-1].act is _ANSWERED else None
        asked = tx.feedback.asked(claim.claim_id)
        pictures = tx.pictures.of_claims([claim.claim_id], PictureUse.FEEDBACK)
        view: View = {
            "claim": claim.claim_id,
            "campaign": claim.campaign,
            "brand": campaign.brand,
            "perk": campaign.perk.name,
            "asked_at": instant_view(asked.asked_at) if asked else None,
            "open": why is None,
            "rating": now.rating if now else None,
            "text": (now.words or "") if now else "",
            "pictures": [picture_view(one) for one in pictures],
            "history": [version_view(one) for one in said],
        }
        return view if why is None else view | {"because": WORDS[why], "code": f"feedback.{why}"}


_ANSWERED = FeedbackAct.ANSWERED


def feedback_edition(view: View) -> str:
    """Of what a person says, not of whether they can say more by now."""
    return edition([view["claim"], view["history"], [one["picture"] for one in view["pictures"]]])


def version_view(version: FeedbackVersion) -> Mapping[str, Any]:
    return {
        "version": version.number,
        "act": version.act.value,
        "rating": version.rating,
        "text": version.words or "",
        "through": version.through,
        "said_at": instant_view(version.said_at),
    }


def _own_grant(tx: Transaction, own: Own) -> ClaimRecord:
    claim = tx.claims.get(own.claim_id)
    if claim is None or claim.person_id != own.person_id:
        raise NotFoundError("claim.unknown", f"you have no claim {own.claim_id}")
    if claim.outcome is not ClaimOutcome.GRANTED:
        raise RefusedError("claim.refused", "this claim was refused, so there is nothing to say about it")
    return claim


def _of_claim(tx: Transaction, claim_id: str, picture_id: str) -> Picture:
    found = tx.pictures.of_claims([claim_id], PictureUse.FEEDBACK)
    for picture in found:
        if picture.picture_id == picture_id:
            return picture
    raise NotFoundError("picture.unknown", f"the answer has no picture {picture_id}")
