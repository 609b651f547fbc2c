"""`perks messages …`: what waits, what was sent, what could not be, and another turn for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.command_line import HERE, JOINED, PEOPLE_HEADER, Desk
from tests.mail_server import PostOffice, post_office


@pytest.fixture
def office(phone_desk: Desk) -> Iterator[PostOffice]:
    """The mail server of the desk; Cleo, who has a mailbox, claimed a phone."""
    with post_office() as made:
        phone_desk.environment |= {
            "PERKS_SMTP_URL": made.url,
            "PERKS_MAIL_FROM": "Perks <perks@shop.example>",
        }
        row = f"cleo,cleo.b,{HERE},perks,{JOINED},form,cleo@mail.example"
        phone_desk.well("person", "import", phone_desk.file("cleo.csv", f"{PEOPLE_HEADER},email\n{row}\n"))
        phone_desk.granted("cleo")
        yield made


def test_what_waits_is_sent_and_shown(phone_desk: Desk, office: PostOffice) -> None:
    waiting = phone_desk.well("messages", "list").lines
    assert ["queued since" in line for line in waiting] == [True, True]
    told = phone_desk.well("messages", "send")
    assert told.out == "2 messages sent, 0 cancelled, 0 to try again\n"
    assert sorted(office.subjects()) == [
        "Northwind One is reserved for you",
        "What to say when you post about Northwind One",
    ]
    assert phone_desk.well("messages", "send").out.startswith("0 messages sent")
    newest = phone_desk.json("messages", "list", "--state", "sent", "--limit", "1")["messages"][0]
    lines = phone_desk.well("messages", "show", newest["message"]).lines
    assert lines[0].startswith(f"{newest['message']}  sent 20")
    assert len(lines) > 5


def test_what_could_not_be_sent_waits_for_another_turn(phone_desk: Desk, office: PostOffice) -> None:
    office.to_mailbox = lambda _address: "550 5.1.1 no such user"
    told = phone_desk.perks("messages", "send")
    assert (told.code, told.lines) == (
        1,
        [
            "0 messages sent, 0 cancelled, 0 to try again",
            "2 could not be sent: perks messages list --state dead",
        ],
    )
    lines = phone_desk.well("messages", "list", "--state", "dead").lines
    assert "    550 5.1.1 no such user" in lines
    dead = phone_desk.json("messages", "list", "--state", "dead")["messages"][0]["message"]
    assert phone_desk.well("messages", "retry", dead).out == "1 message waits for another turn\n"
    again = phone_desk.perks("messages", "retry", dead)
    assert (again.code, "is not dead" in again.err) == (1, True)
    assert phone_desk.well("messages", "retry", "--all").out == "1 message waits for another turn\n"
    office.to_mailbox = lambda _address: "250 OK"
    assert phone_desk.json("messages", "send") == {"sent": 2, "cancelled": 0, "waiting": 0, "dead": 0}


def test_what_cannot_be_done(phone_desk: Desk) -> None:
    told = phone_desk.perks("messages", "send")
    assert told.code == 2
    assert told.err.startswith(
        "perks: nothing is sent, for there is no mail server; name one in PERKS_SMTP_URL"
    )
    assert "name a dead message, or say --all" in phone_desk.perks("messages", "retry").err
    assert "there is no message msg_1" in phone_desk.perks("messages", "show", "msg_1").err
    phone_desk.environment["PERKS_SMTP_URL"] = "mail.example"
    told = phone_desk.perks("messages", "list")
    assert (told.code, told.err.startswith("perks: PERKS_SMTP_URL names none of smtp://")) == (2, True)
