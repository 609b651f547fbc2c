"""Telling brands of events: each at least once, by one sender at a time, until the receiver has taken it.

1. Receivers are told side by side, each by a thread of its own and in the order of what happened. Those that
   did not answer last time never take all threads: who is slow or dead holds up nobody else.
2. A sender leases a few deliveries of a receiver. Of several senders each delivery has one.
3. What is told is made right before it goes out. Its id stays the same however often it is sent.
4. What came of it is kept. A receiver that is away rests for ever longer; what it would not take is tried
   again after ever longer waits, and is dead in the end. `perks webhooks replay` sends it once more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta

from perks_engine.services.event_bodies import NothingToTellError, body_of
from perks_engine.services.event_records import (
    Courier,
    DeliveryState,
    DueReceiver,
    EventDelivery,
    NotTakenError,
    Parcel,
    Webhook,
)
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.webhook_secrets import SecretBox

log = logging.getLogger(__name__)
BATCH = 20
"""Deliveries of one receiver in one turn; then others that wait have theirs."""
AT_ONCE = 16
"""Receivers that are told at the same moment. A thread holds no connection to the database while it waits."""
TRIALS = 8
"""Of them such as did not answer last time."""
LOOK_AGAIN_S = 0.5
"""Who has something to be told since is not kept waiting by those that are being told."""
LEASE = timedelta(minutes=2)
"""Longer than a receiver may take over one event; renewed before each."""
LONGEST = timedelta(seconds=30)
"""Then nothing more is begun, and what is left is for the next round. With what a receiver may take over one
event at most it is shorter than a chore's lease."""
SHORTEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=12)
MOST_ATTEMPTS = 12
"""Over about two and a half days."""
AT_A_TIME = 1_000
GONE = "it answered 410 Gone: it wants nothing any more"


@dataclass(frozen=True, slots=True)
class _Ready:
    webhook: Webhook
    attempts: int
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Telling:
    """`jitter` gives numbers from 0 to 1; events that were dealt with are forgotten after `kept_for`."""

    store: Store
    clock: Clock
    courier: Courier
    box: SecretBox
    jitter: Callable[[], float]
    kept_for: timedelta

    def tell(self) -> int:
        """One round of the chore; returns how many deliveries were settled."""
        holder = new_id("tel", self.clock())
        done = 0
        until = self.clock() + LONGEST
        busy: dict[Future[int], DueReceiver] = {}
        with ThreadPoolExecutor(AT_ONCE, "telling") as pool:
            while True:
                for one in self._next(busy.values()) if self.clock() <= until else ():
                    # The lines that a turn logs name the chore, as all lines of this thread do.
                    turn = pool.submit(copy_context().run, self._turn, one.webhook_id, holder, until)
                    busy[turn] = one
                if not busy:
                    return done
                for turn in wait(busy, LOOK_AGAIN_S, FIRST_COMPLETED).done:
                    del busy[turn]
                    done += turn.result()

    def _next(self, busy: Collection[DueReceiver]) -> list[DueReceiver]:
        """Who has a turn now."""
        room = AT_ONCE - len(busy)
        trials = TRIALS - sum(one.has_failed for one in busy)
        with self.store.read() as tx:
            found = tx.events.receivers_due(self.clock(), [one.webhook_id for one in busy], room)
        well, failed = ([one for one in found if one.has_failed is asked] for asked in (False, True))
        return well + failed[:trials]

    def _turn(self, webhook_id: str, holder: str, until: datetime) -> int:
        """Tells one receiver what is due, a few events at most; how many deliveries were settled."""
        now = self.clock()
        with self.store.write() as tx:
            taken = tx.events.take(webhook_id, holder, now, now + LEASE, BATCH)
        done = 0
        for place, event_id in enumerate(taken):
            is_away, settled = self.clock() > until, False
            if not is_away:
                settled, is_away = self._one(event_id, webhook_id, holder)
            done += settled
            if is_away:
                with self.store.write() as tx:
                    for left in taken[place:]:
                        tx.events.let_go(left, webhook_id, holder)
                break
        return done

    def forget(self) -> int:
        """The chore that deletes what was dealt with long ago."""
        with self.store.write() as tx:
            return tx.events.forget(self.clock() - self.kept_for, AT_A_TIME)

    def _one(self, event_id: str, webhook_id: str, holder: str) -> tuple[bool, bool]:
        """Whether the delivery was settled, and whether its receiver is away."""
        now = self.clock()
        with self.store.write() as tx:
            if not tx.events.held(event_id, webhook_id, holder, now, now + LEASE):
                return False, False
            ready = self._ready(tx, event_id, webhook_id, holder, now)
        if ready is None:
            return True, False
        attempts = ready.attempts + 1
        try:
            if not ready.parcel.secrets:
                raise NotTakenError("its secret cannot be opened with the keys there are: rotate it")
            status = self.courier.hand_over(ready.parcel)
        except NotTakenError as error:
            return self._not_taken(ready, holder, attempts, error)
        done = self.clock()
        delivered = EventDelivery(
            event_id, webhook_id, DeliveryState.DELIVERED, attempts, done, done, done, status
        )
        with self.store.write() as tx:
            if ready.webhook.failures:
                tx.webhooks.rest(webhook_id, 0, None)
            return tx.events.settle(holder, delivered), False

    def _ready(
        self, tx: Transaction, event_id: str, webhook_id: str, holder: str, now: datetime
    ) -> _Ready | None:
        """What is to be sent; None where there is nothing, which is settled."""
        webhook, event = tx.webhooks.get(webhook_id), tx.events.get(event_id)
        before = tx.events.delivery(event_id, webhook_id)
        if webhook is None or event is None or before is None:
            return None
        try:
            body = body_of(tx, event)
        except NothingToTellError as error:
            gone = EventDelivery(
                event_id,
                webhook_id,
                DeliveryState.CANCELLED,
                before.attempts,
                now,
                now,
                now,
                None,
                str(error),
            )
            tx.events.settle(holder, gone)
            return None
        texts = self.box.opened(tx.webhooks.secrets(webhook_id, now))
        return _Ready(webhook, before.attempts, Parcel(webhook.url, event_id, now, body, texts))

    def _not_taken(
        self, ready: _Ready, holder: str, attempts: int, error: NotTakenError
    ) -> tuple[bool, bool]:
        now = self.clock()
        webhook, event_id = ready.webhook, ready.parcel.event_id
        is_dead = attempts >= MOST_ATTEMPTS and not error.is_gone
        wait = max(self._wait_after(attempts), timedelta(seconds=min(error.retry_after_s, 86_400)))
        kept = EventDelivery(
            event_id=event_id,
            webhook_id=webhook.webhook_id,
            state=DeliveryState.DEAD if is_dead else DeliveryState.QUEUED,
            attempts=attempts,
            next_at=now + wait,
            tried_at=now,
            settled_at=now if is_dead else None,
            status=error.status,
            why=str(error)[:500],
        )
        with self.store.write() as tx:
            settled = tx.events.settle(holder, kept)
            if error.is_gone:
                tx.webhooks.disable(webhook.webhook_id, GONE, now)
                log.warning("the webhook %s is disabled: %s", webhook.webhook_id, GONE)
            elif error.is_away:
                # What else waits for it is not tried one by one: the next one asks for all.
                failures = webhook.failures + 1
                rests = max(self._wait_after(failures), timedelta(seconds=min(error.retry_after_s, 86_400)))
                tx.webhooks.rest(webhook.webhook_id, failures, now + rests)
        return settled and is_dead, error.is_away or error.is_gone

    def _wait_after(self, attempts: int) -> timedelta:
        """Three times as long after each attempt, spread by a quarter either way."""
        wait = min(SHORTEST_WAIT * 3 ** min(attempts - 1, 10), LONGEST_WAIT)
        return wait * (0.75 + self.jitter() / 2)
