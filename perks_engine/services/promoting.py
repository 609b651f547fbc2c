"""Promotions: asked for at the gate, published, and taken back when what they rest on falls away.

What falls away takes them along by itself, in the database (`promotion_0001`). Here a brand asks for one,
says that it is out or taken down, and lets one fall by its own wish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.consent import Purposes
from perks_engine.domain.promotion import LIKENESS, LIVE, RECEIVED, Cause, PromotionState
from perks_engine.services.access import Actor, Permission
from perks_engine.services.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, DatabaseRefusedError, KeyTakenError, Store, Transaction
from perks_engine.services.promotion_gate import PromotionGate, shown_name
from perks_engine.services.promotion_records import (
    Fall,
    Promotion,
    PromotionEvent,
    Telling,
    WhichPromotions,
    hash_of,
    new_salt,
)
from perks_engine.services.promotion_views import promotion_view, story_view
from perks_engine.services.records import ClaimRecord, Decision
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, reasons_view, tree_view
from perks_engine.services.webhooks import check_publisher

LONGEST_PLACE = 500


class Pages(Protocol):
    def page(self, name: str, values: Mapping[str, Any], form: str = "html") -> str: ...


@dataclass(frozen=True, slots=True)
class Promoting:
    store: Store
    versions: Versions
    gate: PromotionGate
    purposes: Purposes
    pages: Pages
    clock: Clock

    def ask(self, actor: Actor, claim_id: str, channel: str, publisher: str, key: str | None = None) -> View:
        """Whether it may be shown: the verdict with its reasons, recorded as any decision; where it may, the
        words and the disclosure, which the publisher is told with this.

        Raises `NotFoundError` for a claim of another brand, `InvalidInputError` for a channel that nobody is
        asked about, and `ConflictError` where the same is live already.
        """
        actor.require(Permission.PROMOTE)
        self._check_channel(channel)
        check_publisher(publisher)
        now = self.clock()

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            answer = self._asked(tx, actor, claim_id, channel, publisher, now)
            keep(answer)
            return answer

        try:
            if key is None:
                with self.store.write() as tx:
                    answer = work(tx, lambda _answer: None)
            else:
                request = {
                    "operation": "promotion",
                    "claim": claim_id,
                    "channel": channel,
                    "publisher": publisher,
                }
                answer = once(self.store, f"staff:{actor.name}", key, request, now, work)
        except KeyTakenError as error:
            raise ConflictError("promotion.already", "the same was asked for at this moment") from error
        # The words are not kept with the answer: they are read, and an answer that is given again gives
        # them only while they may be shown.
        return {**answer, **self._words_of(answer)}

    def _words_of(self, answer: Mapping[str, Any]) -> View:
        if "promotion" not in answer:
            return {}
        with self.store.read() as tx:
            found = tx.promotions.get(str(answer["promotion"]))
        if found is None or found.state not in LIVE:
            return {"state": found.state.value} if found else {}
        return {"text": found.words, "state": found.state.value}

    def _asked(
        self,
        tx: Transaction,
        actor: Actor,
        claim_id: str,
        channel: str,
        publisher: str,
        now: datetime,
    ) -> View:
        claim = tx.claims.get(claim_id)
        record = tx.campaigns.get(claim.campaign) if claim else None
        if claim is None or record is None or not actor.may(Permission.PROMOTE, record.brand):
            raise NotFoundError("claim.unknown", f"there is no claim {claim_id} of your brands")
        tx.consents.lock(claim.person_id)
        if tx.ledger.holding(claim_id) is not None:
            tx.ledger.held_still(claim_id)
        same = WhichPromotions(claim_id=claim_id, publisher=publisher)
        for one in tx.promotions.find(same, 1_000):
            if one.channel == channel and one.state in LIVE:
                raise ConflictError(
                    "promotion.already",
                    f"{one.promotion_id} says the same on {channel} by {publisher}, and is {one.state}",
                    {"promotion": one.promotion_id},
                )
        campaign = self.versions.get(claim.version, tx)
        decision = self.gate.decide(tx, claim, campaign, channel, now)
        tx.claims.add_decision(decision)
        told: View = {
            "claim": claim_id,
            "channel": channel,
            "publisher": publisher,
            "decision": decision.decision_id,
            "verdict": decision.verdict.value,
            "reasons": reasons_view(decision.reason, decision.standing),
            "tree": tree_view(decision.reason),
        }
        if not decision.grants:
            return told
        made = self._made(tx, claim, campaign, decision, channel, publisher, actor.name)
        tx.promotions.add(made)
        tx.promotions.tell(Telling(made.promotion_id, publisher, actor.name, now, made.text_hash))
        view = promotion_view(made)
        del view["text"]
        return {**told, **view}

    def _made(
        self,
        tx: Transaction,
        claim: ClaimRecord,
        campaign: Campaign,
        decision: Decision,
        channel: str,
        publisher: str,
        by: str,
    ) -> Promotion:
        holding = tx.ledger.holding(claim.claim_id)
        contents = holding.contents if holding else None
        connection = campaign.disclosure.connection
        values = {
            "name": shown_name(tx.people.card(claim.person_id)),
            "did": RECEIVED[connection],
            "item": contents.named if contents else campaign.perk.name,
            "brand": campaign.brand,
            "connection": connection.value,
        }
        words, disclosure = (
            " ".join(self.pages.page(name, values, "txt").split())
            for name in ("promotion", "promotion_disclosure")
        )
        salt = new_salt()
        return Promotion(
            promotion_id=new_id("prm", decision.decided_at),
            claim_id=claim.claim_id,
            person_id=claim.person_id,
            brand=campaign.brand,
            campaign=claim.campaign,
            channel=channel,
            publisher=publisher,
            decision_id=decision.decision_id,
            disclosure=disclosure,
            text_hash=hash_of(words, disclosure, salt),
            asked_by=by,
            asked_at=decision.decided_at,
            words=words,
            called=values["name"],
            salt=salt,
        )

    def text(self, actor: Actor, promotion_id: str) -> View:
        """The words and the disclosure, to be shown together; that they were told is recorded. Raises
        `RefusedError` where they may not be shown any more."""
        actor.require(Permission.PROMOTE)
        with self.store.write() as tx:
            found = _seen(tx, actor, promotion_id)
            if found.state not in LIVE or found.words is None:
                raise _over(found, "may not be shown any more")
            tx.promotions.tell(
                Telling(promotion_id, found.publisher, actor.name, self.clock(), found.text_hash)
            )
        return {
            "promotion": promotion_id,
            "text": found.words,
            "disclosure": found.disclosure,
            "text_hash": found.text_hash,
        }

    def publish(
        self, actor: Actor, promotion_id: str, place: str | None, key: str | None = None
    ) -> Mapping[str, Any]:
        """The publisher says that it is out, and where. Raises `RefusedError` where it may not be."""
        actor.require(Permission.PROMOTE)
        if place is not None:
            _check_place(place)
        return self._act(actor, promotion_id, PromotionState.PUBLISHED, "may not be published", place, key)

    def taken_down(self, actor: Actor, promotion_id: str, key: str | None = None) -> Mapping[str, Any]:
        """The publisher says that it took down what was retracted."""
        actor.require(Permission.PROMOTE)
        return self._act(
            actor, promotion_id, PromotionState.TAKEN_DOWN, "was not retracted, or is taken down", None, key
        )

    def _act(
        self,
        actor: Actor,
        promotion_id: str,
        act: PromotionState,
        refused: str,
        place: str | None,
        key: str | None,
    ) -> Mapping[str, Any]:
        now = self.clock()

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            found = _seen(tx, actor, promotion_id)
            event = PromotionEvent(promotion_id, act, Cause.REPORTED, actor.name, now)
            if not tx.promotions.record(event, place):
                raise _over(found, refused)
            answer = {"promotion": promotion_id, "state": act.value}
            keep(answer)
            return answer

        try:
            if key is None:
                with self.store.write() as tx:
                    return work(tx, lambda _answer: None)
            request = {"operation": act.value, "promotion": promotion_id, "place": place}
            return once(self.store, f"staff:{actor.name}", key, request, now, work)
        except DatabaseRefusedError as error:
            if isinstance(error, KeyTakenError):
                raise
            raise RefusedError(
                "promotion.changed", "what it rests on changed at this moment; look again"
            ) from error

    def retract(self, actor: Actor, promotion_id: str) -> View:
        """By the brand's or compliance staff's own wish: cancelled where it was not out yet."""
        actor.require(Permission.RETRACT_PROMOTIONS)
        now = self.clock()
        with self.store.write() as tx:
            found = _seen(tx, actor, promotion_id)
            if not tx.promotions.fall(Fall(Cause.STAFF, actor.name, promotion_id=promotion_id), now):
                raise _over(found, "is over already")
        return self.show(actor, promotion_id)

    def seen_by(self, actor: Actor, which: WhichPromotions, limit: int) -> list[View]:
        """Those of the brands that the actor reaches, the oldest first."""
        for brand in which.brands or [None]:
            actor.require(Permission.RETRACT_PROMOTIONS, brand)
        which = which if which.brands else replace(which, brands=actor.reach)
        with self.store.read() as tx:
            return [promotion_view(one) for one in tx.promotions.find(which, limit)]

    def show(self, actor: Actor, promotion_id: str) -> View:
        """One of them, what became of it and why, and who was told."""
        actor.require(Permission.RETRACT_PROMOTIONS)
        with self.store.read() as tx:
            return story_view(tx, _seen(tx, actor, promotion_id))

    def about(self, person_id: str, after: str | None, limit: int) -> list[View]:
        """What was or is shown of somebody, for their own eyes."""
        with self.store.read() as tx:
            found = tx.promotions.find(WhichPromotions(person_id=person_id, after=after), limit)
            return [story_view(tx, one, own=True) for one in found]

    def _check_channel(self, channel: str) -> None:
        purpose = self.purposes.by_name.get(LIKENESS)
        known = [ask.channel for ask in purpose.asks] if purpose else []
        if channel not in known:
            raise InvalidInputError(
                "promotion.channel",
                f"nobody is asked about their name and likeness on {channel[:60]!r}; "
                f"there are {', '.join(known) or 'no channels'}",
            )


def _seen(tx: Transaction, actor: Actor, promotion_id: str) -> Promotion:
    found = tx.promotions.get(promotion_id)
    if found is None or not actor.may(Permission.RETRACT_PROMOTIONS, found.brand):
        raise NotFoundError("promotion.unknown", f"there is no promotion {promotion_id} of your brands")
    return found


def _over(found: Promotion, words: str) -> RefusedError:
    return RefusedError(f"promotion.{found.state}", f"{found.promotion_id} {words}: it is {found.state}")


def _check_place(place: str) -> None:
    try:
        parts = urlsplit(place)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_one = False
    if not is_one or len(place) > LONGEST_PLACE or not place.isprintable():
        raise InvalidInputError(
            "promotion.place",
            f"say where it is as an address of up to {LONGEST_PLACE} characters, such as "
            "https://blog.shop.example/launch",
        )
