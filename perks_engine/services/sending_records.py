"""What is kept of sending a message, and what a sender of mail has to do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from perks_engine.services.records import Message

LAST_LETTER = "erasure_receipt"
"""To who was erased: forgotten as soon as it is settled, whichever way."""


class MessageState(StrEnum):
    QUEUED = "queued"
    """It waits for its turn, the first or another one."""
    SENT = "sent"
    """A mail server has taken it."""
    CANCELLED = "cancelled"
    """It must not be sent any more; why is kept."""
    DEAD = "dead"
    """It could not be sent, and is not tried again by itself; why is kept."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a message has come. `next_at` is when it is tried next; `leased_by` is who is at it, until
    `leased_until`. `due_at` is since when it would have gone out, were the mail server there; None leaves it
    as it is."""

    message_id: str
    attempts: int
    next_at: datetime
    leased_by: str | None = None
    leased_until: datetime | None = None
    tried_at: datetime | None = None
    settled_at: datetime | None = None
    why: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter as it goes out. `message_id` stays the same however often it is tried (RFC 5322, 3.6.4), so
    that a mailbox that gets it twice can tell. `unsubscribe` is the address that ends letters of its kind,
    empty where it answers what its reader did."""

    message_id: str
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    html: str
    dated: datetime
    unsubscribe: str = ""


class NotSentError(Exception):
    """The mail server did not take this letter; the message says why."""


class RefusedForGoodError(NotSentError):
    """Trying again would come to the same: there is no such mailbox, or the letter is not wanted.
    `no_mailbox` is the enhanced status (RFC 3463) that says the first, else empty."""

    def __init__(self, why: str, no_mailbox: str = "") -> None:
        super().__init__(why)
        self.no_mailbox = no_mailbox


class MailerDownError(Exception):
    """No letter can be handed over now; the message says why."""


class MailSession(Protocol):
    def send(self, mail: Mail) -> str:
        """Hand it over; what is worth a note, such as one of several mailboxes that was refused.

        Raises `NotSentError` and `MailerDownError`.
        """
        ...


class Mailer(Protocol):
    def session(self) -> AbstractContextManager[MailSession]:
        """A connection for several letters; raises `MailerDownError`."""
        ...


class DeliveryBook(Protocol):
    def take(
        self, holder: str, now: datetime, until: datetime, limit: int, only: str | None
    ) -> Sequence[str]:
        """Lease messages that wait, the oldest first, or the one `only`; of several senders one gets each."""
        ...

    def held(self, message_id: str, holder: str, now: datetime, until: datetime) -> Message | None:
        """The message, held longer; None where somebody else has it by now, or it does not wait any more."""
        ...

    def settle(self, message_id: str, holder: str, state: MessageState, delivery: Delivery) -> bool:
        """Keep what came of it and let go; False, and nothing, where somebody else has it by now."""
        ...

    def sent_since(
        self, person_id: str, since: datetime, *, before: str, now: datetime
    ) -> Sequence[datetime]:
        """When letters for another purpose than their account went to the person, after `since`, in order;
        one that is on its way at `now` and was queued before the message `before` counts as sent now."""
        ...

    def get(self, message_id: str) -> tuple[Message, Delivery | None] | None: ...
    def listed(self, state: MessageState | None, limit: int) -> Sequence[tuple[Message, Delivery | None]]:
        """The newest first."""
        ...

    def revive(self, message_id: str | None, now: datetime) -> int:
        """Let dead ones wait for another turn, that one or all of them; returns how many."""
        ...
