"""Whoever holds a unit hears what the ledger says of it: sent, received, and no longer so. Each letter can be
objected to, and none says what is not so any more when it goes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from tests.engine_room import STAFF, Client, Room, with_log_key
from tests.mail_server import PostOffice, post_office

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]

COMPLIANCE = Actor("noor", Role.COMPLIANCE, (ALL_BRANDS,))
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
SHIPMENTS = ("shipment", "receipt", "ledger_correction")


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    """A deployment that sends mail, with a key for links."""
    with_log_key(room)
    with post_office() as made:
        more = {
            "smtp_url": made.url,
            "mail_from": "Our Perks <perks@shop.example>",
            "public_url": "https://perks.example",
        }
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


def granted(room: Room, person_id: str = "ana", **more: str) -> str:
    """Their claim, with the letters about it out of the way."""
    room.campaign()
    room.person(person_id, email=f"{person_id}@mail.example", name="Ana", **more)
    claim = str(room.claim(person_id)["claim"])
    room.engine.sending.send()
    return claim


def record(room: Room, claim: str, move: str, note: str = "", carrier: str = "", reference: str = "") -> None:
    row = Fulfillment(claim, MoveKind(move), room.clock(), note=note, carrier=carrier, reference=reference)
    room.engine.fulfilling.record([row], STAFF)


def sent(room: Room, office: PostOffice) -> list[str]:
    """Send what waits; the text of each letter that arrived."""
    before = len(office.letters)
    room.engine.sending.send()
    bodies = [letter.get_body(("plain",)) for _, letter in office.letters[before:]]
    return [body.get_content().replace("\r\n", "\n") for body in bodies if body is not None]


def states(room: Room) -> dict[str, tuple[str, str]]:
    """What became of each letter about the unit, and why, by kind."""
    found = room.engine.sending.listed(None, 100)
    return {one["kind"]: (one["state"], one.get("why", "")) for one in found if one["kind"] in SHIPMENTS}


def link_in(letter: str) -> str:
    found = re.search(r"https://perks\.example(/v1/receipt-links/\S+)", letter)
    assert found is not None, letter
    return found[1]


def test_from_the_shipment_to_the_return_each_step_is_told(room: Room, office: PostOffice) -> None:
    claim = granted(room)
    record(room, claim, "ship", carrier="UPS", reference="1Z999")
    [shipment] = sent(room, office)
    assert office.subjects()[-1] == "Northwind One is on its way to you"
    assert "Carrier: UPS\nTracking number: 1Z999\n" in shipment
    assert "Sent is not received" in shipment
    room.clock.move(days=2)
    record(room, claim, "deliver")
    [receipt] = sent(room, office)
    assert "you received Northwind One" in receipt
    assert "on December\N{NO-BREAK SPACE}4, 2026." in receipt
    assert "What that rests on: the carrier says that it delivered it." in receipt
    assert "Its fair market value is $449.00." in receipt
    assert "you got it free from northwind-phones (16 CFR 255.5)" in receipt
    assert link_in(receipt)
    room.clock.move(days=1)
    record(room, claim, "return", note="did not fit the pocket")
    [correction] = sent(room, office)
    assert "What it said: received by you (December\xa04, 2026, the carrier says that it delivered it)" in (
        correction
    )
    assert "What it says now: given back (December\N{NO-BREAK SPACE}5, 2026)" in correction
    assert "The reason: did not fit the pocket" in correction
    # A letter of an answer has no link to stop it, and none of these asks for a consent.
    assert all(letter["List-Unsubscribe"] is None for _, letter in office.letters)


@pytest.mark.parametrize(
    ("moves", "said", "says"),
    [
        (("ship", "lose"), "on its way to you", "lost on its way to you"),
        (("ship", "lose", "find"), "lost on its way to you", "on its way to you"),
        (("ship", "lose", "replace"), "lost on its way to you", "about to be sent to you"),
        (("ship", "refuse"), "on its way to you", "given back"),
        (("ship", "deliver", "void"), "received by you", "void, as if you had never had it"),
        (("cancel",), "reserved for you", "back in stock, and no longer kept for you"),
    ],
)
def test_a_correction_says_what_the_record_said_and_says_now(
    sqlite_room: Room, moves: tuple[str, ...], said: str, says: str
) -> None:
    claim = granted(sqlite_room)
    for move in moves:
        record(sqlite_room, claim, move, note="looked at")
    letter = sqlite_room.engine.latest_messages(1)[0]
    assert letter.kind == "ledger_correction"
    assert f"What it said: {said} (December\N{NO-BREAK SPACE}2, 2026" in letter.body_text
    assert f"What it says now: {says} (December\N{NO-BREAK SPACE}2, 2026" in letter.body_text
    assert "The reason: looked at" in letter.body_html


def test_who_does_not_come_for_it_hears_that_it_is_kept_no_longer(room: Room) -> None:
    claim = granted(room, speaks="es")
    room.clock.move(days=3)
    assert room.engine.fulfilling.expire_reservations() == 1
    letter = room.engine.latest_messages(1)[0]
    assert letter.claim_id == claim
    assert "la reserva venció" in letter.body_text
    assert (
        "reservado para usted (2\N{NO-BREAK SPACE}de\N{NO-BREAK SPACE}diciembre de 2026)" in letter.body_text
    )


def test_what_is_not_so_any_more_when_a_letter_goes_out_is_not_said(room: Room, office: PostOffice) -> None:
    claim = granted(room)
    record(room, claim, "ship")
    record(room, claim, "deliver")
    record(room, claim, "return", note="sent back at the door")
    [letter] = sent(room, office)
    assert "What it says now: given back" in letter
    assert states(room) == {
        "shipment": ("cancelled", "the unit is no longer on its way"),
        "receipt": ("cancelled", "the unit is no longer with the person"),
        "ledger_correction": ("sent", ""),
    }


def test_who_disputes_hears_from_the_dispute_alone(
    room: Room, office: PostOffice, client_of: ClientOf
) -> None:
    claim = granted(room)
    record(room, claim, "ship")
    record(room, claim, "deliver")
    answer = client_of("ana").post(f"/v1/claims/{claim}/disputes", {"text": "it never came"}, "k")
    assert answer.status_code == 201, answer.text
    [letter] = sent(room, office)
    assert "we have your objection" in letter
    assert states(room)["receipt"] == ("cancelled", "the person disputes that they received it")


def test_a_delivery_that_the_person_had_denied_opens_a_dispute_and_sends_no_receipt(
    room: Room, office: PostOffice, client_of: ClientOf
) -> None:
    claim = granted(room)
    record(room, claim, "ship")
    assert client_of("ana").post(f"/v1/claims/{claim}/denial", {"why": "not here"}, "k").status_code == 200
    record(room, claim, "deliver")
    letters = sent(room, office)
    assert any("does not fit together" in letter for letter in letters)
    assert "receipt" not in states(room)


def test_the_link_in_the_letter_takes_the_objection_without_signing_in(
    room: Room, office: PostOffice, base: str
) -> None:
    claim = granted(room, speaks="es")
    record(room, claim, "ship")
    record(room, claim, "deliver")
    [receipt] = sent(room, office)
    assert "consta que usted recibió Northwind One" in receipt
    link = link_in(receipt)
    # Programs that scan mail look at links: nothing comes of it.
    for ask in (httpx.get, httpx.head):
        assert ask(base + link, headers=BROWSER).status_code == 200
    assert httpx.get(base + link).json()["state"] == "received"
    page = httpx.get(base + link, headers=BROWSER | {"Accept-Language": "fr"})
    assert page.headers["content-language"] == "es"
    assert "Consta que usted lo recibió de northwind-phones el 2\xa0de\xa0diciembre de 2026." in page.text
    assert '<html lang="es">' in page.text
    without_words = httpx.post(base + link, data={"text": " "}, headers=BROWSER)
    assert (without_words.status_code, "Diga en pocas palabras" in without_words.text) == (422, True)
    done = httpx.post(base + link, data={"text": "Nunca llegó:\r\nla puerta no es mía"}, headers=BROWSER)
    assert done.status_code == 200, done.text
    assert "Su objeción se está examinando como la disputa dsp_" in done.text
    # Sent twice, it is one dispute.
    again = httpx.post(base + link, json={"text": "Nunca llegó"})
    assert again.json()["state"] == "disputed"
    [dispute] = room.engine.disputing.seen_by(COMPLIANCE, only_open=True, after=None, limit=9)
    assert (dispute["claim"], dispute["text"]) == (claim, "Nunca llegó:\nla puerta no es mía")
    assert dispute["opened_by"] == "person ana"


def test_a_link_that_is_none_or_of_who_was_erased_tells_nothing(
    room: Room, office: PostOffice, base: str, client_of: ClientOf
) -> None:
    claim = granted(room)
    record(room, claim, "ship")
    record(room, claim, "deliver")
    [receipt] = sent(room, office)
    link = link_in(receipt)
    assert client_of("ana").delete("/v1/record").status_code == 200
    for wrong in (link, link[:-4], "/v1/receipt-links/nothing"):
        page = httpx.get(base + wrong, headers=BROWSER | {"Accept-Language": "fr-CA"})
        assert (page.status_code, "Ce lien est fermé" in page.text) == (404, True)
        assert claim not in page.text
        posted = httpx.post(base + wrong, json={"text": "it never came"})
        assert (posted.status_code, posted.json()["code"]) == (404, "receipt.link")
    # The return of what was hers is recorded, and nobody is written to.
    before = len(room.engine.latest_messages(100))
    record(room, claim, "return", note="came back")
    assert len(room.engine.latest_messages(100)) == before


def test_what_is_no_longer_on_record_cannot_be_objected_to(room: Room, office: PostOffice, base: str) -> None:
    claim = granted(room)
    record(room, claim, "ship")
    record(room, claim, "deliver")
    [receipt] = sent(room, office)
    record(room, claim, "return", note="came back")
    page = httpx.get(base + link_in(receipt), headers=BROWSER)
    assert "there is nothing to object to" in page.text
    posted = httpx.post(base + link_in(receipt), json={"text": "it never came"})
    assert (posted.status_code, posted.json()["code"]) == (409, "dispute.no_line")


def test_without_a_key_for_links_a_letter_names_the_claim(sqlite_room: Room) -> None:
    claim = granted(sqlite_room)
    record(sqlite_room, claim, "ship")
    record(sqlite_room, claim, "deliver")
    letter = sqlite_room.engine.latest_messages(1)[0]
    assert f"object to the record of your claim {claim}, or answer this letter" in letter.body_text


def test_ones_own_word_is_told_as_such(room: Room, client_of: ClientOf) -> None:
    claim = granted(room, speaks="fr")
    record(room, claim, "ship")
    assert client_of("ana").post(f"/v1/claims/{claim}/receipt", {}, "k").status_code == 200
    letter = room.engine.latest_messages(1)[0]
    assert letter.subject == "Northwind One est enregistré comme reçu"
    assert "Ce qui le prouve\N{NO-BREAK SPACE}: vous l’avez dit." in letter.body_text
