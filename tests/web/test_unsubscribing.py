"""One click under a letter, without signing in, ends letters of its kind; looking at the link does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from perks_engine.services.composing import FOOTER
from perks_engine.services.consents import own_word
from perks_engine.services.errors import RefusedError
from perks_engine.services.records import Message
from tests.engine_room import ALABAMA, Room, with_log_key
from tests.mail_server import PostOffice, post_office

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
STREET = "Our Perks | 1 Example Street | Springfield, IL 62701"


@pytest.fixture
def office(room: Room, base: str) -> Iterator[PostOffice]:
    """A deployment that sends mail, with everything that letters have to carry."""
    with_log_key(room)
    with post_office() as made:
        more = {
            "smtp_url": made.url,
            "mail_from": "Our Perks <perks@shop.example>",
            "public_url": "https://perks.example",
            "postal_address": STREET,
        }
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


def reader(room: Room, *purposes: str, person_id: str = "ana", **more: str) -> str:
    """Somebody who agreed to these purposes by e-mail."""
    room.person(person_id, ALABAMA, email=f"{person_id}@mail.example", name="Ana", **more)
    for purpose in purposes:
        ask = next(one for one in room.engine.rules.purposes.by_name[purpose].asks if one.channel == "email")
        shown = ask.current("en").sha256
        room.engine.consents.give(own_word(person_id, "a test"), purpose, "email", shown)
    return person_id


def letter(room: Room, purpose: str = "feedback", person_id: str = "ana") -> Message:
    """One is queued, as a service would. The text of the footer is as good as any."""
    values = {"title": "a test", "link": "https://perks.example", "postal_address": []}
    with room.engine.store.write() as tx:
        card = tx.people.card(person_id)
        assert card is not None
        made = room.engine.composing.to_person(card, "test", FOOTER, values, room.clock(), purpose=purpose)
        tx.outbox.queue(made)
    return made


def link_of(office: PostOffice) -> str:
    """The path of the newest letter's link."""
    _, mail = office.letters[-1]
    found = re.fullmatch(r"<https://perks\.example(/v1/unsubscribe/\S+)>", mail["List-Unsubscribe"])
    assert found is not None
    return found[1]


def test_a_letter_says_how_to_stop_it_and_where_its_sender_is(room: Room, office: PostOffice) -> None:
    reader(room, "feedback")
    letter(room)
    assert room.engine.sending.send() == 1
    _, mail = office.letters[-1]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in mail.iter_parts():
        text = part.get_content()
        assert "https://perks.example/v1/unsubscribe/" in text
        assert "Springfield, IL 62701" in text
        assert "agreed to letters about Feedback" in text


def test_an_answer_to_their_own_act_carries_no_such_link(room: Room, office: PostOffice) -> None:
    room.campaign()
    room.claim(reader(room))
    room.engine.sending.send()
    for _, mail in office.letters:
        assert mail["List-Unsubscribe"] is None


def test_one_click_ends_it_before_the_next_is_sent(room: Room, office: PostOffice, base: str) -> None:
    reader(room, "feedback")
    letter(room)
    room.engine.sending.send()
    link = link_of(office)
    letter(room)
    answer = httpx.post(base + link, data=ONE_CLICK, follow_redirects=False)
    assert (answer.status_code, answer.json()["state"]) == (200, "ended")
    assert "set-cookie" not in answer.headers
    assert room.engine.sending.round().cancelled == 1
    assert len(office.letters) == 1
    history = room.engine.consents.of("ana")["history"]
    said = next(one for one in history if not one["given"])
    assert (said["purpose"], said["through"]) == ("feedback", "link")
    assert said["how"] == "unsubscribed by the link in a letter"
    # Once more, and as a form of several parts, as some mail programs post it: nothing changes.
    again = httpx.post(base + link, files={"List-Unsubscribe": (None, "One-Click")})
    assert again.json() == answer.json()
    assert room.engine.consents.of("ana")["history"] == history


def test_looking_ends_nothing(room: Room, office: PostOffice, base: str) -> None:
    reader(room, "feedback")
    letter(room)
    room.engine.sending.send()
    link = link_of(office)
    for ask in (httpx.get, httpx.head):
        assert ask(base + link).status_code == 200
        page = ask(base + link, headers=BROWSER)
        assert page.headers["cache-control"] == "private, no-store"
    assert "Stop letters about “Feedback”?" in httpx.get(base + link, headers=BROWSER).text
    assert httpx.get(base + link).json()["state"] == "sent"


def test_who_wants_none_at_all_ends_all_but_answers(room: Room, office: PostOffice, base: str) -> None:
    reader(room, "feedback", "perks")
    letter(room)
    room.engine.sending.send()
    link = link_of(office)
    page = httpx.get(base + link, headers=BROWSER).text
    assert "?everything=true" in page
    ended = httpx.post(base + link + "?everything=true", headers=BROWSER)
    assert "are not sent" in ended.text
    states = {one["purpose"]: one["state"] for one in room.engine.consents.of("ana")["consents"]}
    assert (states["feedback"], states["perks"], states["moments"]) == ("withdrawn", "withdrawn", "not_asked")


def test_a_link_that_was_altered_changes_nothing_and_tells_nothing(
    room: Room, office: PostOffice, base: str
) -> None:
    reader(room, "feedback")
    letter(room)
    room.engine.sending.send()
    link = link_of(office)
    altered = link[:-5] + ("A" if link[-5] != "A" else "B") + link[-4:]
    for wrong in (altered, "/v1/unsubscribe/nothing", link[:-9]):
        page = httpx.post(base + wrong, headers=BROWSER)
        assert page.status_code == 404
        assert "This link is not whole" in page.text
        assert "Feedback" not in page.text
        problem = httpx.post(base + wrong, data=ONE_CLICK)
        assert (problem.status_code, problem.json()["code"]) == (404, "unsubscribe.link")
    assert httpx.get(base + link).json()["state"] == "sent"


def test_what_could_not_be_stopped_is_not_queued(room: Room) -> None:
    reader(room, "feedback")
    with pytest.raises(RefusedError, match="PERKS_LINK_KEY"):
        letter(room)
    with_log_key(room)
    del room.engine.sealing
    with pytest.raises(RefusedError, match="PERKS_POSTAL_ADDRESS"):
        letter(room)


def test_nobody_gets_more_letters_than_are_allowed(room: Room, office: PostOffice) -> None:
    reader(room, "feedback")
    for _ in range(5):
        letter(room)
        room.clock.move(minutes=1)
    done = room.engine.sending.round()
    assert (done.sent, done.waiting) == (3, 2)
    assert room.engine.sending.listed(None, 1)[0]["why"] == "they had 3 letters in 7 days"
    room.clock.move(days=6)
    assert room.engine.sending.send() == 0
    room.clock.move(days=1)
    assert room.engine.sending.send() == 2
    room.campaign()
    room.claim("ana")
    assert room.engine.sending.send() == 1  # what answers a claim is not counted, and does not wait


def test_nothing_but_answers_comes_at_night(room: Room, office: PostOffice) -> None:
    reader(room, "feedback", country="US")
    room.clock.now = room.clock().replace(day=3, hour=5)  # 23:00 in Alabama
    room.campaign()
    room.claim("ana")
    letter(room)
    done = room.engine.sending.round()
    assert (done.sent, done.waiting) == (1, 1)
    waiting = room.engine.sending.listed(None, 1)[0]
    assert waiting["why"] == "it is night where they are"
    room.clock.move(hours=8)
    assert room.engine.sending.send() == 0  # New York is awake; Honolulu is not, and they may be there
    room.clock.move(hours=5)  # 08:00 there
    assert room.engine.sending.send() == 1
