"""Row 11: the duty to disclose lies with the marketer, and the site could not help the brand with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from perks_engine.services.access import Role
from tests.engine_room import BRAND, PHONE, Client, Room
from tests.mail_server import PostOffice, post_office
from tests.pictures import plain
from tests.web.feedback_room import request

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]
INSTRUCTION, REMINDER = "What to say when you post about Northwind One", "Did you post about Northwind One?"


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    room.engine.contacts.add(BRAND, "desk@northwind.example", "mara")
    with post_office() as made:
        more = {"smtp_url": made.url, "mail_from": "Our Perks <perks@shop.example>"}
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


def worker(room: Room, **later: float) -> None:
    room.clock.move(**later)
    for chore in ("duties", "fixes", "messages"):
        room.engine.chores.run(chore)


def subjects(office: PostOffice, person: str) -> list[str]:
    return [str(one["Subject"]) for to, one in office.letters if to == (f"{person}@mail.example",)]


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_from_the_instruction_to_what_can_be_shown_of_a_whole_campaign(
    room: Room, office: PostOffice, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    manager, compliance = staff_of(Role.BRAND_MANAGER), staff_of(Role.COMPLIANCE)
    warehouse = staff_of(Role.FULFILLMENT)
    claims: dict[str, str] = {}
    for person in ("ana", "bo", "cy"):
        room.person(person, email=f"{person}@mail.example", name=person.title())
        claims[person] = ok(client_of(person).claim("first"), 201)["claim"]

    # Each is told before anything is sent, and says so.
    worker(room)
    for person in claims:
        assert INSTRUCTION in subjects(office, person)
    told = ok(client_of("ana").get(f"/v1/claims/{claims['ana']}/instruction"))
    assert "16 CFR 255.5" in told["text"]
    for person in ("ana", "bo"):
        ok(client_of(person).post(f"/v1/claims/{claims[person]}/acknowledgement", key="read"))
    for move in ("ship", "deliver"):
        room.clock.move(hours=1)
        rows = [
            {"claim": claims[one], "move": move, "occurred_at": room.clock().isoformat()}
            for one in ("ana", "bo", "cy")
        ]
        ok(warehouse.post("/v1/fulfillments", {"records": rows}, move))

    # Who shows no post is reminded; ana gives one that says it, bo one that does not.
    worker(room, days=1)
    assert all(subjects(office, person).count(REMINDER) == 1 for person in claims)
    for person in ("ana", "bo"):
        url = f"https://social.example/{person}/1"
        ok(client_of(person).post(f"/v1/claims/{claims[person]}/posts", {"url": url}, "post"))
    [first, second] = ok(manager.get("/v1/posts", state="waiting"))["posts"]
    assert [first["claim"], second["claim"]] == [claims["ana"], claims["bo"]]
    picture = ok(request(manager, "POST", f"/v1/posts/{first['post']}/pictures", content=plain()), 201)
    seen = {"outcome": "pass", "picture": picture["picture"]}
    ok(manager.post(f"/v1/posts/{first['post']}/judgements", seen, "1"), 201)
    failing = {"outcome": "fail", "failures": ["after_more"], "note": "behind more"}
    ok(manager.post(f"/v1/posts/{second['post']}/judgements", failing, "2"), 201)
    worker(room, hours=1)
    assert len(subjects(office, "bo")) == len(subjects(office, "ana")) + 1, "bo is asked to mend it"

    # Nobody mends it, and cy shows nothing: the brand hears of both, once.
    for days in (6, 7, 7, 30):
        worker(room, days=days)
    assert [subjects(office, person).count(REMINDER) for person in ("ana", "bo", "cy")] == [1, 1, 3]
    to_brand = [letter for to, letter in office.letters if to == ("desk@northwind.example",)]
    assert len(to_brand) == 2
    assert any(claims["cy"] in str(letter) for letter in to_brand)

    # All of it can be shown, for one recipient and for the campaign.
    one = ok(compliance.get(f"/v1/posts/{first['post']}"))["judgement"]
    assert (one["outcome"], one["picture"], one["judged_by"] != "") == ("pass", picture["picture"], True)
    assert manager.get(f"/v1/pictures/{picture['picture']}").headers["content-type"].startswith("image/")
    listed = compliance.get("/v1/disclosures", brand=BRAND, campaign=PHONE, format="csv")
    rows = {row["person"]: row for row in csv.DictReader(io.StringIO(listed.text))}
    assert sorted(rows) == ["ana", "bo", "cy"]
    assert [bool(rows[person]["acknowledged_at"]) for person in rows] == [True, True, False]
    assert [bool(rows[person]["instructed_at"]) for person in rows] == [True, True, True]
    assert ["social.example" in str(rows[person]) for person in rows] == [True, True, False]
    due = ok(manager.get("/v1/disclosures/due", campaign=PHONE))["duties"]
    assert [(one["claim"], one["reminders"]) for one in due] == [(claims["cy"], 3)]
