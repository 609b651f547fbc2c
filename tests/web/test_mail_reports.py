"""What comes back of letters stops what would go out: bounces, complaints, and what is neither."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from perks_engine.delivery.mail_reports import no_mailbox, read_report
from perks_engine.services.access import Role
from perks_engine.services.mail_records import MailEvent
from tests.engine_room import Client, Room
from tests.mail_server import PostOffice
from tests.web.test_unsubscribing import letter, office, reader

__all__ = ["office"]
REPORTS = "/v1/mail-reports"


_BOUNCE = """\
From: Mail Delivery System <mailer-daemon@mx.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ana@mail.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user here
--b
Content-Type: text/rfc822-headers

Message-ID: <{message_id}@shop.example>
Subject: Hello
--b--
"""
_COMPLAINT = """\
From: feedback@mailbox.example
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Example/1.0
Version: 1
--b
Content-Type: message/rfc822

Message-ID: <{message_id}@shop.example>
Subject: Hello

Good day.
--b--
"""


def bounce(message_id: str, action: str = "failed", status: str = "5.1.1") -> str:
    """As a mail server writes it (RFC 3464)."""
    return _BOUNCE.format(message_id=message_id, action=action, status=status)


def complaint(message_id: str) -> str:
    """As a mailbox provider writes it (RFC 5965)."""
    return _COMPLAINT.format(message_id=message_id)


@pytest.fixture
def desk(room: Room, office: PostOffice, base: str) -> Client:
    """Compliance staff, at the mailbox for returned mail; one letter has gone out to Ana."""
    reader(room, "feedback")
    letter(room)
    assert room.engine.sending.send() == 1
    return Client(base, room.token(Role.COMPLIANCE, brands=("*",)))


def first(room: Room) -> str:
    return str(room.engine.sending.listed(None, 50)[-1]["message"])


def test_a_mailbox_that_is_none_gets_nothing_any_more(room: Room, desk: Client, office: PostOffice) -> None:
    noted = desk.post(REPORTS, {"raw": bounce(first(room))})
    assert (noted.status_code, noted.json()["event"], noted.json()["status"]) == (200, "bounced", "5.1.1")
    assert desk.post(REPORTS, {"raw": bounce(first(room))}).json() == noted.json()
    room.campaign()
    room.claim("ana")
    assert room.engine.sending.send() == 0, "not even an answer"
    assert "there is no such mailbox: a letter came back on 2026-12-02 (5.1.1)" in {
        one.get("why") for one in room.engine.sending.listed(None, 9)
    }
    assert len(office.letters) == 1


def test_another_address_is_written_to_again(room: Room, desk: Client, base: str) -> None:
    desk.post(REPORTS, {"raw": bounce(first(room))})
    ana = Client(base, room.token(Role.INFLUENCER, "ana"))
    moved = {"email": "ana@elsewhere.example"}
    assert ana.patch("/v1/record", moved).status_code == 200
    letter(room)
    assert room.engine.sending.send() >= 1


def test_a_bounce_from_an_address_that_was_left_says_nothing_of_the_new_one(
    room: Room, desk: Client, base: str
) -> None:
    ana = Client(base, room.token(Role.INFLUENCER, "ana"))
    moved = {"email": "ana@elsewhere.example"}
    assert ana.patch("/v1/record", moved).status_code == 200
    assert desk.post(REPORTS, {"raw": bounce(first(room))}).json()["event"] == "bounced"
    letter(room)
    assert room.engine.sending.round().dead == 0


def test_who_calls_a_letter_spam_gets_answers_alone(room: Room, desk: Client, office: PostOffice) -> None:
    noted = desk.post(REPORTS, {"raw": complaint(first(room))})
    assert noted.json()["event"] == "complained"
    said = [one for one in room.engine.consents.of("ana")["history"] if not one["given"]]
    assert {(one["purpose"], one["through"]) for one in said} == {
        ("feedback", "provider"),
        ("perks", "provider"),
    }
    room.campaign()
    room.claim("ana")
    assert room.engine.sending.send() == 1


@pytest.mark.parametrize(
    ("action", "status", "event"),
    [("failed", "5.7.1", "undelivered"), ("failed", "5.2.2", "undelivered"), ("delayed", "4.4.1", "delayed")],
)
def test_what_says_nothing_of_the_mailbox_is_noted_and_stops_nothing(
    room: Room, desk: Client, action: str, status: str, event: str
) -> None:
    assert desk.post(REPORTS, {"raw": bounce(first(room), action, status)}).json()["event"] == event
    letter(room)
    assert room.engine.sending.send() == 1


def test_a_server_that_says_so_at_once_is_as_good_as_a_bounce(
    room: Room, desk: Client, office: PostOffice
) -> None:
    office.to_mailbox = lambda _address: "550 5.1.1 no such user"
    letter(room)
    room.engine.sending.send()
    office.to_mailbox = lambda _address: "250 OK"
    letter(room)
    assert room.engine.sending.round().dead == 1
    assert room.engine.sending.retry(None) == 2
    assert room.engine.sending.send() == 2, "whoever knows better has it tried again"


def test_what_is_no_report_or_about_no_letter_of_ours_is_refused(room: Room, desk: Client) -> None:
    plain = EmailMessage()
    plain["Subject"] = "Out of office"
    plain.set_content("I am away.")
    for raw, status, code in (
        (plain.as_string(), 422, "mail_report.unreadable"),
        ("not a message", 422, "mail_report.unreadable"),
        (bounce("msg_unknown"), 404, "mail_report.message"),
        (bounce(first(room), "delivered", "2.0.0"), 422, "mail_report.unreadable"),
    ):
        answer = desk.post(REPORTS, {"raw": raw})
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_only_staff_of_all_brands_hands_reports_in(room: Room, desk: Client, base: str) -> None:
    assert Client(base, room.token(Role.BRAND_MANAGER)).post(REPORTS, {"raw": "x"}).status_code == 403
    assert Client(base, room.token(Role.INFLUENCER, "ana")).post(REPORTS, {"raw": "x"}).status_code == 403


def test_reports_are_read_without_their_letter_and_whatever_bytes_they_hold() -> None:
    answered = bounce("x").replace("Message-ID: <x@shop.example>", "X-Other: 1")
    found = read_report(f"In-Reply-To: <msg_1@shop.example>\n{answered}".encode())
    assert found is not None
    assert (found.event, found.letter) == (MailEvent.BOUNCED, "<msg_1@shop.example>")
    for raw in (
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; boundary=x\n\n--x\n\n--x--",
        b"\n" * 9,
    ):
        assert read_report(raw) is None
    assert no_mailbox("550 5.1.1 no such user") == "5.1.1"
    assert no_mailbox("554 5.7.1 spam; see 15.1.12") == ""
