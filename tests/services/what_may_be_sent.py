"""Who may be written to and what may be shown of them, said once more and plainly: read from the rows of the
database at the moment itself, by none of the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from perks_engine.services.sending_records import Mail
from perks_engine.storage import tables
from perks_engine.storage.mail_tables import mail_report
from tests.engine_room import SetClock

MOST_LETTERS, MOST_LETTERS_DAYS = 1, 3
"""Beside answers, as the histories set it."""
POSTAL = "1 Example Street"
ASKS_FIRST: Mapping[str, str] = {"offer": "perks", "feedback_request": "feedback"}
"""Kinds of letters that people have to have agreed to, and for what."""
OF_THE_HOUSE = "of the house"
"""A letter of no kind that the engine knows, by whoever writes straight into the outbox."""
OF_WHAT_THEY_HAVE = ("feedback_request", "disclosure_reminder", "disclosure_fix", "receipt")
OF_WHAT_IS_ON_ITS_WAY = ("shipment",)
ANSWERS = (
    *("grant", "refusal", "disclosure_instruction", "consent_confirmation"),
    *("dispute_opened", "dispute_settled", "ledger_correction", "incident"),
    *(*OF_WHAT_THEY_HAVE[1:], *OF_WHAT_IS_ON_ITS_WAY),
)
TO_STRANGERS = ("erasure_receipt",)
TO_STAFF = ("record_corrected", "disclosure_unseen", "campaign_paused")
ZONES: Mapping[str | None, str] = {None: "America/New_York", "DE": "Europe/Berlin", "GB": "Europe/London"}


@dataclass
class Ground:
    """What the rows say, at the moment of each question. `went` is what the mail server took so far beside
    answers: to whom, and when."""

    engine: Engine
    clock: SetClock
    rules: Mapping[str, tuple[datetime, datetime]]
    """The window of each campaign; all ask for the same: a yes to perks, 18 years, and the topic."""
    went: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])

    def why_no_letter(self, mail: Mail) -> str | None:
        """Why this letter must not go out now; None where it may."""
        message_id = mail.message_id.removeprefix("<").partition("@")[0]
        with self.engine.connect() as connection:
            return _Now(connection, self).why_no_letter(mail, message_id)

    def why_no_promotion(self, person: str, claim: str, channel: str) -> str | None:
        """Why the person must not be shown to have received the unit now; None where it may be."""
        with self.engine.connect() as connection:
            return _Now(connection, self).why_no_promotion(person, claim, channel)

    def note(self, mail: Mail) -> None:
        """The mail server took it."""
        message_id = mail.message_id.removeprefix("<").partition("@")[0]
        query = select(tables.message.c.person_id, tables.message.c.kind, tables.message.c.purpose)
        with self.engine.connect() as connection:
            row = connection.execute(query.where(tables.message.c.message_id == message_id)).one()
        if row.kind in ASKS_FIRST or (row.kind == OF_THE_HOUSE and row.purpose != "account"):
            self.went.append((row.person_id, self.clock()))


@dataclass
class _Now:
    connection: Connection
    ground: Ground

    @property
    def now(self) -> datetime:
        return self.ground.clock()

    def rows(self, query: Any) -> list[Any]:
        return list(self.connection.execute(query))

    def why_no_letter(self, mail: Mail, message_id: str) -> str | None:
        [row] = self.rows(select(tables.message).where(tables.message.c.message_id == message_id))
        to = {one.address for one in mail.to}
        if row.staff_of is not None:
            return None if row.kind in TO_STAFF else f"staff gets {row.kind}"
        if row.address is not None:
            is_theirs = row.kind in TO_STRANGERS and to == {row.address}
            return None if is_theirs else f"a stranger gets {row.kind}"
        who = self.rows(select(tables.person).where(tables.person.c.person_id == row.person_id))
        if not who:
            return "nobody of that name is on record"
        if to != {who[0].email}:
            return f"it is for {who[0].email}, and goes to {to}"
        if self.came_back(row.person_id, who[0].email, "bounced"):
            return "there is no such mailbox"
        if row.kind in OF_WHAT_THEY_HAVE and (why := self.why_not_theirs(row.claim_id)):
            return why
        if row.kind in OF_WHAT_IS_ON_ITS_WAY and (where := self.where(row.claim_id)) != "in_transit":
            return f"the unit is {where}"
        if row.channel != "email":
            return f"it is for {row.channel}, and went by mail"
        if row.kind in ANSWERS or (row.kind == OF_THE_HOUSE and row.purpose == "account"):
            return None if row.purpose == "account" else f"{row.kind} is sent as {row.purpose}"
        return self.why_not_unasked(mail, row, who[0])

    def why_not_unasked(self, mail: Mail, row: Any, who: Any) -> str | None:
        """What holds of letters that nobody waits for."""
        known = row.purpose if row.kind == OF_THE_HOUSE else "nothing known here"
        purpose = ASKS_FIRST.get(row.kind, known)
        if purpose != row.purpose:
            return f"{row.kind} is sent as {row.purpose}"
        if not self.says_yes(row.person_id, purpose, "email"):
            return f"they do not agree to {purpose}"
        if self.came_back(row.person_id, who.email, "complained"):
            return "they called a letter spam"
        if row.expires_at is None or row.expires_at <= self.now:
            return "it is too late"
        if not mail.unsubscribe or POSTAL not in mail.text or POSTAL not in mail.html:
            return "it does not say how to stop it, or who sends it"
        since = self.now - timedelta(days=MOST_LETTERS_DAYS)
        if sum(to == row.person_id and at > since for to, at in self.ground.went) >= MOST_LETTERS:
            return "they had their letters"
        zone = who.time_zone or ZONES[self.country(row.person_id)]
        local = self.now.astimezone(ZoneInfo(zone))
        if local.hour >= 21 or local.hour < 8:
            return f"it is {local:%H:%M} where they are"
        return self.why_not_open(row.person_id, row.campaign) if row.kind == "offer" else None

    def where(self, claim: str) -> str:
        last = select(tables.entry.c.target).where(tables.entry.c.claim_id == claim)
        return str(self.rows(last.order_by(tables.entry.c.entry_id.desc()))[0].target)

    def why_not_theirs(self, claim: str) -> str | None:
        where = self.where(claim)
        if where != "recipient":
            return f"the unit is {where}"
        event = tables.dispute_event
        acts = self.rows(select(event.c.dispute_id, event.c.act).where(event.c.claim_id == claim))
        opened = {one.dispute_id for one in acts if one.act == "opened"}
        ended = {one.dispute_id for one in acts if one.act != "opened"}
        return "it is disputed" if opened - ended else None

    def says_yes(self, person: str, purpose: str, channel: str) -> bool:
        consent = tables.consent
        mine = (consent.c.person_id == person, consent.c.purpose == purpose, consent.c.channel == channel)
        acts = self.rows(select(consent.c.given, consent.c.acted_at, consent.c.consent_id).where(*mine))
        return bool(acts) and max(acts, key=lambda one: (one.acted_at, one.consent_id)).given

    def came_back(self, person: str, address: str, event: str) -> bool:
        mine = (mail_report.c.person_id == person, mail_report.c.event == event)
        reports = self.rows(select(mail_report.c.address).where(*mine))
        return address.lower() in {one.address.lower() for one in reports}

    def facts(self, person: str, attribute: str) -> list[Any]:
        """The newest values on record."""
        fact = tables.evidence
        mine = (fact.c.person_id == person, fact.c.attribute == attribute)
        known = self.rows(select(fact.c.value, fact.c.observed_at).where(*mine))
        newest = max((one.observed_at for one in known), default=None)
        return [one.value[1] for one in known if one.observed_at == newest]

    def country(self, person: str) -> str | None:
        return next(iter(self.facts(person, "country")), None)

    def is_of_age(self, person: str) -> bool:
        days = {date.fromisoformat(one) for one in self.facts(person, "born_on")}
        today = self.now.date()
        return len(days) == 1 and all(day.replace(year=day.year + 18) <= today for day in days)

    def why_not_open(self, person: str, campaign: str) -> str | None:
        """Why a claim would be refused at this moment."""
        [state] = self.rows(select(tables.campaign.c.state).where(tables.campaign.c.name == campaign))
        opens_at, closes_at = self.ground.rules[campaign]
        if state.state != "open" or not opens_at <= self.now < closes_at:
            return f"the campaign is {state.state}, or its time is over"
        topics = self.facts(person, "topics")
        if not self.is_of_age(person) or len(topics) != 1 or "technology" not in topics[0]:
            return "it is not for them"
        entry = tables.entry
        moves = select(entry.c.claim_id, entry.c.person_id, entry.c.source, entry.c.target, entry.c.units)
        moved = self.rows(moves.where(entry.c.campaign == campaign).order_by(entry.c.entry_id))
        free = sum(one.units for one in moved if one.target == "stock")
        if free - sum(one.units for one in moved if one.source == "stock") <= 0:
            return "all units are taken"
        at = {one.claim_id: one.target for one in moved if one.person_id == person}
        return "they had one" if any(where != "stock" for where in at.values()) else None

    def why_no_promotion(self, person: str, claim: str, channel: str) -> str | None:
        who = self.rows(select(tables.person).where(tables.person.c.person_id == person))
        if not who or not (who[0].name or who[0].handle):
            return "there is no name to show"
        if why := self.why_not_theirs(claim):
            return why
        if not self.says_yes(person, "likeness", channel):
            return f"they do not agree to be shown on {channel}"
        return None if self.is_of_age(person) else "they may be a minor"
