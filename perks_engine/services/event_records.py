"""Events on their way to brands: what is kept of them, and what has to be done to deliver one.

An event is ids and a type. What a receiver is told is made of them when it is sent, so that nothing of a
person lies here, and what was erased meanwhile is not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BrandEvent:
    """`entry_id` is the entry of the ledger that it is about, `subject` the dispute, the incident or the
    promotion. With a `publisher` it is for that publisher, and for webhooks of no publisher in particular."""

    event_id: str
    brand: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    campaign: str | None = None
    claim_id: str | None = None
    entry_id: int | None = None
    subject: str = ""
    publisher: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of a brand that is told of events of some `types`. `failures` counts those in a row, and
    until `rests_until` nothing is sent there. Of a removed one its log is left."""

    webhook_id: str
    brand: str
    url: str
    types: tuple[str, ...]
    publisher: str | None
    created_by: str
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_why: str = ""
    removed_at: datetime | None = None
    failures: int = 0
    rests_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A secret under seal; one that was replaced signs along until `expires_at`."""

    webhook_id: str
    number: int
    sealed: str
    made_at: datetime
    expires_at: datetime | None = None


class DeliveryState(StrEnum):
    QUEUED = "queued"
    """It waits for its turn, the first or another one."""
    DELIVERED = "delivered"
    """The receiver answered 2xx."""
    DEAD = "dead"
    """It could not be delivered, and is not tried again by itself."""
    CANCELLED = "cancelled"
    """Its webhook was removed, or there is nothing left to tell."""


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """How far an event has come on its way to one webhook. `status` is the last answer's, None where there
    was none."""

    event_id: str
    webhook_id: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    tried_at: datetime | None = None
    settled_at: datetime | None = None
    status: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class DueReceiver:
    """A webhook for which something is due; `has_failed` where it did not answer last time."""

    webhook_id: str
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out: `secrets` sign it, the newest first (each `whsec_…`)."""

    url: str
    event_id: str
    sent_at: datetime
    body: bytes
    secrets: tuple[str, ...]


class AddressRefusedError(Exception):
    """Nothing is sent to this address; the message says why."""


class NotTakenError(Exception):
    """The receiver did not take it; the message says why. `status` is its answer's; `is_away` says that it
    would not take another one now either, `is_gone` that it never will, and `retry_after_s` when it would."""

    def __init__(
        self,
        message: str,
        status: int | None = None,
        *,
        is_away: bool = True,
        is_gone: bool = False,
        retry_after_s: int = 0,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_away = is_away
        self.is_gone = is_gone
        self.retry_after_s = retry_after_s


class Courier(Protocol):
    def check(self, url: str) -> None:
        """Raises `AddressRefusedError` for an address to which nothing would be sent."""
        ...

    def hand_over(self, parcel: Parcel) -> int:
        """The status of the answer, one of 2xx; raises `NotTakenError`."""
        ...


@dataclass(frozen=True, slots=True)
class WhichDeliveries:
    """Those of a webhook, of one state or all, older than the event at `before`."""

    webhook_id: str
    state: DeliveryState | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class WhichEvents:
    """One event, or those recorded from `since` (included) to `until` (excluded), or what is dead."""

    event_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    only_dead: bool = False


class EventBook(Protocol):
    """Events are queued by the database itself, in the transaction that causes them."""

    def tell_erased(self, person_id: str, now: datetime) -> int:
        """To be called by erasure, while the person's claims still bear their id: every brand that has a
        webhook is told of each of its granted claims. Returns of how many."""
        ...

    def get(self, event_id: str) -> BrandEvent | None: ...
    def receivers_due(self, now: datetime, but: Sequence[str], limit: int) -> list[DueReceiver]:
        """Webhooks for which something is due, without those in `but`: first those that took the last one, of
        them first who waits longest. None that rests or is disabled."""
        ...

    def take(self, webhook_id: str, holder: str, now: datetime, until: datetime, limit: int) -> list[str]:
        """Lease what is due to that webhook, as ids of events, the longest due first; of several takers each
        delivery has one. Nothing where it rests or is disabled."""
        ...

    def held(self, event_id: str, webhook_id: str, holder: str, now: datetime, until: datetime) -> bool:
        """Whether it is this holder's still, and due; held longer then."""
        ...

    def let_go(self, event_id: str, webhook_id: str, holder: str) -> None: ...
    def settle(self, holder: str, delivery: EventDelivery) -> bool:
        """Keep what came of it and let go; False, and nothing, where somebody else has it by now."""
        ...

    def delivery(self, event_id: str, webhook_id: str) -> EventDelivery | None: ...
    def log(self, which: WhichDeliveries, limit: int) -> list[tuple[BrandEvent, EventDelivery]]:
        """The newest first."""
        ...

    def replay(self, webhook: Webhook, which: WhichEvents, now: datetime) -> int:
        """Queue events of the brand that this webhook wants once more; returns how many."""
        ...

    def cancel(self, webhook_id: str, why: str, now: datetime) -> int:
        """What waits for that webhook is not delivered any more."""
        ...

    def forget(self, before: datetime, limit: int) -> int:
        """Delete events recorded before that have been dealt with; returns how many."""
        ...


class WebhookBook(Protocol):
    def add(self, webhook: Webhook) -> None: ...
    def get(self, webhook_id: str, to_change: bool = False) -> Webhook | None:
        """`to_change` has everybody else who wants to change it wait."""
        ...

    def find(self, brands: Sequence[str] | None, after: str | None, limit: int) -> list[Webhook]:
        """Those that were not removed, of these brands (None: of all), by time."""
        ...

    def enable(self, webhook_id: str) -> None: ...
    def disable(self, webhook_id: str, why: str, now: datetime) -> None: ...
    def remove(self, webhook_id: str, now: datetime) -> None:
        """With its secrets."""
        ...

    def rest(self, webhook_id: str, failures: int, until: datetime | None) -> None: ...
    def add_secret(self, secret: WebhookSecret) -> None: ...
    def replace_secrets(self, webhook_id: str, expires_at: datetime) -> None:
        """Those there are sign along until then; one that ends earlier still does."""
        ...

    def last_secret(self, webhook_id: str) -> int:
        """The number of the newest one."""
        ...

    def secrets(self, webhook_id: str, now: datetime) -> list[WebhookSecret]:
        """Those that sign at `now`, the newest first."""
        ...
