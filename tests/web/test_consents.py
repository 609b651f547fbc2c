"""Consent over HTTP: given to words that were shown, withdrawn at once, confirmed by mail, not by looking."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perks_engine.campaigns.consent_file import load_purposes
from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.services.errors import InvalidInputError
from tests.engine_room import Client, Room, with_log_key

ClientOf = Callable[[str], Client]
BROWSER = {"Accept": "text/html"}


def person(room: Room, person_id: str = "ana", **more: str) -> str:
    facts = {"email": f"{person_id}@mail.example", "name": "Ana", **more}
    return room.person(person_id, **facts)


def put(client: Client, what: str, sha256: str, **more: str) -> httpx.Response:
    body = {"text_sha256": sha256, **more}
    return httpx.put(f"{client.base}/v1/consents/{what}", json=body, headers=client.token)


def delete(client: Client, what: str) -> httpx.Response:
    return httpx.delete(f"{client.base}/v1/consents/{what}", headers=client.token)


def state(client: Client, what: str) -> dict[str, Any]:
    found = client.get("/v1/consents").json()["consents"]
    return next(one for one in found if f"{one['purpose']}/{one['channel']}" == what)


def give(client: Client, what: str) -> httpx.Response:
    """Yes to the words that are shown now."""
    return put(client, what, state(client, what)["text"]["sha256"])


def letters(room: Room) -> list[str]:
    """The links in the letters that ask for a confirmation, the newest first."""
    found = [one for one in room.engine.latest_messages(20) if one.kind == "consent_confirmation"]
    return [re.findall(r"/v1/consent-links/\S+", one.body_text)[0] for one in found]


def test_nobody_is_subscribed_to_what_they_never_agreed_to(room: Room, client_of: ClientOf) -> None:
    ana = client_of(person(room))
    found = ana.get("/v1/consents").json()
    assert {f"{one['purpose']}/{one['channel']}": one["state"] for one in found["consents"]} == {
        "perks/email": "given",
        "moments/email": "not_asked",
        "feedback/email": "not_asked",
        "likeness/site": "not_asked",
        "likeness/social": "not_asked",
        "location/device": "not_asked",
    }
    [imported] = found["history"]
    assert (imported["through"], imported["how"], imported["given"]) == ("import", "test form", True)


def test_a_yes_is_kept_with_the_words_that_were_shown_and_where_it_came_from(
    room: Room, client_of: ClientOf
) -> None:
    ana = client_of(person(room))
    answer = give(ana, "feedback/email")
    assert (answer.status_code, answer.json()["state"], answer.json()["ask"]) == (200, "given", False)
    words = answer.json()["text"]
    act = ana.get("/v1/consents").json()["history"][-1]
    assert act["at"] == "2026-12-02T15:00:00Z"
    assert (act["text_version"], act["text_sha256"], act["language"]) == (1, words["sha256"], "en")
    assert act["origin"].startswith("127.0.0.1, python-httpx/")
    assert (act["through"], act["recorded_by"]) == ("own", "person ana")
    room.clock.move(days=1)
    assert give(ana, "feedback/email").json() == answer.json()
    assert len(ana.get("/v1/consents").json()["history"]) == 2


def test_the_words_are_those_of_the_persons_language(room: Room, client_of: ClientOf) -> None:
    ana, bo = client_of(person(room, "ana", speaks="es")), client_of(person(room, "bo", speaks="de"))
    assert state(ana, "feedback/email")["title"] == "Opiniones"
    assert give(ana, "feedback/email").json()["text"]["language"] == "es"
    assert give(bo, "feedback/email").json()["text"]["language"] == "en"


def test_a_no_is_as_easy_as_a_yes_and_holds_from_that_moment(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    ana = client_of(person(room))
    assert ana.get("/v1/perks").json()["perks"][0]["claimable"] is True
    answer = delete(ana, "perks/email")
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    refused = ana.claim("key")
    assert (refused.status_code, [one["code"] for one in refused.json()["reasons"]]) == (
        403,
        ["opted_in.lacks"],
    )
    assert delete(ana, "perks/email").json() == answer.json()
    assert give(ana, "perks/email").json()["state"] == "given"
    assert ana.claim("again").status_code == 201
    assert [act["given"] for act in ana.get("/v1/consents").json()["history"]] == [True, False, True]


def test_who_said_no_is_not_asked_again_and_an_import_does_not_make_it_a_yes(
    room: Room, client_of: ClientOf
) -> None:
    ana = client_of(person(room))
    assert state(ana, "likeness/site")["ask"] is True
    assert delete(ana, "likeness/site").json()["state"] == "declined"
    assert state(ana, "likeness/site")["ask"] is False
    delete(ana, "perks/email")
    room.clock.move(days=1)
    person(room)  # the same file as before: its yes is older than the no
    assert state(ana, "perks/email")["state"] == "withdrawn"
    room.clock.move(days=9)
    with pytest.raises(InvalidInputError, match="1 problem") as refused:
        person(room)  # the same yes, with a new date
    [problem] = refused.value.problems
    assert problem.endswith(
        "people.yaml:1: ana said no to perks by email on 2026-12-02T15:00:00Z; only they can say yes again"
    )


def test_words_that_changed_after_they_were_shown_are_not_agreed_to(room: Room, client_of: ClientOf) -> None:
    ana = client_of(person(room))
    shown = state(ana, "feedback/email")["text"]
    declare(room, "You may ask me how it was.", version=2)
    answer = put(ana, "feedback/email", shown["sha256"])
    assert (answer.status_code, answer.json()["code"]) == (409, "consent.text_changed")
    assert answer.json()["shown"] == shown
    assert answer.json()["current"]["version"] == 2
    assert answer.json()["current"]["text"] == "You may ask me how it was."
    assert (
        "what was shown is version 1, and the words on feedback are now version 2" in answer.json()["detail"]
    )
    assert state(ana, "feedback/email")["state"] == "not_asked"
    invented = put(ana, "feedback/email", "0" * 64).json()
    assert (invented["code"], invented["shown"]) == ("consent.text_changed", {"sha256": "0" * 64})


def test_words_that_somebody_agreed_to_cannot_be_edited_in_place(room: Room, client_of: ClientOf) -> None:
    ana, bo = client_of(person(room, "ana")), client_of(person(room, "bo"))
    give(ana, "feedback/email")
    declare(room, "I agree to everything.", version=1)
    answer = give(bo, "feedback/email")
    assert (answer.status_code, answer.json()["code"]) == (409, "consent.text_edited")
    assert answer.json()["shown"]["text"] == "I agree to everything."
    assert answer.json()["recorded"]["text"].startswith("After I received a perk you may ask me")
    assert state(ana, "feedback/email")["state"] == "given"
    assert state(bo, "feedback/email")["state"] == "not_asked"


def test_a_new_version_asks_nobody_again(room: Room, client_of: ClientOf) -> None:
    ana, bo = client_of(person(room, "ana")), client_of(person(room, "bo"))
    give(ana, "feedback/email")
    delete(bo, "feedback/email")
    declare(room, "You may ask me how it was.", version=2)
    assert [
        (one["state"], one["ask"]) for one in (state(ana, "feedback/email"), state(bo, "feedback/email"))
    ] == [
        ("given", False),
        ("declined", False),
    ]


def declare(room: Room, words: str, version: int) -> None:
    """The operator changes the words on feedback."""
    file = room.folder / "consents.yaml"
    before = room.engine.rules.purposes.by_name["feedback"].asks[0].texts
    texts = [f"{{version: {one.version}, en: '{one.text}'}}" for one in before if one.language == "en"]
    kept = [one for one in texts if version > 1]
    file.write_text(
        "purposes:\n  feedback:\n    title: {en: Feedback}\n    commercial: false\n"
        "    channels: {email: {double_opt_in: false}}\n"
        f"    texts: [{', '.join([*kept, f'{{version: {version}, en: {words}}}'])}]\n",
        encoding="utf-8",
    )
    purposes = load_purposes(file)
    object.__setattr__(room.engine.consents, "purposes", purposes)


def test_a_double_opt_in_counts_once_the_mailbox_has_confirmed_it(room: Room, client_of: ClientOf) -> None:
    with_log_key(room)
    ana = client_of(person(room))
    answer = give(ana, "moments/email")
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    assert answer.json()["expires_at"] == "2026-12-09T15:00:00Z"
    assert give(ana, "moments/email").json() == answer.json()
    [link] = letters(room)
    assert "opted_in" in {
        fact.attribute for fact in room.engine.people.as_known("ana", room.clock()).evidence
    }
    assert live(room) == {"perks"}

    room.clock.move(minutes=5)
    for _ in range(3):  # scanners of mail
        page = httpx.get(ana.base + link, headers=BROWSER)
        assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")
        assert "Send me e-mails about moments" in page.text
        assert '<form method="post">' in page.text
    assert httpx.head(ana.base + link).status_code == 200
    assert live(room) == {"perks"}

    confirmed = httpx.post(ana.base + link)
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "given")
    assert live(room) == {"perks", "moments"}
    act = ana.get("/v1/consents").json()["history"][-1]
    assert (act["through"], act["confirmed_at"]) == ("link", "2026-12-02T15:05:00Z")
    assert "This was confirmed" in httpx.post(ana.base + link, headers=BROWSER).text
    assert len(ana.get("/v1/consents").json()["history"]) == 2


def live(room: Room) -> set[str]:
    with room.engine.store.read() as tx:
        return {act.purpose for act in tx.people.live_consents("ana")}


def test_a_link_that_was_used_makes_nobody_agree_again(room: Room, client_of: ClientOf) -> None:
    with_log_key(room)
    ana = client_of(person(room))
    give(ana, "moments/email")
    [link] = letters(room)
    httpx.post(ana.base + link)
    delete(ana, "moments/email")
    answer = httpx.post(ana.base + link)
    assert (answer.status_code, answer.json()["code"]) == (409, "consent.link_used")
    assert live(room) == {"perks"}
    assert give(ana, "moments/email").json()["state"] == "pending"
    delete(ana, "moments/email")
    second = letters(room)[0]
    assert second != link
    assert httpx.post(ana.base + second).json()["code"] == "consent.withdrawn_since"
    assert live(room) == {"perks"}


def test_a_link_that_is_none_or_expired_or_altered_tells_nothing(room: Room, client_of: ClientOf) -> None:
    with_log_key(room)
    ana = client_of(person(room))
    give(ana, "moments/email")
    [link] = letters(room)
    altered = link[:-5] + ("A" if link[-5] != "A" else "B") + link[-4:]
    room.clock.move(days=7)
    said = {httpx.post(ana.base + one).text for one in (link, altered, "/v1/consent-links/nothing")}
    assert len(said) == 1
    assert "this link is none, or it has expired" in said.pop()
    assert live(room) == {"perks"}


def test_words_that_changed_while_the_letter_was_on_its_way_are_not_confirmed(
    room: Room, client_of: ClientOf
) -> None:
    with_log_key(room)
    ana = client_of(person(room))
    give(ana, "moments/email")
    text_now = room.engine.rules.purposes.by_name["moments"].asks[0].texts[0]
    file = room.folder / "consents.yaml"
    file.write_text(
        "purposes:\n  moments:\n    title: {en: Moments}\n    commercial: true\n"
        "    channels: {email: {double_opt_in: true}}\n"
        f"    texts: [{{version: 1, en: '{text_now.text}'}}, {{version: 2, en: Everything.}}]\n",
        encoding="utf-8",
    )
    object.__setattr__(room.engine.consents, "purposes", load_purposes(file))
    answer = httpx.post(ana.base + letters(room)[0])
    assert (answer.status_code, answer.json()["code"]) == (409, "consent.text_changed")
    assert live(room) == {"perks"}


def test_without_a_key_or_a_mailbox_nothing_can_be_confirmed(room: Room, client_of: ClientOf) -> None:
    ana = client_of(person(room))
    answer = give(ana, "moments/email")
    assert (answer.status_code, answer.json()["code"]) == (409, "link.no_key")
    assert state(ana, "moments/email")["state"] == "not_asked"
    bo = client_of(room.person("bo"))
    assert give(bo, "moments/email").json()["code"] == "consent.no_mailbox"


def test_staff_writes_down_what_they_were_told_and_why(room: Room, client_of: ClientOf, base: str) -> None:
    ana = client_of(person(room))
    staff = Client(base, room.token(Role.COMPLIANCE, brands=(ALL_BRANDS,)))
    words = state(ana, "feedback/email")["text"]["sha256"]
    where = f"{base}/v1/people/ana/consents/feedback/email"
    told = {"text_sha256": words, "why": "said so by telephone"}
    assert httpx.put(where, json=told, headers=staff.token).json()["state"] == "given"
    answer = staff.post("/v1/people/ana/consents/feedback/email/withdrawal", {"why": "wrote to us"})
    assert answer.json()["state"] == "withdrawn"
    acts = ana.get("/v1/consents").json()["history"][1:]
    assert [(act["through"], act["why"]) for act in acts] == [
        ("staff", "said so by telephone"),
        ("staff", "wrote to us"),
    ]
    assert acts[0]["recorded_by"].startswith("compliance of ")
    assert httpx.put(where, json={**told, "why": "  "}, headers=staff.token).status_code == 422
    one_brand = Client(base, room.token(Role.COMPLIANCE))
    assert one_brand.get("/v1/people/ana/consents").json()["code"] == "access.brand"
    assert client_of(person(room, "bo")).get("/v1/people/ana/consents").json()["code"] == "access.role"
    assert staff.get("/v1/people/nobody/consents").json()["code"] == "person.unknown"


def test_what_nobody_is_asked_cannot_be_agreed_to(room: Room, client_of: ClientOf) -> None:
    ana = client_of(person(room))
    for answer in (put(ana, "surveys/email", "0" * 64), delete(ana, "perks/pigeon")):
        assert (answer.status_code, answer.json()["code"]) == (404, "consent.purpose")
    assert put(ana, "perks/email", "short").status_code == 422


_BY_STAFF_WITHOUT_A_WHY = (
    "INSERT INTO consent (person_id, purpose, channel, given, acted_at, how, recorded_at, through) "
    "SELECT person_id, purpose, channel, given, acted_at, how, recorded_at, 'staff' FROM consent"
)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consent SET given = true",
        "DELETE FROM consent",
        "UPDATE consent_text SET words = 'I agree to everything.'",
        "DELETE FROM consent_text",
        "UPDATE consent_request SET text_sha256 = ''",
        "DELETE FROM consent_request",
        _BY_STAFF_WITHOUT_A_WHY,
    ],
)
def test_what_was_said_stays_as_it_was_said(room: Room, client_of: ClientOf, change: str) -> None:
    with_log_key(room)
    ana = client_of(person(room))
    give(ana, "feedback/email")
    give(ana, "moments/email")
    with room.engine.engine.connect() as connection, pytest.raises(IntegrityError), connection.begin():
        connection.execute(text(change))
