"""Sending what waits in the outbox: at least once, by one sender at a time, and only what may be sent.

1. A sender leases a few messages, for longer than it takes to hand one over. Of several senders each message
   has one.
2. Right before a message goes out it is looked at once more, with the person's consents as they are then. Who
   said no in between gets nothing.
3. It is handed over, and what came of that is kept. A sender that dies in between leaves its lease to run
   out, and the message is sent again under the same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from perks_engine.services.errors import NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.mail_records import MailEvent, MailReport
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import Message
from perks_engine.services.sendable import CancelledError, NoMailboxError, Sendable, WaitError
from perks_engine.services.sending_records import (
    Delivery,
    Mail,
    Mailer,
    MailerDownError,
    MailSession,
    MessageState,
    NotSentError,
    RefusedForGoodError,
)
from perks_engine.services.views import View, instant_view, message_view

log = logging.getLogger(__name__)
CHANNEL = "email"
BATCH = 20
LEASE = timedelta(minutes=5)
"""Longer than the mail server may take over one letter; renewed before each."""
LONGEST = timedelta(seconds=30)
"""Shorter than a chore's lease: what is left is for the next round."""
SHORTEST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
MOST_ATTEMPTS = 12
"""Over about a day, by then a mailbox that is full for a while has been emptied."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round came to."""

    sent: int = 0
    cancelled: int = 0
    waiting: int = 0
    dead: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.cancelled + self.waiting + self.dead


@dataclass(slots=True)
class Sending:
    """`mailer` is None where the deployment names no mail server: then nothing is sent. `domain` is the right
    half of each Message-ID. `jitter` gives numbers from 0 to 1. `has_said_so` is whether the log says already
    that nothing is sent."""

    store: Store
    clock: Clock
    mailer: Mailer | None
    domain: str
    sendable: Sendable
    jitter: Callable[[], float]
    has_said_so: bool = field(default=False, init=False)

    def send(self) -> int:
        """One round of the chore; returns how many messages went out."""
        return self.round().sent

    def round(self, only: str | None = None) -> Sent:
        """Send what waits, for `LONGEST` at most, or the one message `only`."""
        if self.mailer is None:
            if not self.has_said_so:
                self.has_said_so = True
                log.warning("nothing is sent, for PERKS_SMTP_URL names no mail server; messages wait")
            return Sent()
        holder = new_id("snd", self.clock())
        done: dict[MessageState, int] = {}
        until = self.clock() + LONGEST
        while self.clock() <= until:
            now = self.clock()
            with self.store.write() as tx:
                taken = tx.sending.take(holder, now, now + LEASE, BATCH, only)
            if not taken:
                break
            try:
                with self.mailer.session() as session:
                    for message_id in taken:
                        state = self._one(session, message_id, holder)
                        if state is not None:
                            done[state] = done.get(state, 0) + 1
            except MailerDownError as error:
                log.warning("the mail server does not take letters: %s", error)
                self._let_go(taken, holder, str(error))
                break
            if only is not None:
                break
        return _sent(done)

    def _one(self, session: MailSession, message_id: str, holder: str) -> MessageState | None:
        """What became of one message, None where it was somebody else's by now."""
        now = self.clock()
        with self.store.write() as tx:
            message = tx.sending.held(message_id, holder, now, now + LEASE)
            if message is None:
                return None
            _, before = tx.sending.get(message_id) or (message, None)
            attempts = before.attempts if before else 0
            try:
                envelope = self.sendable.envelope(tx, message, now)
            except CancelledError as error:
                return self._settle(tx, message_id, holder, MessageState.CANCELLED, attempts, str(error))
            except NoMailboxError as error:
                return self._settle(tx, message_id, holder, MessageState.DEAD, attempts, str(error))
            except WaitError as error:
                state = MessageState.QUEUED
                return self._settle(
                    tx, message_id, holder, state, attempts, str(error), error.until, error.until
                )
        mail = Mail(
            f"<{message_id}@{self.domain}>",
            envelope.to,
            message.subject,
            message.body_text,
            message.body_html,
            now,
            envelope.unsubscribe,
        )
        attempts += 1
        next_at = None
        no_mailbox = ""
        try:
            why = session.send(mail)
            state = MessageState.SENT
        except RefusedForGoodError as error:
            state, why, no_mailbox = MessageState.DEAD, str(error), error.no_mailbox
        except NotSentError as error:
            is_last = attempts >= MOST_ATTEMPTS
            state, why = (MessageState.DEAD if is_last else MessageState.QUEUED), str(error)
            next_at = self.clock() + self._wait_after(attempts)
        except MailerDownError as error:
            # It may be this very letter that the server cannot bear: the others do not wait behind it.
            state = MessageState.DEAD if attempts >= MOST_ATTEMPTS else MessageState.QUEUED
            next_at = self.clock() + self._wait_after(attempts)
            with self.store.write() as tx:
                self._settle(tx, message_id, holder, state, attempts, str(error), next_at)
            raise
        with self.store.write() as tx:
            if no_mailbox and message.person_id is not None:
                told = (message.person_id, message_id, MailEvent.BOUNCED, no_mailbox, envelope.to[0].address)
                tx.mail_reports.add(MailReport(new_id("rpt", now), *told, now))
            return self._settle(tx, message_id, holder, state, attempts, why, next_at, next_at)

    def _settle(
        self,
        tx: Transaction,
        message_id: str,
        holder: str,
        state: MessageState,
        attempts: int,
        why: str,
        next_at: datetime | None = None,
        due_at: datetime | None = None,
    ) -> MessageState | None:
        now = self.clock()
        settled_at = None if state is MessageState.QUEUED else now
        kept = Delivery(
            *(message_id, attempts, next_at or now),
            tried_at=now,
            settled_at=settled_at,
            why=why[:500],
            due_at=due_at,
        )
        return state if tx.sending.settle(message_id, holder, state, kept) else None

    def _let_go(self, taken: Sequence[str], holder: str, why: str) -> None:
        """The mail server is away: that is no attempt of those that are not settled yet."""
        now = self.clock()
        with self.store.write() as tx:
            for message_id in taken:
                found = tx.sending.get(message_id)
                attempts = found[1].attempts if found and found[1] else 0
                kept = Delivery(message_id, attempts, now + SHORTEST_WAIT, tried_at=now, why=why[:500])
                tx.sending.settle(message_id, holder, MessageState.QUEUED, kept)

    def _wait_after(self, attempts: int) -> timedelta:
        """Twice as long after each attempt, spread by a quarter either way: they do not all come at once."""
        wait = min(SHORTEST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        return wait * (0.75 + self.jitter() / 2)

    def listed(self, state: MessageState | None, limit: int) -> list[View]:
        with self.store.read() as tx:
            return [_view(*one) for one in tx.sending.listed(state, limit)]

    def show(self, message_id: str) -> View:
        """Raises `NotFoundError`."""
        with self.store.read() as tx:
            found = tx.sending.get(message_id)
        if found is None:
            raise NotFoundError("message.unknown", f"there is no message {message_id}")
        return _view(*found) | {"html": found[0].body_html}

    def retry(self, message_id: str | None) -> int:
        """Let a dead message wait for another turn, or all dead ones, also where a mailbox was said to be
        none; raises `RefusedError` for one that is not dead."""
        with self.store.write() as tx:
            if message_id is not None and tx.sending.get(message_id) is None:
                raise NotFoundError("message.unknown", f"there is no message {message_id}")
            tx.mail_reports.forget_bounces(message_id)
            revived = tx.sending.revive(message_id, self.clock())
        if message_id is not None and not revived:
            raise RefusedError(
                "message.not_dead", f"{message_id} is not dead: only what could not be sent is tried again"
            )
        return revived


def _sent(done: Mapping[MessageState, int]) -> Sent:
    return Sent(
        done.get(MessageState.SENT, 0),
        done.get(MessageState.CANCELLED, 0),
        done.get(MessageState.QUEUED, 0),
        done.get(MessageState.DEAD, 0),
    )


def _view(message: Message, delivery: Delivery | None) -> View:
    view = message_view(message) | {"purpose": message.purpose, "attempts": 0}
    if delivery is None:
        return view
    waits = message.state == MessageState.QUEUED
    more = {
        "attempts": delivery.attempts,
        "tried_at": instant_view(delivery.tried_at),
        "next_at": instant_view(delivery.next_at) if waits else None,
        "settled_at": instant_view(delivery.settled_at),
        "why": delivery.why,
    }
    return view | {name: value for name, value in more.items() if value not in (None, "")}
