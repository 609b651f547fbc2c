"""What people are told of their claims, in their language: the parts of a bundle, what is still to come,
errors, and taxes."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.engine_room import BROOKLYN, PHONE, STAFF, Room
from tests.web.test_own_evidence import WINDOW, at_the_portal
from tests.web.test_pages import word_in

BOX = "sample-box-us"
OHIO = "{verified_address: {country: US, region: US-OH}}"


def test_some_parts_of_a_bundle_arrive(room: Room) -> None:
    room.campaign(BOX, window=WINDOW)
    room.person("eve", OHIO, score="{reach: 42}")
    claim = room.claim("eve", campaign=BOX)["claim"]
    at = f"/my/claims/{claim}"
    with at_the_portal(room, "eve") as eve:
        page = eve.get(at).text
        assert "Sent to you" in page
        assert "Received by you" in page
        with room.engine.store.read() as tx:
            assert tx.instructing.instruction(claim) is not None
        eve.post(f"{at}/acknowledgement", data={"csrf": word_in(eve.get(at)), "key": "a"})
        room.record(claim, "ship")
        page = eve.get(at)
        assert "Only some of it arrived" in page.text
        assert "Sent to you" not in page.text
        form = {"csrf": word_in(page), "key": "b", "some": "yes"}
        nothing = eve.post(f"{at}/receipt", data=form)
        assert nothing.status_code == 422
        assert "Say which parts arrived." in nothing.text
        some = eve.post(f"{at}/receipt", data=form | {"part": ["Spiced nuts", "Cocoa bites"]})
        assert some.headers["location"] == f"{at}?done=received"
        after = eve.get(at).text
        contents = after.partition("What is in it")[2].partition("</ul>")[0]
        assert contents.count(">received<") == 2
        assert contents.count(">not received<") == 1
        assert "$16.50" in contents
    with room.engine.disclosing.lines(STAFF, "juniper-pantry") as (_, lines):
        assert [str(one.fair_market_value) for one in lines] == ["24.50 USD"]


def test_what_a_person_denied_is_not_asked_again(sqlite_room: Room) -> None:
    room = sqlite_room
    room.campaign()
    claim = room.received(room.person("eve"))
    at = f"/my/claims/{claim}"
    with at_the_portal(room, "eve") as eve:
        page = eve.get(at)
        assert "Did it not arrive?" in page.text
        eve.post(f"{at}/denial", data={"csrf": word_in(page), "key": "a", "why": "left at another door"})
        after = eve.get(at).text
        assert "Did it not arrive?" not in after
        assert "You said that it did not arrive" in after
        assert "On record since" in after
        assert "A dispute is open" in after
        assert "Say more about it" in after


def test_a_page_that_is_old_writes_nothing_over_what_came_since(sqlite_room: Room) -> None:
    """The form says again what it showed of each field."""
    room = sqlite_room
    room.person("eve", BROOKLYN, email="eve@old.example", speaks="fr")
    with at_the_portal(room, "eve") as eve:
        page = eve.get("/my/record")
        shown = {"csrf": word_in(page), "edition": page.text.partition('name="edition" value="')[2][:24]}
        room.engine.records.rectifying.correct_own("eve", {"email": "eve@new.example"})
        old = eve.post("/my/record", data=shown | {"name": "Eve", "email": "eve@old.example"})
        assert old.status_code == 412
        assert "rien n’a été enregistré" in old.text
        assert 'value="eve@new.example"' in old.text
        now = {**shown, "edition": old.text.partition('name="edition" value="')[2][:24]}
        assert eve.post("/my/record", data=now | {"name": "Eve"}).headers["location"].endswith("corrected")
    assert room.engine.people.own_fields("eve")["email"] == "eve@new.example"


@pytest.mark.parametrize(
    ("language", "refused", "notice", "unconfirmed"),
    [
        (
            *("es", "Nadie dice que usted lo haya recibido", "se comunica a la autoridad fiscal"),
            "Ahora mismo no se puede confirmar nada por carta",
        ),
        (
            *("fr", "Personne ne dit que vous l’avez reçu", "déclaré à l’administration fiscale"),
            "Rien ne peut être confirmé par lettre pour le moment",
        ),
    ],
)
def test_errors_and_taxes_are_told_in_the_readers_language(
    sqlite_room: Room, language: str, refused: str, notice: str, unconfirmed: str
) -> None:
    room = sqlite_room
    room.campaign(fair_market_value="2500.00 USD")
    room.person("eve", BROOKLYN, speaks=language, email="eve@mail.example")
    with at_the_portal(room, "eve") as eve:
        ahead = eve.get(f"/my/perks/{PHONE}/claim").text
        assert notice in ahead
        assert "2500.00 USD" not in ahead
        claim = room.claim("eve")["claim"]
        page = eve.get(f"/my/claims/{claim}")
        told = eve.post(f"/my/claims/{claim}/denial", data={"csrf": word_in(page), "key": "c"})
        assert told.status_code == 409
        assert refused in told.text
        assert 'lang="en"' not in told.text.partition("<main")[2].partition("</main")[0]
        form = sent_with(eve.get("/my/consents"), "/my/consents/moments/email")
        told = eve.post("/my/consents/moments/email", data=form)
        assert told.status_code == 409
        assert unconfirmed in told.text
        assert "perks ledger" not in told.text, "what an operator has to do is nothing to its reader"
        for path in ("/my", "/my/claims", "/my/consents", "/my/disputes", "/my/record", "/my/evidence"):
            found = eve.get(path)
            assert f'<html lang="{language}">' in found.text
            assert "Your " not in found.text.partition("<title>")[2].partition("</title>")[0], path


def sent_with(page: httpx.Response, to: str) -> dict[str, str]:
    """What the page itself puts into that form."""
    found = re.search(rf'<form[^>]*action="{re.escape(to)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found is not None, page.text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found[1]))
