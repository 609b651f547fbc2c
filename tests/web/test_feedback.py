"""Feedback over HTTP: asked of recipients who agreed, answered as they like, changed, taken back, and taken
away whole."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from perks_engine.services.access import Role
from perks_engine.settings import Settings
from tests.engine_room import BRAND, PHONE, Client, Room, with_log_key
from tests.pictures import SECRET, from_a_camera, plain
from tests.web.feedback_room import (
    BROWSER,
    agree,
    ask,
    asker,
    give_picture,
    letters,
    link_in,
    ready_to_ask,
    request,
    say,
)

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def exported(staff: Client, form: str = "json") -> Any:
    answer = staff.get(f"/v1/campaigns/{PHONE}/feedback", format=form)
    assert answer.status_code == 200, answer.text
    return answer.json()["feedback"] if form == "json" else list(csv.DictReader(io.StringIO(answer.text)))


def test_asked_once_some_days_after_receipt(room: Room, claim: str) -> None:
    assert ask(room, days=9, hours=23) == 0
    assert ask(room, hours=1) == 1
    assert ask(room, days=1) == 0
    [letter] = letters(room, "ana")
    assert (letter.subject, letter.purpose) == ("How is Northwind One?", "feedback")
    assert "on December\N{NO-BREAK SPACE}2, 2026" in letter.body_text
    assert "Nothing that you have or may get depends on what you say" in letter.body_text
    assert claim in letter.body_html
    with room.engine.store.read() as tx:
        asked = tx.feedback.asked(claim)
        holding = tx.ledger.holding(claim)
    assert asked
    assert holding
    assert (asked.message_id, asked.entry_id) == (letter.message_id, holding.entry_id)


@pytest.mark.parametrize(
    "event", ["return", "void", "dispute", "never arrived", "never agreed", "said no", "answered already"]
)
def test_who_must_not_be_asked_is_not(room: Room, client_of: ClientOf, event: str) -> None:
    ready_to_ask(room)
    room.campaign()
    ana = asker(room, agrees=event != "never agreed")
    if event == "never arrived":
        room.record(room.claim(ana)["claim"], "ship")
    else:
        claim = room.received(ana)
        room.clock.move(days=2)
        if event in ("return", "void"):
            room.record(claim, event, note="it came back")
        elif event == "dispute":
            client_of(ana).post(f"/v1/claims/{claim}/disputes", {"text": "not my door"}, "objection")
        elif event == "said no":
            agree(room, ana, yes=False)
        elif event == "answered already":
            assert say(client_of(ana), claim, rating=1).status_code == 200
    for days in (9, 30, 60, 200):
        assert ask(room, days=days) == 0
    assert letters(room, ana) == []


def test_who_agrees_much_later_is_not_asked_about_what_was_long_ago(room: Room) -> None:
    ready_to_ask(room)
    room.campaign()
    room.received(asker(room, agrees=False))
    room.clock.move(days=91)
    agree(room, "ana")
    assert ask(room) == 0


def test_people_who_may_not_be_asked_do_not_stand_before_others(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perks_engine.services.soliciting.BATCH", 2)
    ready_to_ask(room)
    room.campaign()
    for person in ("bo", "cy", "di"):
        room.received(asker(room, person, agrees=False))
    room.received(asker(room, "ana"))
    assert ask(room, days=10) == 1


def test_workers_at_the_same_moment_ask_once(room: Room) -> None:
    ready_to_ask(room)
    room.campaign()
    for person in ("ana", "bo", "cy"):
        room.received(asker(room, person))
    room.clock.move(days=10)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: room.engine.recipients.soliciting.ask(), range(4)))
    assert sum(done) == 3
    assert [len(letters(room, person)) for person in ("ana", "bo", "cy")] == [1, 1, 1]


@pytest.mark.parametrize("lacks", ["PERKS_LINK_KEY", "PERKS_POSTAL_ADDRESS"])
def test_without_a_key_or_a_postal_address_nobody_is_asked_and_the_log_says_so(
    sqlite_room: Room, caplog: pytest.LogCaptureFixture, lacks: str
) -> None:
    if lacks == "PERKS_POSTAL_ADDRESS":
        with_log_key(sqlite_room)
    sqlite_room.campaign()
    sqlite_room.received(asker(sqlite_room))
    assert [ask(sqlite_room, days=10), ask(sqlite_room)] == [0, 0]
    [told] = [one.message for one in caplog.records if "nobody is asked for feedback" in one.message]
    assert lacks in told


def test_a_rating_is_optional_and_can_be_cleared_again(
    claim: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    ana = client_of("ana")
    fresh = ana.get(f"/v1/claims/{claim}/feedback").json()
    assert (fresh["open"], fresh["rating"], fresh["text"], fresh["history"]) == (True, None, "", [])
    assert say(ana, claim).json()["history"] == []  # nothing said is nothing kept
    assert say(ana, claim, text="It is a phone.").json()["rating"] is None
    assert say(ana, claim, rating=1, text="It is a bad phone.").json()["rating"] == 1
    same = say(ana, claim, rating=1, text="It is a bad phone.").json()
    assert [one["version"] for one in same["history"]] == [1, 2]
    cleared = say(ana, claim, text="It is a bad phone.").json()
    assert (cleared["rating"], cleared["text"]) == (None, "It is a bad phone.")

    rows = exported(staff_of(Role.BRAND_MANAGER))
    assert [(one["version"], one["standing"], one["rating"], one["rating_state"]) for one in rows] == [
        (1, "replaced", None, "none"),
        (2, "replaced", 1, "given"),
        (3, "current", None, "cleared"),
    ]
    assert [one["text"] for one in rows] == ["It is a phone.", "It is a bad phone.", "It is a bad phone."]
    taken = exported(staff_of(Role.COMPLIANCE), "csv")
    assert [(one["rating"], one["rating_state"], one["person"]) for one in taken] == [
        ("", "none", "ana"),
        ("1", "given", "ana"),
        ("", "cleared", "ana"),
    ]


def test_all_is_taken_back_and_marked_so(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    ana = client_of("ana")
    say(ana, claim, rating=2, text="=SUM(A1) meh")
    give_picture(ana, claim, plain())
    after = request(ana, "DELETE", f"/v1/claims/{claim}/feedback").json()
    assert (after["rating"], after["text"], after["pictures"]) == (None, "", [])
    assert [one["act"] for one in after["history"]] == ["answered", "withdrawn"]
    assert list((room.folder / "files" / "pictures").iterdir()) == []
    rows = exported(staff_of(Role.BRAND_MANAGER))
    assert [(one["standing"], one["rating"], one["text"]) for one in rows] == [
        ("withdrawn", 2, "=SUM(A1) meh"),
        ("withdrawn", None, ""),
    ]
    assert exported(staff_of(Role.BRAND_MANAGER), "csv")[0]["text"] == "'=SUM(A1) meh"  # no formula
    again = request(ana, "DELETE", f"/v1/claims/{claim}/feedback").json()
    assert len(again["history"]) == 2
    assert say(ana, claim, rating=5).json()["rating"] == 5


@pytest.mark.parametrize("event", ["return", "void", "dispute", "said no"])
def test_what_happened_since_closes_it_and_taking_back_stays_possible(
    room: Room, claim: str, client_of: ClientOf, base: str, event: str
) -> None:
    ana = client_of("ana")
    ask(room, days=10)
    link = link_in(letters(room, "ana")[0].body_text)
    say(ana, claim, rating=3, text="so so")
    given = give_picture(ana, claim, plain()).json()["picture"]
    if event == "dispute":
        ana.post(f"/v1/claims/{claim}/disputes", {"text": "not mine"}, "objection")
    elif event == "said no":
        agree(room, "ana", yes=False)
    else:
        room.record(claim, event, note="it came back")
    code = {"dispute": "feedback.disputed", "said no": "feedback.no_consent"}.get(
        event, "feedback.not_received"
    )
    found = ana.get(f"/v1/claims/{claim}/feedback").json()
    assert (found["open"], found["code"], found["rating"], found["text"]) == (False, code, 3, "so so")
    for refused in (
        say(ana, claim, rating=5),
        give_picture(ana, claim, plain(colour="red")),
        request(base, "POST", link, json={"rating": 5}),
        request(base, "POST", f"{link}/pictures", content=plain(colour="red")),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, code), refused.text
    page = request(base, "GET", link, headers=BROWSER)
    assert page.status_code == 200
    assert "Nothing is asked here now" in page.text
    assert 'name="rating"' not in page.text
    gone = request(ana, "DELETE", f"/v1/claims/{claim}/feedback/pictures/{given}")
    assert gone.status_code == 204
    assert request(base, "POST", f"{link}/withdrawal").json()["history"][-1]["act"] == "withdrawn"


def test_the_page_behind_the_link_works_without_a_token_or_a_script(
    room: Room, claim: str, base: str, client_of: ClientOf
) -> None:
    ask(room, days=10)
    link = link_in(letters(room, "ana")[0].body_text)
    request(base, "GET", link)  # a scanner of mail looks
    page = request(base, "GET", link, headers=BROWSER)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "img-src 'self'" in page.headers["content-security-policy"]
    assert re.findall("<script.*", page.text) == re.findall('<script src="/static/shell.*', page.text)
    assert 'value="" checked>no rating' in page.text
    assert client_of("ana").get(f"/v1/claims/{claim}/feedback").json()["history"] == []

    saved = request(base, "POST", link, data={"rating": "2", "text": "one\r\ntwo <b>"}, headers=BROWSER)
    assert "Thank you, that is kept." in saved.text
    assert 'value="2" checked>' in saved.text
    assert "one\ntwo &lt;b&gt;</textarea>" in saved.text
    cleared = request(base, "POST", link, data={"rating": "", "text": "one\r\ntwo <b>"}, headers=BROWSER)
    assert 'value="" checked>' in cleared.text

    upload = {"picture": ("holiday.jpg", from_a_camera(), "image/jpeg")}
    shown = request(base, "POST", f"{link}/pictures", files=upload, headers=BROWSER)
    assert "The picture is kept." in shown.text
    [given] = request(base, "GET", link).json()["pictures"]
    image = request(base, "GET", f"{link}/pictures/{given['picture']}")
    assert image.headers["content-type"] == "image/jpeg"
    assert SECRET.encode() not in image.content
    removed = request(base, "POST", f"{link}/pictures/{given['picture']}/removal", headers=BROWSER)
    assert "The picture is deleted." in removed.text

    stopped = request(base, "POST", f"{link}/stop", headers=BROWSER)
    assert "You will not be asked for feedback again." in stopped.text
    consents = client_of("ana").get("/v1/consents").json()
    act = consents["history"][-1]
    assert (act["purpose"], act["given"], act["through"]) == ("feedback", False, "link")
    history = client_of("ana").get(f"/v1/claims/{claim}/feedback").json()["history"]
    assert [(one["rating"], one["text"], one["through"]) for one in history] == [
        (2, "one\ntwo <b>", "link"),
        (None, "one\ntwo <b>", "link"),
    ]


def test_a_link_that_is_altered_expired_or_for_something_else_opens_nothing(
    room: Room, claim: str, base: str
) -> None:
    ask(room, days=10)
    link = link_in(letters(room, "ana")[0].body_text)
    other = room.engine.links.make("", "perks-engine consent links 1", {"claim": claim}).rpartition("/")[2]
    bad = [
        link[:-2] + ("AA" if link[-2:] != "AA" else "BB"),
        "/v1/feedback-links/x",
        f"/v1/feedback-links/{other}",
    ]
    answers = [request(base, "GET", one) for one in bad]
    room.clock.move(days=90)
    answers.append(request(base, "GET", link))
    answers.append(request(base, "POST", link, json={"rating": 1}))
    assert {(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers} == {
        (404, "feedback.link", "this link is none, or it is no longer good")
    }


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"rating": 0}, "body.rating"),
        ({"rating": 6}, "body.rating"),
        ({"rating": 4.5}, "body.rating"),
        ({"rating": "5"}, "body.rating"),
        ({"rating": True}, "body.rating"),
        ({"text": "x" * 5_001}, "body.text"),
        ({"text": "a\u0000b"}, "body.text"),
        ({"stars": 5}, "body.stars"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_with_its_place(
    sqlite_room: Room, sqlite_base: str, body: dict[str, Any], words: str
) -> None:
    ready_to_ask(sqlite_room)
    sqlite_room.campaign()
    claim = sqlite_room.received(asker(sqlite_room))
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    ask(sqlite_room, days=10)
    link = link_in(letters(sqlite_room, "ana")[0].body_text)
    for answer in (say(ana, claim, **body), request(sqlite_base, "POST", link, json=body)):
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid"), answer.text
        assert words in answer.json()["detail"]
    torn = request(sqlite_base, "POST", link, data={"rating": "five"})
    assert (torn.status_code, torn.json()["detail"]) == (422, "a rating is a number from 1 to 5, or none")
    strange = request(sqlite_base, "POST", link, data={"rating": "5", "stars": "5"})
    told = "body.stars: this form has no such field; it has rating, text"
    assert (strange.status_code, strange.json()["detail"]) == (422, told)
    torn = request(
        sqlite_base,
        "POST",
        f"{link}/pictures",
        content=b"--x",
        headers={"Content-Type": "multipart/form-data; boundary=y"},
    )
    assert torn.status_code == 422
    assert ana.get(f"/v1/claims/{claim}/feedback").json()["history"] == []


def test_nobody_sees_or_says_for_another(room: Room, claim: str, client_of: ClientOf, base: str) -> None:
    say(client_of("ana"), claim, rating=1)
    given = give_picture(client_of("ana"), claim, plain()).json()["picture"]
    bo = client_of(asker(room, "bo"))
    for answer in (
        bo.get(f"/v1/claims/{claim}/feedback"),
        say(bo, claim, rating=5),
        give_picture(bo, claim, plain(colour="red")),
        request(bo, "DELETE", f"/v1/claims/{claim}/feedback"),
        bo.get(f"/v1/claims/{claim}/feedback/pictures/{given}"),
        bo.get(f"/v1/pictures/{given}"),
    ):
        assert answer.status_code == 404, answer.text
    stranger = Client(base, room.token(Role.BRAND_MANAGER, brands=("another-brand",)))
    assert stranger.get(f"/v1/pictures/{given}").status_code == 404
    assert stranger.get(f"/v1/campaigns/{PHONE}/feedback").json()["code"] == "campaign.unknown"
    assert stranger.get(f"/v1/campaigns/{PHONE}/feedback", brand=BRAND).json()["code"] == "access.brand"
    fulfillment = Client(base, room.token(Role.FULFILLMENT))
    assert fulfillment.get(f"/v1/campaigns/{PHONE}/feedback").status_code == 403
    assert fulfillment.get(f"/v1/pictures/{given}").status_code == 403
    manager = Client(base, room.token(Role.BRAND_MANAGER))
    assert manager.get(f"/v1/pictures/{given}").status_code == 200
    assert manager.get("/v1/campaigns/no-such/feedback").json()["code"] == "campaign.unknown"


def test_with_the_person_their_words_and_pictures_go(
    room: Room, claim: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    ana = client_of("ana")
    say(ana, claim, rating=1, text="My name is Ana Secret")
    say(ana, claim, text="Ana Secret again")
    give_picture(ana, claim, plain())
    ask(room, days=10)
    receipt = request(ana, "DELETE", "/v1/record").json()
    gone = {one["what"]: one["count"] for one in receipt["gone"]}
    assert gone["what you wrote about what you received"] == 2
    assert gone["pictures that you gave, or that show your posts"] == 1
    kept = {one["what"]: one["count"] for one in receipt["kept"]}
    assert kept["ratings, without your words"] == 2
    assert list((room.folder / "files" / "pictures").iterdir()) == []
    rows = exported(staff_of(Role.BRAND_MANAGER))
    assert [(one["rating"], one["rating_state"], one["text"], one["text_state"]) for one in rows] == [
        (1, "given", "", "erased"),
        (None, "cleared", "", "erased"),
    ]
    assert {one["person"] for one in rows} == {receipt["pseudonym"]}
    if room.engine.engine.dialect.name == "sqlite":
        with room.engine.engine.connect() as connection:
            assert "Ana Secret" not in "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]


def test_what_was_said_stays_as_it_was_said(room: Room, claim: str, client_of: ClientOf) -> None:
    say(client_of("ana"), claim, rating=1, text="bad")
    for statement in (
        "UPDATE feedback_version SET rating = 5",
        "DELETE FROM feedback_version",
        "UPDATE feedback_words SET words = 'good'",
    ):
        with (
            pytest.raises(DBAPIError, match=r"append_only|only ever appended|never changed"),
            room.engine.engine.begin() as connection,
        ):
            connection.execute(text(statement))


def test_settings_that_ask_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match=r"more than PERKS_FEEDBACK_AFTER_DAYS \(30.0\)"):
        Settings(feedback_after_days=30, feedback_until_days=20)
