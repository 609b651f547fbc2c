"""Webhooks: which address of a brand is told of which events, its secret, its log, and replay."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from perks_engine.domain.events import EVERY, EventType
from perks_engine.services.access import Actor, Permission
from perks_engine.services.editions import ANY, Seen, edition
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.event_records import (
    AddressRefusedError,
    BrandEvent,
    Courier,
    DeliveryState,
    EventDelivery,
    Webhook,
    WhichDeliveries,
    WhichEvents,
)
from perks_engine.services.identifiers import new_id
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.views import View, instant_view
from perks_engine.services.webhook_secrets import SecretBox

MOST_WEBHOOKS = 20
"""Of one brand: each costs a delivery of every event."""
LONGEST_OVERLAP = timedelta(days=30)
PUBLISHER = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Webhooks:
    store: Store
    clock: Clock
    courier: Courier
    box: SecretBox

    def add(
        self,
        actor: Actor,
        brand: str,
        url: str,
        types: Sequence[str],
        publisher: str | None = None,
        key: str | None = None,
    ) -> View:
        """A new webhook with its `secret`, which is shown this once; sent again under the same key, the
        answer is without it.

        Raises `NotFoundError` for a brand without a campaign, `InvalidInputError` for an address or a type
        that cannot be, and `RefusedError` where there are too many or no key to keep the secret with.
        """
        actor.require(Permission.MANAGE_WEBHOOKS, brand)
        wanted = _known(types)
        self._check_url(url)
        check_publisher(publisher)
        now = self.clock()
        shown: dict[str, str] = {}

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            if not tx.campaigns.all(brands=[brand], limit=1):
                raise NotFoundError("brand.unknown", f"there is no campaign of the brand {brand}")
            if len(tx.webhooks.find([brand], None, MOST_WEBHOOKS)) >= MOST_WEBHOOKS:
                raise RefusedError(
                    "webhook.too_many", f"{brand} has {MOST_WEBHOOKS} webhooks already; remove one"
                )
            webhook = Webhook(new_id("whk", now), brand, url, wanted, publisher, actor.name, now)
            secret, shown["secret"] = self.box.new(webhook.webhook_id, 1, now)
            tx.webhooks.add(webhook)
            tx.webhooks.add_secret(secret)
            view = webhook_view(webhook)
            keep(view)
            return view

        if key is None:
            with self.store.write() as tx:
                return {**work(tx, lambda _answer: None), **shown}
        request = {"operation": "webhook", "brand": brand, "url": url, "types": list(wanted)}
        request |= {"publisher": publisher}
        return {**once(self.store, f"staff:{actor.name}", key, request, now, work), **shown}

    def seen_by(self, actor: Actor, brand: str | None, after: str | None, limit: int) -> list[View]:
        actor.require(Permission.MANAGE_WEBHOOKS, brand)
        with self.store.read() as tx:
            return [
                webhook_view(one) for one in tx.webhooks.find([brand] if brand else actor.reach, after, limit)
            ]

    def show(self, actor: Actor, webhook_id: str) -> View:
        with self.store.read() as tx:
            found = _seen(tx, actor, webhook_id)
            valid = tx.webhooks.secrets(webhook_id, self.clock())
            view = _whole(tx, found)
        ends = [instant_view(one.expires_at) for one in valid if one.expires_at is not None]
        return view | {"older_secrets_until": ends}

    def rotate(
        self, actor: Actor, webhook_id: str, overlap: timedelta, key: str | None = None, looked: Seen = ANY
    ) -> View:
        """A new secret, shown this once. Those before it sign along for `overlap`, so that a receiver can
        change over at its leisure; with none they end at once. Sent again under the same key, nothing is
        rotated again, and the answer is without the secret."""
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise InvalidInputError(
                "webhook.overlap", f"older secrets sign along for up to {LONGEST_OVERLAP.days} days"
            )
        now = self.clock()
        shown: dict[str, str] = {}

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            found = _to_change(tx, actor, webhook_id, looked)
            number = tx.webhooks.last_secret(webhook_id) + 1
            secret, shown["secret"] = self.box.new(webhook_id, number, now)
            tx.webhooks.replace_secrets(webhook_id, now + overlap)
            tx.webhooks.add_secret(secret)
            view = _whole(tx, found) | {"older_secrets_until": [instant_view(now + overlap)]}
            keep(view)
            return view

        if key is None:
            with self.store.write() as tx:
                return {**work(tx, lambda _answer: None), **shown}
        request = {"operation": "rotate", "webhook": webhook_id, "overlap": overlap.total_seconds()}
        return {**once(self.store, f"staff:{actor.name}", key, request, now, work), **shown}

    def enable(self, actor: Actor, webhook_id: str, looked: Seen = ANY) -> View:
        """It is told again from now on; what happened meanwhile it gets by `replay`."""
        with self.store.write() as tx:
            _to_change(tx, actor, webhook_id, looked)
            tx.webhooks.enable(webhook_id)
            return _whole(tx, _seen(tx, actor, webhook_id))

    def disable(self, actor: Actor, webhook_id: str, looked: Seen = ANY) -> View:
        """Nothing goes there until it is enabled; what waits goes on waiting."""
        with self.store.write() as tx:
            found = _to_change(tx, actor, webhook_id, looked)
            if found.disabled_at is None:
                tx.webhooks.disable(webhook_id, f"by {actor.name}", self.clock())
            return _whole(tx, _seen(tx, actor, webhook_id))

    def remove(self, actor: Actor, webhook_id: str, looked: Seen = ANY) -> int:
        """For good; returns how many deliveries that waited are cancelled. Its log stays."""
        now = self.clock()
        with self.store.write() as tx:
            _to_change(tx, actor, webhook_id, looked)
            tx.webhooks.remove(webhook_id, now)
            return tx.events.cancel(webhook_id, "the webhook was removed", now)

    def log(
        self,
        actor: Actor,
        webhook_id: str,
        state: DeliveryState | None,
        before: int | None,
        limit: int,
    ) -> list[View]:
        """What it was told, the newest first, and what came of it; of a removed one as well."""
        with self.store.read() as tx:
            _seen(tx, actor, webhook_id, removed=True)
            found = tx.events.log(WhichDeliveries(webhook_id, state, before), limit)
            return [delivery_view(*one) for one in found]

    def replay(self, actor: Actor, webhook_id: str, which: WhichEvents) -> int:
        """Send events once more, under the ids that they had; returns how many wait for it now."""
        if not (which.event_id or which.since or which.only_dead):
            raise InvalidInputError(
                "webhook.replay", "name an event, or since when, or say that it is those that are dead"
            )
        with self.store.write() as tx:
            found = _seen(tx, actor, webhook_id)
            count = tx.events.replay(found, which, self.clock())
            if which.event_id and not count:
                raise NotFoundError(
                    "event.unknown", f"{webhook_id} wants no event {which.event_id}, or there is none"
                )
            return count

    def _check_url(self, url: str) -> None:
        try:
            self.courier.check(url)
        except AddressRefusedError as error:
            raise InvalidInputError("webhook.url", f"nothing is sent to {url[:200]!r}: {error}") from error


def _known(types: Sequence[str]) -> tuple[str, ...]:
    known = [one.value for one in EventType]
    unknown = [one for one in types if one != EVERY and one not in known]
    if unknown or not types:
        raise InvalidInputError(
            "webhook.types",
            f"there is no type of event {unknown[0][:60]!r}" if unknown else "it names no type of event",
            [f"there are {EVERY} (every one), {', '.join(known)}"],
        )
    return (EVERY,) if EVERY in types else tuple(dict.fromkeys(types))


def check_publisher(publisher: str | None) -> None:
    if publisher is not None and (not PUBLISHER.fullmatch(publisher) or len(publisher) > LONGEST_NAME):
        raise InvalidInputError(
            "publisher.name",
            f"{publisher[:LONGEST_NAME]!r} is no publisher; write small letters and digits, such as "
            "northwind-blog or blog.northwind.example",
        )


def _seen(tx: Transaction, actor: Actor, webhook_id: str, removed: bool = False) -> Webhook:
    """Raises `ForbiddenError` for a role that manages none, and `NotFoundError`."""
    actor.require(Permission.MANAGE_WEBHOOKS)
    found = tx.webhooks.get(webhook_id)
    if (
        found is None
        or not actor.may(Permission.MANAGE_WEBHOOKS, found.brand)
        or (found.removed_at is not None and not removed)
    ):
        raise NotFoundError("webhook.unknown", f"there is no webhook {webhook_id} of your brands")
    return found


def _to_change(tx: Transaction, actor: Actor, webhook_id: str, looked: Seen) -> Webhook:
    """Raises what `_seen` does, and `StaleError`."""
    _seen(tx, actor, webhook_id)
    tx.webhooks.get(webhook_id, to_change=True)
    found = _seen(tx, actor, webhook_id)
    looked.require(lambda: webhook_edition(_whole(tx, found)))
    return found


def webhook_edition(view: View) -> str:
    """Of what staff decides; that a receiver rests is no edit of anybody."""
    return edition([view["webhook"], view.get("disabled_at"), view["secrets"]])


def _whole(tx: Transaction, found: Webhook) -> View:
    return webhook_view(found) | {"secrets": tx.webhooks.last_secret(found.webhook_id)}


def webhook_view(webhook: Webhook) -> View:
    view: View = {
        "webhook": webhook.webhook_id,
        "brand": webhook.brand,
        "url": webhook.url,
        "events": list(webhook.types),
        "publisher": webhook.publisher,
        "state": "disabled" if webhook.disabled_at else "resting" if webhook.failures else "enabled",
        "created_by": webhook.created_by,
        "created_at": instant_view(webhook.created_at),
    }
    if webhook.disabled_at is not None:
        view |= {"disabled_at": instant_view(webhook.disabled_at), "why": webhook.disabled_why}
    elif webhook.failures:
        view |= {"failures": webhook.failures, "rests_until": instant_view(webhook.rests_until)}
    return view


def delivery_view(event: BrandEvent, delivery: EventDelivery) -> View:
    waits = delivery.state is DeliveryState.QUEUED
    about = asdict(event)
    more = {name: about[name] for name in ("campaign", "claim_id", "subject") if about[name]}
    if "claim_id" in more:
        more["claim"] = more.pop("claim_id")
    return {
        "position": event.position,
        "event": event.event_id,
        "type": event.type,
        **more,
        "recorded_at": instant_view(event.recorded_at),
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "tried_at": instant_view(delivery.tried_at),
        "next_at": instant_view(delivery.next_at) if waits else None,
        "settled_at": instant_view(delivery.settled_at),
        "status": delivery.status,
        "why": delivery.why,
    }
