"""Row 4: all 200 were asked how they liked a phone that they never got; the form could not be left without
stars, and its picture upload did nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from perks_engine.services.access import Role
from tests.engine_room import PHONE, Client, Room
from tests.mail_server import PostOffice, post_office
from tests.pictures import SECRET, from_a_camera
from tests.web.feedback_room import BROWSER, agree, asker, link_in, ready_to_ask, request

StaffOf = Callable[[Role], Client]
FROM = "Our Perks <perks@shop.example>"


def days_pass(room: Room, days: float) -> None:
    """Whatever the worker does, once in the end."""
    room.clock.move(days=days)
    for chore in ("feedback", "messages"):
        room.engine.chores.run(chore)


def asked(office: PostOffice) -> list[str]:
    return sorted(to[0] for to, letter in office.letters if letter["Subject"] == "How is Northwind One?")


def test_only_who_has_the_phone_is_asked_and_says_what_they_like(
    room: Room, base: str, staff_of: StaffOf
) -> None:
    with post_office() as office:
        ready_to_ask(room, smtp_url=office.url, mail_from=FROM, public_url="https://perks.example")
        room.campaign(guards="[{unknown_share: {at_most: 5%, over: 1h}}]")
        # They were all told that they had won, and that is all that most of them got.
        told = [f"winner{number}" for number in range(6)]
        claims = {one: room.claim(asker(room, one))["claim"] for one in told}
        for one in told[2:]:
            room.record(claims[one], "ship")
        for one in told[3:]:
            room.record(claims[one], "deliver")
        agree(room, told[4], yes=False)
        room.clock.move(days=10)
        assert room.engine.chores.run("feedback") == 2
        # Between the queue and the mail server one gives it back.
        room.record(claims[told[5]], "return", note="it came back")
        days_pass(room, 0)
        days_pass(room, 30)
        assert asked(office) == ["winner3@mail.example"]
        [cancelled] = [
            one
            for one in room.engine.sending.listed(None, 100)
            if one["kind"] == "feedback_request" and one["state"] == "cancelled"
        ]
        assert (cancelled["to"], cancelled["why"]) == (told[5], "the unit is no longer with the person")
        [letter] = [one for _, one in office.letters if one["Subject"] == "How is Northwind One?"]
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        plain = letter.get_body(("plain",))
        assert plain
        link = link_in(plain.get_content())

    # The form can be left without stars, and the picture arrives, without where it was taken.
    page = request(base, "POST", link, data={"rating": "1", "text": "It broke."}, headers=BROWSER)
    assert 'value="1" checked' in page.text
    page = request(base, "POST", link, data={"rating": "", "text": "It broke."}, headers=BROWSER)
    assert 'value="" checked' in page.text
    files = {"picture": ("broken.jpg", from_a_camera(), "image/jpeg")}
    assert (
        "The picture is kept." in request(base, "POST", f"{link}/pictures", files=files, headers=BROWSER).text
    )

    # The brand gets all of it: the star that was taken back is there, marked so.
    brand = staff_of(Role.BRAND_MANAGER)
    taken = brand.get(f"/v1/campaigns/{PHONE}/feedback", format="csv")
    rows = list(csv.DictReader(io.StringIO(taken.text)))
    assert [(one["person"], one["rating"], one["rating_state"], one["text"]) for one in rows] == [
        ("winner3", "1", "given", "It broke."),
        ("winner3", "", "cleared", "It broke."),
    ]
    picture = brand.get(f"/v1/pictures/{rows[-1]['pictures']}")
    assert picture.headers["content-type"] == "image/jpeg"
    assert SECRET.encode() not in picture.content
