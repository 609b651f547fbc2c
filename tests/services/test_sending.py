"""Sending over real SMTP: once where it goes well, again where it did not, and never what may not be sent."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from perks_engine.delivery.smtp import MailSettingsError, smtp_mailer, written
from perks_engine.domain.consent import Through
from perks_engine.services.consents import Speaker, own_word
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import DatabaseRefusedError
from perks_engine.services.records import Message
from perks_engine.services.sending import LEASE, MOST_ATTEMPTS
from perks_engine.services.sending_records import Mail, Mailbox, MessageState
from tests.engine_room import ALABAMA, BRAND, Room, with_log_key
from tests.mail_server import PostOffice, post_office

FROM = "Our Perks <perks@shop.example>"
_NOON = datetime(2026, 12, 2, 12, tzinfo=UTC)


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    """The engine's mail server."""
    with post_office() as made:
        more = {"smtp_url": made.url, "mail_from": FROM}
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


def person(room: Room, person_id: str = "ana", location: str = ALABAMA, **more: str) -> str:
    return room.person(person_id, location, **{"email": f"{person_id}@mail.example", "name": "Ana", **more})


def queue(room: Room, person_id: str = "ana", purpose: str = "account", subject: str = "Hello") -> str:
    """A message, queued as a service would."""
    now = room.clock()
    message = Message(
        message_id=new_id("msg", now),
        person_id=person_id,
        staff_of=None,
        campaign="",
        claim_id=None,
        kind="test",
        purpose=purpose,
        channel="email",
        subject=subject,
        body_text="Good day.",
        body_html="<p>Good day.</p>",
        created_at=now,
    )
    with room.engine.store.write() as tx:
        tx.outbox.queue(message)
    return message.message_id


def states(room: Room) -> list[tuple[str, str]]:
    """Each message's state and why, the oldest first."""
    return [(one["state"], one.get("why", "")) for one in reversed(room.engine.sending.listed(None, 100))]


def test_what_a_claim_caused_is_sent_once(room: Room, office: PostOffice) -> None:
    room.campaign()
    room.claim(person(room))
    assert room.engine.sending.send() == 1
    assert room.engine.sending.send() == 0
    [(to, letter)] = office.letters
    [kept] = room.engine.sending.listed(None, 5)
    assert to == ("ana@mail.example",)
    assert letter["Message-ID"] == f"<{kept['message']}@shop.example>"
    assert (letter["From"], letter["To"]) == (FROM, "Ana <ana@mail.example>")
    assert letter["Subject"] == "Your claim for Northwind One"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain, html = letter.iter_parts()
    assert plain.get_content_type() == "text/plain"
    assert "Alabama" not in html.get_content()
    assert "33.5" not in plain.get_content()
    assert (kept["state"], kept["attempts"]) == ("sent", 1)


def test_two_senders_at_the_same_time_send_each_message_once(room: Room, office: PostOffice) -> None:
    person(room)
    subjects = [f"Number {number}" for number in range(30)]
    for subject in subjects:
        queue(room, subject=subject)
    senders = [threading.Thread(target=room.engine.sending.round) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    room.engine.sending.round()
    assert sorted(office.subjects()) == sorted(subjects)


def test_a_sender_that_died_is_succeeded_under_the_same_message_id(room: Room, office: PostOffice) -> None:
    person(room)
    message_id = queue(room)
    with room.engine.store.write() as tx:
        now = room.clock()
        assert tx.sending.take("somebody who dies", now, now + LEASE, 5, None) == [message_id]
    assert room.engine.sending.send() == 0
    room.clock.move(minutes=6)
    assert room.engine.sending.send() == 1
    [(_, letter)] = office.letters
    assert letter["Message-ID"] == f"<{message_id}@shop.example>"
    with room.engine.store.write() as tx:
        assert tx.sending.held(message_id, "somebody who dies", room.clock(), room.clock() + LEASE) is None


def test_what_is_not_taken_is_tried_again_after_ever_longer_waits(room: Room, office: PostOffice) -> None:
    person(room)
    queue(room)
    office.to_mailbox = lambda _address: "452 4.2.2 mailbox full"
    waits: list[timedelta] = []
    for _ in range(MOST_ATTEMPTS):
        room.engine.sending.send()
        [kept] = room.engine.sending.listed(None, 1)
        if kept["state"] == MessageState.DEAD:
            break
        with room.engine.store.read() as tx:
            found = tx.sending.get(kept["message"])
        assert found is not None
        assert found[1] is not None
        waits.append(found[1].next_at - room.clock())
        room.clock.now = found[1].next_at - timedelta(seconds=1)
        assert room.engine.sending.send() == 0
        room.clock.now = found[1].next_at
    assert states(room) == [("dead", "452 4.2.2 mailbox full")]
    assert len(waits) == MOST_ATTEMPTS - 1
    for number, wait in enumerate(waits):
        whole = min(timedelta(minutes=2**number), timedelta(hours=6))
        assert whole * 0.75 <= wait <= whole * 1.25

    office.to_mailbox = lambda _address: "250 OK"
    room.clock.move(days=1)
    assert room.engine.sending.send() == 0
    assert room.engine.sending.retry(None) == 1
    assert room.engine.sending.send() == 1
    assert states(room) == [("sent", "")]


def test_a_mailbox_that_is_not_there_is_not_tried_again_and_holds_up_nobody(
    room: Room, office: PostOffice
) -> None:
    for name in ("ana", "bo"):
        queue(room, person(room, name), subject=name)
    office.to_mailbox = lambda address: "550 5.1.1 no such user" if address.startswith("ana") else "250 OK"
    assert room.engine.sending.send() == 1
    assert office.subjects() == ["bo"]
    assert states(room) == [("dead", "550 5.1.1 no such user"), ("sent", "")]


def test_a_letter_that_the_server_cannot_bear_does_not_stop_the_others(
    room: Room, office: PostOffice
) -> None:
    person(room)
    first = queue(room, subject="first")
    queue(room, subject="second")
    office.to_letter = lambda message_id: "554 5.7.1 spam" if first in message_id else "250 OK"
    assert room.engine.sending.send() == 1
    assert states(room) == [("dead", "554 5.7.1 spam"), ("sent", "")]


def test_while_the_mail_server_is_away_everything_waits(room: Room, office: PostOffice) -> None:
    person(room)
    queue(room)
    away = room.engine.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    mailer = smtp_mailer(away.smtp_url, away.mail_from)
    sending = room.engine.sending
    here, sending.mailer = sending.mailer, mailer
    assert sending.round().total == 0
    [(state, why)] = states(room)
    assert state == "queued"
    assert why.startswith("127.0.0.1:1: ")
    sending.mailer = here
    assert sending.send() == 0
    room.clock.move(minutes=1)
    assert sending.send() == 1


def test_without_a_mail_server_nothing_is_sent_and_it_is_said_once(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    person(room)
    queue(room)
    assert [room.engine.sending.send() for _ in range(3)] == [0, 0, 0]
    assert [record.message for record in caplog.records] == [
        "nothing is sent, for PERKS_SMTP_URL names no mail server; messages wait"
    ]
    assert states(room) == [("queued", "")]


def yes(room: Room, purpose: str, speaker: Speaker | None = None) -> None:
    shown = next(one for one in room.engine.rules.purposes.by_name[purpose].asks if one.channel == "email")
    who = speaker or own_word("ana", "a test")
    room.engine.consents.give(who, purpose, "email", shown.current("en").sha256)


def test_nothing_can_be_queued_that_the_person_did_not_agree_to(room: Room) -> None:
    person(room)
    for purpose in ("feedback", "moments", "anything"):
        with pytest.raises(DatabaseRefusedError, match="message_needs_consent"):
            queue(room, purpose=purpose)
    yes(room, "feedback")
    queue(room, purpose="feedback")
    room.engine.consents.withdraw(own_word("ana", "a test"), "feedback", "email")
    with pytest.raises(DatabaseRefusedError, match="message_needs_consent"):
        queue(room, purpose="feedback")
    with (
        room.engine.engine.connect() as connection,
        pytest.raises(Exception, match="message_needs_consent"),
        connection.begin(),
    ):
        connection.execute(text("UPDATE message SET purpose = 'moments'"))


def test_who_says_no_before_it_goes_out_gets_nothing(room: Room, office: PostOffice) -> None:
    person(room)
    queue(room, purpose="perks", subject="A new perk")
    room.clock.move(minutes=1)
    room.engine.consents.withdraw(Speaker("ana", Through.LINK, "person ana", "a link"), "perks", "email")
    assert room.engine.sending.send() == 0
    assert office.letters == []
    assert states(room) == [("cancelled", "they said no to perks by email at 2026-12-02T15:01:00Z")]
    yes(room, "perks")
    room.clock.move(days=1)
    assert room.engine.sending.send() == 0, "what was cancelled stays so"


def test_who_said_no_gets_nothing_that_died_before_either(room: Room, office: PostOffice) -> None:
    with_log_key(room)
    person(room)
    message_id = queue(room, purpose="perks")
    office.to_mailbox = lambda _address: "550 no"
    room.engine.sending.send()
    office.to_mailbox = lambda _address: "250 OK"
    room.engine.consents.withdraw(own_word("ana", "a test"), "perks", "email")
    room.engine.sending.retry(message_id)
    assert room.engine.sending.send() == 0
    assert [state for state, _ in states(room)] == ["cancelled"]


def test_what_could_not_be_stopped_waits_until_it_can(room: Room, office: PostOffice) -> None:
    queue(room, person(room), purpose="perks")
    assert room.engine.sending.round().waiting == 1
    [(state, why)] = states(room)
    assert state == "queued"
    assert why.startswith("there is no key to seal links with")
    assert office.letters == []


def test_who_has_no_mailbox_gets_nothing_and_staff_gets_it_once_there_is_a_contact(
    room: Room, office: PostOffice
) -> None:
    room.person("bo")
    queue(room, "bo")
    with room.engine.store.write() as tx:
        note = Message(
            *("msg_staff", None, BRAND, "", None, "campaign_paused", "operations", "email"),
            *("Paused", "It is paused.", "<p>It is paused.</p>", room.clock()),
        )
        tx.outbox.queue(note)
    assert room.engine.sending.send() == 0
    assert states(room) == [
        ("cancelled", "there is no e-mail address on record"),
        ("queued", f"{BRAND} has no contact: add one with perks contact add"),
    ]
    for mailbox in ("launch@northwind.example", "press@northwind.example"):
        room.engine.contacts.add(BRAND, mailbox, "mara")
    room.clock.move(hours=1)
    assert room.engine.sending.send() == 1
    assert office.letters[0][0] == ("launch@northwind.example", "press@northwind.example")


@pytest.mark.parametrize(
    "name",
    [
        "Ana\r\nBcc: everybody@mail.example",
        "Ana\nSubject: You won",
        "Ana\x0b\x85\u2028Bcc: a@mail.example",
        "Ana\x00\x1b[31m",
        '"Ana" <other@mail.example>, more@mail.example',
    ],
)
def test_no_name_becomes_a_header_or_a_mailbox(name: str) -> None:
    letter = written(
        Mail("<m@shop.example>", (Mailbox("ana@mail.example", name),), f"Hello {name}", "t", "h", _NOON),
        Mailbox("perks@shop.example", name),
    )
    head = letter.as_bytes().partition(b"\r\n\r\n")[0].decode()
    assert [line.partition(":")[0] for line in head.splitlines() if line[:1].strip()] == [
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
    ]
    assert [one.addr_spec for one in letter["To"].addresses] == ["ana@mail.example"]


def test_an_address_that_cannot_stand_in_a_header_is_refused_for_good(room: Room, office: PostOffice) -> None:
    queue(room, person(room, email="'ana,bo@mail.example'"))
    assert room.engine.sending.send() == 0
    [(state, why)] = states(room)
    assert (state, why.split(":")[0]) == ("dead", "it cannot be written as mail")
    assert office.letters == []


@pytest.mark.parametrize(
    ("url", "sender", "fault"),
    [
        ("http://mail.example", FROM, "PERKS_SMTP_URL names none of smtp://, smtp+starttls://, smtps://"),
        ("smtp://mail.example:port", FROM, "PERKS_SMTP_URL is no address"),
        ("smtp://u:p@mail.example", FROM, "PERKS_SMTP_URL would send a password without TLS"),
        ("smtps://u:p@mail.example", "", "PERKS_MAIL_FROM has to name who letters are from"),
    ],
)
def test_settings_that_cannot_be_used(url: str, sender: str, fault: str) -> None:
    with pytest.raises(MailSettingsError, match=re.escape(fault)):
        smtp_mailer(url, sender)
