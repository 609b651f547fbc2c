"""Row 8: people were mailed about "moments" that they had never asked to hear of; the fix was a link to
unsubscribe."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from perks_engine.services.access import Role
from perks_engine.services.ports import DatabaseRefusedError
from tests.engine_room import PHONE, Client, Room
from tests.mail_server import PostOffice
from tests.web.test_unsubscribing import ONE_CLICK, letter, link_of, office

__all__ = ["office"]
ONE_CLICK_HEADER = "List-Unsubscribe=One-Click"
ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def joined(room: Room, *people: str) -> None:
    for one in people:
        room.person(one, email=f"{one}@mail.example", name=one.title())


def states(client: Client) -> dict[str, str]:
    found = client.get("/v1/consents").json()["consents"]
    return {one["purpose"]: one["state"] for one in found if one["channel"] == "email"}


def say_yes(client: Client, purpose: str) -> httpx.Response:
    found = client.get("/v1/consents").json()["consents"]
    [ask] = [one for one in found if (one["purpose"], one["channel"]) == (purpose, "email")]
    return client.put(f"/v1/consents/{purpose}/email", {"text_sha256": ask["text"]["sha256"]})


def plain(office: PostOffice) -> str:
    body = office.letters[-1][1].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_nobody_hears_of_moments_who_did_not_ask_for_them_and_confirm_it(
    room: Room, office: PostOffice, base: str, client_of: ClientOf
) -> None:
    joined(room, "ana", "bo")
    ana = client_of("ana")
    assert states(ana) == {"perks": "given", "moments": "not_asked", "feedback": "not_asked"}
    for who in ("ana", "bo"):
        with pytest.raises(DatabaseRefusedError, match="message_needs_consent"):
            letter(room, "moments", who)

    # A yes to moments waits until whoever holds the mailbox has confirmed it; a scanner's look is no yes.
    assert say_yes(ana, "moments").json()["state"] == "pending"
    room.engine.sending.send()
    found = re.search(r"/v1/consent-links/[\w-]+", plain(office))
    assert found is not None
    for _ in range(2):
        assert httpx.get(base + found[0]).status_code == 200
    assert states(ana)["moments"] == "pending"
    with pytest.raises(DatabaseRefusedError, match="message_needs_consent"):
        letter(room, "moments")
    assert httpx.post(base + found[0]).status_code == 200
    assert states(ana)["moments"] == "given"

    letter(room, "moments")
    with pytest.raises(DatabaseRefusedError, match="message_needs_consent"):
        letter(room, "moments", "bo")
    assert room.engine.sending.send() == 1
    to, mail = office.letters[-1]
    assert to == ("ana@mail.example",)
    assert mail["List-Unsubscribe-Post"] == ONE_CLICK_HEADER


def test_one_click_without_signing_in_holds_before_the_next_letter_and_after_an_import(
    room: Room, office: PostOffice, base: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    room.campaign(campaign="another-launch")
    joined(room, "ana", "bo")
    brand = staff_of(Role.BRAND_MANAGER)

    def offered(campaign: str) -> None:
        assert brand.post(f"/v1/campaigns/{campaign}/offers", key="").status_code == 202
        room.engine.chores.run("offers")

    offered(PHONE)
    assert room.engine.sending.send() == 2
    assert {to[0] for to, _ in office.letters} == {"ana@mail.example", "bo@mail.example"}
    [mail] = [one for to, one in office.letters if to == ("ana@mail.example",)]
    office.letters[:] = [(("ana@mail.example",), mail)]
    link = link_of(office)

    offered("another-launch")  # queued before she says no
    assert httpx.get(base + link).json()["state"] == "sent", "looking ends nothing"
    room.clock.move(minutes=1)
    ended = httpx.post(base + link, data=ONE_CLICK, follow_redirects=False)
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert room.engine.sending.send() == 1
    assert [to for to, _ in office.letters[1:]] == [("bo@mail.example",)]
    assert states(client_of("ana"))["perks"] == "withdrawn"

    # A list that still has her does not bring her back, nor is she asked again.
    room.clock.move(days=3)
    room.people(
        "- id: ana\n  email: ana@mail.example\n"
        "  consents: [{purpose: perks, given_at: 2026-11-29T15:00Z, how: an old list}]\n"
    )
    assert states(client_of("ana"))["perks"] == "withdrawn"
    with pytest.raises(DatabaseRefusedError, match="message_needs_consent"):
        letter(room, "perks")
    # What she does herself is still answered.
    assert client_of("ana").claim("first").status_code == 403
    assert room.engine.sending.send() == 1
    assert office.letters[-1][1]["List-Unsubscribe"] is None
