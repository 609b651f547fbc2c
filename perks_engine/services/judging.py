"""What staff saw of posts (16 CFR 255.1(d): the advertiser monitors, and acts). A post that does not disclose
clearly opens a remedy: the person is asked to mend it, and where nothing is mended in time the brand hears
of it. A later post, their word that it is mended, or another judgement closes it.

Nothing is sent to who gave the item back or disputes that they received it. What a post says of the product
is nobody's matter here: only how it discloses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from perks_engine.domain.disclosing_failures import WORDS, Failure
from perks_engine.domain.phrase import phrase, word
from perks_engine.services.access import Actor, Permission
from perks_engine.services.disclosing import require_on_record
from perks_engine.services.editions import ANY, edition
from perks_engine.services.editions import Seen as Looked
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.judgement_letters import JudgementLetters
from perks_engine.services.judgement_records import (
    Judgement,
    Outcome,
    Post,
    PostState,
    RemedyStep,
    SoughtPosts,
)
from perks_engine.services.list_records import Chosen
from perks_engine.services.once import once, retried
from perks_engine.services.picture_records import PictureUse
from perks_engine.services.pictures import Pictures, picture_view
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.recipients import hindrance
from perks_engine.services.records import ClaimRecord
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view

BATCH = 100
LONGEST_NOTE = 2_000
MOST_PICTURES = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw: how clear the disclosure is, where it fails, and with which screenshot."""

    outcome: Outcome
    failures: tuple[Failure, ...] = ()
    note: str = ""
    picture_id: str | None = None


@dataclass(frozen=True, slots=True)
class Judging:
    """`time_to_fix` is how long a person has, before the brand hears of it."""

    store: Store
    versions: Versions
    pictures: Pictures
    letters: JudgementLetters
    time_to_fix: timedelta
    clock: Clock

    def posts(
        self,
        actor: Actor,
        brand: str | None,
        campaign: str | None,
        state: PostState | None,
        after: int | None,
        limit: int,
    ) -> list[View]:
        """Posts of the brands that the actor reaches. Raises `ForbiddenError`, and `NotFoundError` for a
        brand or a campaign that is not on record."""
        actor.require(Permission.EXPORT_DISCLOSURES, brand)
        brands = actor.reach if brand is None else [brand]
        with self.store.read() as tx:
            require_on_record(tx, Chosen(brand, campaign), actor.reach)
            found = tx.judgements.posts(SoughtPosts(brands, campaign, state=state), after, limit)
        return [self.view(one) for one in found]

    def own(self, person_id: str, claim_id: str) -> list[View]:
        """What is on record of a person's own posts for a claim, and what was seen of them."""
        with self.store.read() as tx:
            claim = tx.claims.get(claim_id)
            if claim is None or claim.person_id != person_id:
                raise NotFoundError(
                    "claim.unknown", phrase("you have no claim {claim_id}", claim_id=claim_id)
                )
            return [
                self.view(one) for one in tx.judgements.posts(SoughtPosts(claim_id=claim_id), None, 1_000)
            ]

    def show(self, actor: Actor, post_id: int) -> View:
        """One post with every judgement of it; raises `NotFoundError`."""
        with self.store.read() as tx:
            post = _reached(tx, actor, post_id, Permission.EXPORT_DISCLOSURES)
            history = tx.judgements.history(post_id)
            pictures = tx.pictures.of_claims([post.claim_id], PictureUse.JUDGEMENT)
        return self.view(post) | {
            "history": [judgement_view(one) for one in history],
            "pictures": [picture_view(one) for one in pictures],
        }

    def give_picture(self, actor: Actor, post_id: int, data: bytes) -> View:
        """Keep a screenshot of a post, to be named in a judgement. Raises what `Pictures.give` does."""

        def allow(tx: Transaction) -> ClaimRecord:
            claim = tx.claims.get(_reached(tx, actor, post_id, Permission.JUDGE_POSTS).claim_id)
            if claim is None:
                raise NotFoundError("post.unknown", phrase("there is no post {post_id}", post_id=post_id))
            return claim

        with self.store.read() as tx:
            allow(tx)  # it takes seconds to decode: not from who may give none
        given = self.pictures.give(data, PictureUse.JUDGEMENT, actor.name, MOST_PICTURES, allow)
        return picture_view(given)

    def judge(
        self, actor: Actor, post_id: int, seen: Seen, key: str, looked: Looked = ANY
    ) -> Mapping[str, Any]:
        """Record what was seen. A failing post opens a remedy, where the unit is held and undisputed.

        Raises `InvalidInputError` for a failing one without a reason, `NotFoundError` for a post or a picture
        that is not there, and `ForbiddenError` for a service: that a disclosure is clear is what a human saw.
        `StaleError` where somebody judged it since one looked.
        """
        actor.require(Permission.JUDGE_POSTS)
        actor.require_human(phrase("to judge a post"))
        _require_reasons(seen)
        now = self.clock()

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            # Looked at again under a lock: an erasure waits, and finds what is noted here; or was first.
            tx.consents.lock(_reached(tx, actor, post_id, Permission.JUDGE_POSTS).person_id)
            post = _reached(tx, actor, post_id, Permission.JUDGE_POSTS)
            looked.require(lambda: post_edition(self.view(post)))
            if seen.picture_id is not None:
                picture = tx.pictures.get(seen.picture_id)
                if picture is None or picture.claim_id != post.claim_id or picture.kept_at is None:
                    raise NotFoundError(
                        "picture.unknown",
                        phrase(
                            "the post {post_id} has no picture {picture_id}",
                            post_id=post_id,
                            picture_id=seen.picture_id,
                        ),
                    )
            why = hindrance(tx, tx.ledger.held_still(post.claim_id))
            judgement = Judgement(
                new_id("jdg", now),
                *(post_id, post.claim_id, seen.outcome, seen.failures, seen.note.strip() or None),
                *(seen.picture_id, actor.name, now),
            )
            tx.judgements.add(judgement)
            if seen.outcome is Outcome.FAIL and why is None:
                self._ask_for_a_fix(tx, post, judgement, now)
            after = tx.judgements.post(post_id)
            # An answer is kept under its key, so that it holds nothing that was written of a person.
            answer = {"post": post_id, "judgement": judgement.judgement_id, "outcome": seen.outcome.value}
            answer["fix_asked"] = after is not None and after.asked_at is not None
            keep(answer)
            return answer

        request = {"operation": "judge", "post": post_id, **judged_view(seen)}
        return once(self.store, f"staff:{actor.name}", key, request, now, work)

    def _ask_for_a_fix(self, tx: Transaction, post: Post, judgement: Judgement, now: datetime) -> None:
        card = tx.people.card(post.person_id)
        if card is None:
            return
        campaign = self.versions.get(post.version, tx)
        message_id = self.letters.ask(tx, card, post, judgement, campaign, now + self.time_to_fix, now)
        tx.judgements.take(judgement.judgement_id, RemedyStep.ASKED, message_id, now)

    def escalate(self) -> int:
        """Tell the brands' staff of failing posts that were not mended in time; returns how many."""
        now = self.clock()
        told, after = 0, None
        while told < BATCH:
            with self.store.read() as tx:
                late = tx.judgements.unmended(now - self.time_to_fix, after, BATCH)
            told += sum(self._escalate(post.post_id, now) for post in late)
            if len(late) < BATCH:
                break
            after = late[-1].post_id
        return told

    def _escalate(self, post_id: int, now: datetime) -> int:
        def write() -> int:
            with self.store.write() as tx:
                post = tx.judgements.post(post_id)
                if post is None or post.latest is None:
                    return 0
                tx.ledger.held_still(post.claim_id)
                post = tx.judgements.post(post_id)
                if post is None or post.latest is None or not _is_late(post, now - self.time_to_fix):
                    return 0
                campaign = self.versions.get(post.version, tx)
                message_id = self.letters.escalate(tx, post, post.latest, campaign, now)
                tx.judgements.take(post.latest.judgement_id, RemedyStep.ESCALATED, message_id, now)
                return 1

        try:
            return retried(write)
        except KeyTakenError:
            return 0  # another process was faster

    def view(self, post: Post) -> View:
        view: View = {
            "post": post.post_id,
            "claim": post.claim_id,
            "person": post.person_id,
            "handle": post.handle,
            "brand": post.brand,
            "campaign": post.campaign,
            "url": post.url,
            "seen_at": instant_view(post.seen_at),
            "reported_by": post.reported_by,
            "state": post.state.value,
            "held": post.is_held,
            "judgement": judgement_view(post.latest) if post.latest else None,
            "remedy": None,
        }
        if post.asked_at is not None:
            is_open = post.is_to_be_mended and post.is_held
            view["remedy"] = {
                "open": is_open,
                "asked_at": instant_view(post.asked_at),
                "due_at": instant_view(post.asked_at + self.time_to_fix),
                "fixed_at": instant_view(post.fixed_at),
                "later_post": post.is_followed,
                "escalated_at": instant_view(post.escalated_at),
            }
        return view


def post_edition(view: View) -> str:
    """Of what staff said of a post last."""
    judgement = view["judgement"]
    return edition([view["post"], judgement["judgement"] if judgement else None])


def judgement_view(judgement: Judgement) -> View:
    return {
        "judgement": judgement.judgement_id,
        "outcome": judgement.outcome.value,
        "failures": [one.value for one in judgement.failures],
        "why": [str(WORDS[one][0]) for one in judgement.failures],
        "note": judgement.note or "",
        "picture": judgement.picture_id,
        "judged_by": judgement.judged_by,
        "judged_at": instant_view(judgement.judged_at),
    }


def judged_view(seen: Seen) -> View:
    return {
        "outcome": seen.outcome.value,
        "failures": [one.value for one in seen.failures],
        "note": seen.note,
        "picture": seen.picture_id,
    }


def _is_late(post: Post, asked_before: datetime) -> bool:
    return (
        post.is_held
        and post.is_to_be_mended
        and post.escalated_at is None
        and post.asked_at is not None
        and post.asked_at <= asked_before
    )


def _require_reasons(seen: Seen) -> None:
    if seen.outcome is Outcome.FAIL and not seen.failures:
        raise InvalidInputError(
            "judgement.why",
            phrase(
                "say where a failing disclosure fails: one or more of {failure}",
                failure=word(", ".join(Failure)),
            ),
        )
    if seen.outcome is Outcome.PASS and seen.failures:
        raise InvalidInputError(
            "judgement.why", phrase("one that passes has no failures; name none, or say fail")
        )
    if Failure.OTHER in seen.failures and not seen.note.strip():
        raise InvalidInputError("judgement.note", phrase("`other` needs a note that says what is wrong"))
    if len(seen.note) > LONGEST_NOTE:
        raise InvalidInputError(
            "judgement.note",
            phrase("a note has {longest_note} characters at most", longest_note=float(LONGEST_NOTE)),
        )


def _reached(tx: Transaction, actor: Actor, post_id: int, permission: Permission) -> Post:
    actor.require(permission)
    post = tx.judgements.post(post_id)
    if post is None or not actor.may(permission, post.brand):
        raise NotFoundError("post.unknown", phrase("there is no post {post_id}", post_id=post_id))
    return post
