"""Heads on their way out of the database: each is posted until it arrives, apart from the sealing.

Whoever could change the database could make the log anew; a head that somebody else keeps shows it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from perks_engine.services.list_records import HeadDelivery
from perks_engine.services.ports import Clock, Store
from perks_engine.services.records import SignedHead

log = logging.getLogger(__name__)
BATCH = 100
SHORTEST_WAIT = timedelta(seconds=20)
LONGEST_WAIT = timedelta(hours=1)
LONGEST = timedelta(seconds=30)
"""Shorter than a chore's lease: what is left is for the next round."""


class NotDeliveredError(Exception):
    """The other side did not take it; the message says why."""


Post = Callable[[SignedHead], None]
"""Hands a head over; raises `NotDeliveredError`."""


@dataclass(frozen=True, slots=True)
class Announcing:
    """`post` is None where the deployment names no address: then nothing is to be delivered."""

    store: Store
    clock: Clock
    post: Post | None

    def announce(self) -> int:
        """Post the heads that wait, the oldest first, up to the first that is not taken, and for `LONGEST`
        at most; returns how many were taken.

        One that failed is tried again after a wait that doubles with each attempt, to an hour at most.
        """
        if self.post is None:
            return 0
        until = self.clock() + LONGEST
        with self.store.read() as tx:
            waiting = tx.deliveries.waiting(BATCH)
        for done, (head, tried) in enumerate(waiting):
            now = self.clock()
            too_early = tried is not None and _is_early(tried, now)
            if too_early or now > until:
                return done
            error = _error_of(self.post, head)
            attempts = (tried.attempts if tried else 0) + 1
            self._keep(HeadDelivery(head.size, attempts, now, None if error else now, error))
            if error:
                log.warning("the head over %d entries was not delivered: %s", head.size, error)
                return done
        return len(waiting)

    def _keep(self, delivery: HeadDelivery) -> None:
        with self.store.write() as tx:
            tx.deliveries.record(delivery)

    def stuck(self) -> tuple[int, HeadDelivery | None]:
        """How many heads wait to be delivered, and what came of the last attempt with the oldest of them."""
        if self.post is None:
            return 0, None
        with self.store.read() as tx:
            first = next(iter(tx.deliveries.waiting(1)), None)
            return tx.deliveries.undelivered(), first[1] if first else None


def wait_after(attempts: int) -> timedelta:
    return min(SHORTEST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)


def _is_early(tried: HeadDelivery, now: datetime) -> bool:
    """Whether it has to wait still; what a clock tried that was ahead, and is set back, does not."""
    return tried.tried_at <= now < tried.tried_at + wait_after(tried.attempts)


def _error_of(post: Post, head: SignedHead) -> str:
    try:
        post(head)
    except NotDeliveredError as error:
        return str(error)
    return ""
