"""A brand has people told of its campaign: those who agreed to hear of perks, to whom it is open, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from perks_engine.bootstrap import Application
from perks_engine.services.access import Role
from perks_engine.services.consents import own_word
from perks_engine.services.errors import NotFoundError
from perks_engine.services.gate import Gate
from tests.engine_room import ALABAMA, PHONE, Client, Room, with_log_key
from tests.mail_server import PostOffice, post_office

StaffOf = Callable[[Role], Client]
OFFERS = f"/v1/campaigns/{PHONE}/offers"


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    with_log_key(room)
    with post_office() as made:
        more = {
            "smtp_url": made.url,
            "mail_from": "Our Perks <perks@shop.example>",
            "public_url": "https://perks.example",
            "postal_address": "Our Perks | 1 Example Street | Springfield, IL 62701",
        }
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


def person(room: Room, person_id: str, location: str = "", **more: str) -> str:
    where = {"location": location} if location else {}
    return room.person(person_id, **where, email=f"{person_id}@mail.example", **more)


def rounds(room: Room) -> int:
    """The chore, until it has nothing to do."""
    looked_at = 0
    while part := room.engine.offering.offer():
        looked_at += part
    return looked_at


def sent(room: Room, office: PostOffice) -> list[str]:
    room.engine.sending.round()
    return sorted(to[0].partition("@")[0] for to, _ in office.letters)


def test_who_agreed_and_may_have_it_hears_of_it_once(
    room: Room, office: PostOffice, staff_of: StaffOf
) -> None:
    room.campaign()
    for name in ("ana", "bo"):
        person(room, name)
    person(room, "cy", ALABAMA)
    person(room, "dee")
    room.engine.consents.withdraw(own_word("dee", "a test"), "perks", "email")
    room.person("eve")  # without a mailbox
    brand = staff_of(Role.BRAND_MANAGER)
    begun = brand.post(OFFERS, key="")
    assert (begun.status_code, begun.json()["state"], begun.json()["offered"]) == (202, "under_way", 0)
    assert brand.post(OFFERS, key="").json()["run"] == begun.json()["run"]
    assert rounds(room) == 3
    [run] = brand.get(OFFERS).json()["runs"]
    assert (run["state"], run["offered"], run["passed_over"]) == ("ended", 2, 1)
    assert sent(room, office) == ["ana", "bo"]
    _, letter = office.letters[0]
    assert letter["Subject"] == "Northwind One is open to you"
    assert letter["List-Unsubscribe"].startswith("<https://perks.example/v1/unsubscribe/")
    plain, _ = letter.iter_parts()
    assert "You do not have it yet" in plain.get_content()
    assert "1 Example Street" in plain.get_content()
    person(room, "fay")
    brand.post(OFFERS, key="")
    rounds(room)
    assert sent(room, office) == ["ana", "bo", "fay"]


def test_what_is_not_open_any_more_when_it_would_go_out_is_not_offered(
    room: Room, office: PostOffice, staff_of: StaffOf
) -> None:
    room.campaign(quantity="1")
    for name in ("ana", "bo"):
        person(room, name)
    staff_of(Role.BRAND_MANAGER).post(OFFERS, key="")
    rounds(room)
    assert room.claim("ana")["outcome"] == "granted"
    room.engine.sending.round()  # the grant, and no offer of the last unit to anybody
    assert set(office.subjects()) == {
        "Northwind One is reserved for you",
        "What to say when you post about Northwind One",
    }
    offers = [one for one in room.engine.sending.listed(None, 20) if one["kind"] == "offer"]
    assert {(one["state"], one["why"]) for one in offers} == {
        ("cancelled", "it is not open to them any more")
    }


def test_who_says_no_in_between_hears_nothing(room: Room, office: PostOffice, staff_of: StaffOf) -> None:
    room.campaign()
    person(room, "ana")
    staff_of(Role.BRAND_MANAGER).post(OFFERS, key="")
    rounds(room)
    room.clock.move(minutes=1)
    room.engine.consents.withdraw(own_word("ana", "a test"), "perks", "email")
    assert sent(room, office) == []


def test_a_campaign_that_pauses_ends_the_run(room: Room, office: PostOffice, staff_of: StaffOf) -> None:
    room.campaign()
    person(room, "ana")
    brand = staff_of(Role.BRAND_MANAGER)
    brand.post(OFFERS, key="")
    room.engine.campaigning.pause(PHONE, "mara", "something looks odd")
    rounds(room)
    [run] = brand.get(OFFERS).json()["runs"]
    assert (run["state"], run["offered"]) == ("ended", 0)
    refused = brand.post(OFFERS, key="")
    assert (refused.status_code, refused.json()["code"]) == (409, "offer.not_open")
    assert "people hear of it once it is open" in refused.json()["detail"]


def test_what_letters_must_carry_is_asked_for_before_anybody_is_written_to(
    room: Room, staff_of: StaffOf
) -> None:
    room.campaign()
    person(room, "ana")
    refused = staff_of(Role.BRAND_MANAGER).post(OFFERS, key="")
    assert (refused.status_code, refused.json()["code"]) == (409, "link.no_key")
    assert rounds(room) == 0


@pytest.mark.parametrize(
    ("taken", "fault"),
    [({"postal_address": ""}, "PERKS_POSTAL_ADDRESS"), ({"log_key": None}, "no key to seal")],
)
def test_a_run_that_cannot_go_on_waits_says_why_and_goes_on_where_it_was(
    room: Room, office: PostOffice, staff_of: StaffOf, taken: dict[str, object], fault: str
) -> None:
    room.campaign()
    for name in ("ana", "bo"):
        person(room, name)
    brand = staff_of(Role.BRAND_MANAGER)
    brand.post(OFFERS, key="")
    with room.engine.store.read() as tx:
        [run] = tx.offers.under_way()
    whole = room.engine.offering
    after_one = whole._one(run, "ana")  # the worker died after the first
    assert after_one.offered == 1

    without = room.engine.settings.model_copy(update=taken)
    cut_short = Application(without, room.clock, room.engine.rules)
    assert cut_short.offering.offer() == 0
    [shown] = brand.get(OFFERS).json()["runs"]
    assert (shown["state"], shown["offered"], shown["passed_over"]) == ("waiting", 1, 0)
    assert fault in shown["waits_for"]
    cut_short.close()

    assert rounds(room) == 1
    [shown] = brand.get(OFFERS).json()["runs"]
    assert (shown["state"], shown["offered"], shown["waits_for"]) == ("ended", 2, None)
    assert sent(room, office) == ["ana", "bo"]


def test_a_run_that_cannot_go_on_holds_up_no_other(
    room: Room, office: PostOffice, staff_of: StaffOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.campaign()
    room.campaign(campaign="another-launch")
    person(room, "ana")
    brand = staff_of(Role.BRAND_MANAGER)
    for campaign in (PHONE, "another-launch"):
        assert brand.post(f"/v1/campaigns/{campaign}/offers", key="").status_code == 202
    decide = room.engine.gate.decide

    def no_area(self: Gate, tx: Any, person_id: str, record: Any, *more: Any) -> Any:
        if record.name == PHONE:
            raise NotFoundError("area.unknown", "an area of its rule is gone")
        return decide(tx, person_id, record, *more)

    monkeypatch.setattr(Gate, "decide", no_area)
    assert rounds(room) == 1
    states = {
        campaign: brand.get(f"/v1/campaigns/{campaign}/offers").json()["runs"][0]
        for campaign in (PHONE, "another-launch")
    }
    assert {name: one["state"] for name, one in states.items()} == {
        PHONE: "waiting",
        "another-launch": "ended",
    }
    assert states[PHONE]["waits_for"] == "an area of its rule is gone"
    room.engine.campaigning.pause(PHONE, "mara", "nobody can be told")
    rounds(room)
    assert brand.get(OFFERS).json()["runs"][0]["state"] == "ended"


def test_only_the_brands_own_manager_has_people_told(room: Room, office: PostOffice, base: str) -> None:
    room.campaign()
    clients = {
        role: Client(base, room.token(role, brands=brands))
        for role, brands in ((Role.COMPLIANCE, ("*",)), (Role.BRAND_MANAGER, ("another-brand",)))
    }
    assert clients[Role.COMPLIANCE].post(OFFERS, key="").status_code == 403
    unknown = clients[Role.BRAND_MANAGER].post(OFFERS, key="")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "campaign.unknown")


def test_an_offer_rests_on_a_decision_and_cannot_be_rewritten(
    room: Room, office: PostOffice, staff_of: StaffOf
) -> None:
    room.campaign()
    person(room, "ana")
    staff_of(Role.BRAND_MANAGER).post(OFFERS, key="")
    rounds(room)
    with room.engine.engine.connect() as connection:
        query = "SELECT d.purpose, d.verdict FROM offer o JOIN decision d ON d.decision_id = o.decision_id"
        assert connection.execute(text(query)).all() == [("message", "eligible")]
        for change in ("DELETE FROM offer", "UPDATE offer SET person_id = 'bo'"):
            with pytest.raises(Exception, match="append_only"), connection.begin_nested():
                connection.execute(text(change))


def test_an_offer_that_could_not_go_out_in_time_does_not_go_out(
    room: Room, office: PostOffice, staff_of: StaffOf
) -> None:
    room.campaign()
    person(room, "ana")
    staff_of(Role.BRAND_MANAGER).post(OFFERS, key="")
    rounds(room)
    room.clock.now += timedelta(days=60)
    assert sent(room, office) == []
    [offer] = room.engine.sending.listed(None, 5)
    assert (offer["state"], offer["why"]) == ("cancelled", "it expired before it could be sent")
