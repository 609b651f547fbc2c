"""What happens seldom, and to everybody at once: the words and the purposes change, an incident is found and
dealt with, and somebody in the house queues a letter of their own for whatever purpose and channel."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from perks_engine.domain.consent import Ask, ConsentText, Purpose, Purposes
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.composing import campaign_values
from perks_engine.services.errors import ServiceError
from perks_engine.services.incident_correction import Corrected, Distrust
from perks_engine.services.incident_records import Scope
from perks_engine.services.offering import OFFER
from perks_engine.services.ports import DatabaseRefusedError
from tests.services.letter_beginning import LAMP
from tests.services.letter_histories import WHAT, WHO, YES_OR_NO, Histories
from tests.services.what_may_be_sent import OF_THE_HOUSE

PURPOSES = st.sampled_from(["perks", "feedback", "moments", "news", "likeness", "account"])
ANY_CHANNEL = st.sampled_from(["email", "email", "email", "sms", "site"])
OPENER, APPROVER = (Actor(one, Role.COMPLIANCE, (ALL_BRANDS,), holder=one) for one in ("olga", "pia"))
WORDS = (ConsentText(1, "en", "Send me news."),)
NEWS = Purpose(
    "news", {"en": "News"}, True, (Ask("news", "email", False, WORDS), Ask("news", "sms", False, WORDS))
)


class OddEvents(Histories):
    @rule(switched_on=YES_OR_NO, words=st.integers(1, 3))
    def the_purposes_change(self, switched_on: bool, words: int) -> None:
        """A new purpose is switched on, or off again; and all are asked in other words."""
        known = self.engine.rules.purposes.by_name
        said = {name: _in_other_words(one, words) for name, one in known.items()}
        now = Purposes(said | ({NEWS.name: NEWS} if switched_on else {}))
        object.__setattr__(self.engine.consents, "purposes", now)

    @rule(who=WHO, purpose=PURPOSES, channel=ANY_CHANNEL, yes=YES_OR_NO, then=YES_OR_NO)
    def the_house_writes(self, who: str, purpose: str, channel: str, yes: bool, then: bool) -> None:
        """With nothing but the outbox between it and the mailbox; and what they said before and since."""
        if channel != "site":
            self.they_say(who, (purpose, channel), yes, "own")
        now = self.clock()
        with self.engine.store.read() as tx:
            card = tx.people.card(who)
            record = tx.campaigns.get(LAMP)
            campaign = self.engine.versions.get(record.latest, tx) if record and card else None
        if card is None or campaign is None:
            return
        values = campaign_values(campaign) | {"closes_at": campaign.window.closes_at, "link": "/"}
        with suppress(ServiceError, DatabaseRefusedError), self.engine.store.write() as tx:
            letter = self.engine.composing.to_person(
                *(card, OF_THE_HOUSE, OFFER, values, now),
                purpose=purpose,
                expires_at=now + timedelta(days=7),
            )
            tx.outbox.queue(replace(letter, channel=channel))
        if then:
            self.they_say(who, (purpose, channel), not yes, "link")
        self.clock.move(days=1)
        self.clock.now = self.clock().replace(hour=13)  # day, wherever they are
        self.a_sender_goes_round("takes it", who, LAMP, "nothing")

    @rule(who=WHO, what=WHAT, seldom=YES_OR_NO, applied=YES_OR_NO)
    def an_incident_is_found(self, who: str, what: str, seldom: bool, applied: bool) -> None:
        """What profiles say is not believed: whatever was granted is taken back, and shown no more."""
        if seldom:
            return
        self.they_claim(who, what)
        self.clock.move(minutes=1)
        engine = self.engine
        with suppress(ServiceError):
            incident = str(engine.incidents.open(OPENER, Scope(campaign=what), "The profiles.")["incident"])
            engine.incident_jobs.ask_replay(OPENER, incident, Corrected(distrust=(Distrust("profile"),)))
            engine.chores.run("incidents")
            planned = engine.incident_plan.plan(OPENER, incident)
            engine.incidents.approve(APPROVER, incident, planned["history"][-1]["numbers"]["hash"])
            if applied:
                engine.incident_jobs.ask_apply(OPENER, incident)
                engine.chores.run("incidents")
                self.a_sender_goes_round("takes it", who, what, "nothing")


def _in_other_words(purpose: Purpose, version: int) -> Purpose:
    """The same purpose, whose newest words are that version; the older ones stay."""
    asks = (
        replace(
            ask,
            texts=(
                *(one for one in ask.texts if one.version == 1),
                *(
                    ConsentText(number, "en", f"{ask.purpose} by {ask.channel}, {number}")
                    for number in range(2, version + 1)
                ),
            ),
        )
        for ask in purpose.asks
    )
    return replace(purpose, asks=tuple(asks))
