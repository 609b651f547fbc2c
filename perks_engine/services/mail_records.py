"""What mail servers and mailbox providers say of letters after they took them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class MailEvent(StrEnum):
    BOUNCED = "bounced"
    """There is no such mailbox, or it takes nothing any more: nothing is sent to it again."""
    COMPLAINED = "complained"
    """Its reader called a letter spam: nothing but answers is sent to it again."""
    UNDELIVERED = "undelivered"
    """A letter did not arrive for another reason: it is noted."""
    DELAYED = "delayed"
    """A letter is still on its way: it is noted."""


STOPS = (MailEvent.BOUNCED, MailEvent.COMPLAINED)


@dataclass(frozen=True, slots=True)
class MailNotice:
    """What a report says of one letter. `letter` is the Message-ID as it went out; `status` the enhanced
    status (RFC 3463), `address` the mailbox that it is about: empty where the report does not say."""

    event: MailEvent
    letter: str
    status: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class MailReport:
    """The same, on the record: of which message, to which person at which address."""

    report_id: str
    person_id: str
    message_id: str
    event: MailEvent
    status: str
    address: str
    reported_at: datetime


ReadReport = Callable[[bytes], MailNotice | None]
"""None for what is no such report."""


class MailReportBook(Protocol):
    def add(self, report: MailReport) -> bool:
        """False, and nothing, where the same was reported of the message before."""
        ...

    def forget_bounces(self, message_id: str | None) -> None:
        """Believe no more that there is no mailbox where this dead message, or any, was to go."""
        ...

    def stops(self, person_id: str, address: str) -> MailReport | None:
        """The weightiest reason not to write to the address, a bounce before a complaint."""
        ...
