"""Whether a message may go out at this moment, and to which mailboxes: asked right before it is handed over.

Who said no since it was queued gets nothing, and neither does who must not be asked any more. What nobody
waits for does not come at night, nor more often than the deployment allows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from perks_engine.domain.consent import ACCOUNT, OPERATIONS, latest_acts
from perks_engine.domain.quiet_hours import QuietHours
from perks_engine.domain.time_zones import zone_named
from perks_engine.services.errors import RefusedError
from perks_engine.services.mail_records import MailEvent
from perks_engine.services.ports import Transaction
from perks_engine.services.records import Message, PersonCard
from perks_engine.services.sending_records import Mailbox
from perks_engine.services.unsubscribe_links import UnsubscribeLinks
from perks_engine.services.views import instant_view

NOBODY_TO_TELL = timedelta(hours=1)
"""When a letter to a brand's staff that has no contact yet is looked at again."""

Still = Callable[[Transaction, Message, datetime], str | None]
"""Why a message of some kind must not go out any more, in words; None where it may."""


class CancelledError(Exception):
    """It must not be sent; the message says why."""


class NoMailboxError(Exception):
    """There is no such mailbox, as far as is known; whoever knows better lets it be tried again."""


class WaitError(Exception):
    """It cannot be sent before `until`, and that is nobody's fault."""

    def __init__(self, why: str, until: datetime) -> None:
        super().__init__(why)
        self.until = until


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and when people are written to for more than their own affairs: `most` letters in any `span`,
    and none in the quiet hours of where they are. `zones_of` gives the zones that a country has, and is empty
    for what is none; `zone` is that of people of whom neither zone nor country is known."""

    most: int
    span: timedelta
    quiet: QuietHours
    zone: tzinfo
    zones_of: Callable[[str], tuple[tzinfo, ...]]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a letter goes, and how its reader stops the next ones: empty where it answers their own act."""

    to: tuple[Mailbox, ...]
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Sendable:
    """`still` is what a kind of message asks besides consent, by the kind."""

    links: UnsubscribeLinks
    pace: Pace
    still: Mapping[str, Still]

    def envelope(self, tx: Transaction, message: Message, now: datetime) -> Envelope:
        """Raises `CancelledError`, `NoMailboxError` and `WaitError`."""
        if message.expires_at is not None and message.expires_at <= now:
            raise CancelledError("it expired before it could be sent")
        if message.address is not None:
            return Envelope((Mailbox(message.address),))
        if message.staff_of is not None:
            return Envelope(_staff(tx, message.staff_of, now))
        card = tx.people.card(message.person_id or "")
        if card is None:
            raise CancelledError("the person is no longer on record")
        asks_first = message.purpose not in (ACCOUNT, OPERATIONS)
        if asks_first:
            _require_consent(tx, card, message)
        why_not = self.still[message.kind](tx, message, now) if message.kind in self.still else None
        if why_not is not None:
            raise CancelledError(why_not)
        if card.email is None:
            raise CancelledError("there is no e-mail address on record")
        _require_mailbox(tx, card, card.email, asks_first)
        to = (Mailbox(card.email, card.name or ""),)
        if not asks_first:
            return Envelope(to)
        self._require_pace(tx, card, message, now)
        try:
            link = self.links.make(card.person_id, message.purpose, message.channel)
        except RefusedError as error:  # the key went away: what cannot be stopped is not sent
            raise WaitError(str(error), now + NOBODY_TO_TELL) from error
        return Envelope(to, link)

    def _require_pace(self, tx: Transaction, card: PersonCard, message: Message, now: datetime) -> None:
        pace = self.pace
        sent = tx.sending.sent_since(card.person_id, now - pace.span, before=message.message_id, now=now)
        if len(sent) >= pace.most:
            until = sent[-pace.most] + pace.span
            raise WaitError(f"they had {pace.most} letters in {pace.span.days} days", until)
        over_at = pace.quiet.over_at(now, self._zones(tx, card))
        if over_at is None:
            over_at = pace.quiet.over_at(now, (pace.zone,))
        if over_at is not None and over_at > now:
            raise WaitError("it is night where they are", over_at)

    def _zones(self, tx: Transaction, card: PersonCard) -> tuple[tzinfo, ...]:
        """The zone that they named; else all zones of each country that they may be in, else that of the
        deployment."""
        own = zone_named(card.time_zone) if card.time_zone else None
        if own is not None:
            return (own,)
        countries = {
            str(one.value) for one in tx.people.evidence(card.person_id) if one.attribute == "country"
        }
        zones = {zone for country in countries for zone in self.pace.zones_of(country)}
        return tuple(zones) or (self.pace.zone,)


def _staff(tx: Transaction, brand: str, now: datetime) -> tuple[Mailbox, ...]:
    contacts = tx.contacts.of_brand(brand)
    if not contacts:
        raise WaitError(f"{brand} has no contact: add one with perks contact add", now + NOBODY_TO_TELL)
    return tuple(Mailbox(one.email, one.name) for one in contacts)


def _require_mailbox(tx: Transaction, card: PersonCard, address: str, asks_first: bool) -> None:
    stop = tx.mail_reports.stops(card.person_id, address)
    if stop is None:
        return
    on = f"{stop.reported_at:%Y-%m-%d}"
    if stop.event is MailEvent.BOUNCED:
        raise NoMailboxError(f"there is no such mailbox: a letter came back on {on} ({stop.status})")
    if asks_first:
        raise CancelledError(f"they called a letter spam on {on}")


def _require_consent(tx: Transaction, card: PersonCard, message: Message) -> None:
    latest = latest_acts(tx.consents.acts(card.person_id)).get((message.purpose, message.channel))
    if latest is None:
        raise CancelledError(f"they never agreed to {message.purpose} by {message.channel}")
    if not latest.given:
        at = instant_view(latest.acted_at)
        raise CancelledError(f"they said no to {message.purpose} by {message.channel} at {at}")
