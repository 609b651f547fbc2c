"""The duty to disclose over HTTP: who has shown no post is reminded, then the brand hears of it, and nobody
is written to who has nothing to disclose."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from perks_engine.services.access import Role
from perks_engine.services.records import Message
from perks_engine.services.reminding import Reminding
from perks_engine.settings import Settings
from perks_engine.storage.people import SqlPeopleBook
from tests.engine_room import BRAND, PHONE, Client, Room

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def due(staff: Client, **narrowed: str) -> list[dict[str, Any]]:
    answer = staff.get("/v1/disclosures/due", **narrowed)
    assert answer.status_code == 200, answer.text
    return answer.json()["duties"]


def reminders(room: Room, person: str) -> list[Message]:
    with room.engine.store.read() as tx:
        return [one for one in tx.outbox.of_person(person) if one.kind == "disclosure_reminder"]


def to_brand(room: Room) -> list[Message]:
    with room.engine.store.read() as tx:
        return [one for one in tx.outbox.to_staff(PHONE) if one.kind == "disclosure_unseen"]


def follow_up(room: Room, **later: float) -> int | None:
    room.clock.move(**later)
    return room.engine.chores.run("duties")


FIRST = "templates/messages/disclosure_gift\n  acknowledge_first: true"


def test_nothing_is_packed_or_shipped_before_the_instruction_is_acknowledged(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign(instruct=FIRST)
    claim = str(room.claim(room.person("ana"))["claim"])
    warehouse = staff_of(Role.FULFILLMENT)

    def recorded(move: str, key: str) -> Any:
        row = {"claim": claim, "move": move, "occurred_at": room.clock().isoformat(), "reference": "1Z999"}
        return warehouse.post("/v1/fulfillments", {"records": [row]}, key)

    for move in ("pack", "ship"):
        refused = recorded(move, f"{move} too early")
        assert refused.status_code == 422
        [told] = refused.json()["problems"]
        assert "disclosure.not_acknowledged: " in told
        assert f"POST /v1/claims/{claim}/acknowledgement" in told
    assert client_of("ana").get(f"/v1/claims/{claim}").json()["where"] == "reserved"

    client_of("ana").post(f"/v1/claims/{claim}/acknowledgement", key="read")
    assert recorded("pack", "pack").json()["recorded"] == 1
    assert recorded("ship", "ship").json()["recorded"] == 1


def test_from_receipt_to_the_letter_to_the_brand(room: Room, client_of: ClientOf, staff_of: StaffOf) -> None:
    room.campaign()
    ana, bo = room.received(room.person("ana")), room.received(room.person("bo"))
    client_of("ana").post(f"/v1/claims/{ana}/acknowledgement", key="read")
    compliance, manager = staff_of(Role.COMPLIANCE), staff_of(Role.BRAND_MANAGER)

    first, second = due(compliance)
    assert (first["claim"], first["acknowledged"], first["next_step"]) == (ana, True, "reminder")
    assert (second["claim"], second["acknowledged"], second["reminders"]) == (bo, False, 0)
    assert first["next_step_at"] == "2026-12-03T15:00:00Z"
    assert follow_up(room, hours=23) == 0

    assert follow_up(room, hours=1) == 2
    assert follow_up(room) == 0  # each reminder goes out once
    [letter] = reminders(room, "ana")
    assert letter.subject == "Did you post about Northwind One?"
    assert "on December\N{NO-BREAK SPACE}2, 2026" in letter.body_text
    assert ana in letter.body_text
    assert "there is nothing to do: nobody has to" in letter.body_text
    assert "last reminder" not in letter.body_text
    assert letter.purpose == "account"

    posted = client_of("ana").post(
        f"/v1/claims/{ana}/posts", {"url": "https://example.com/p/1"}, "post of ana"
    )
    assert posted.status_code == 200, posted.text
    assert [one["claim"] for one in due(manager, brand=BRAND)] == [bo]

    assert follow_up(room, days=6) == 1
    assert follow_up(room, days=7) == 1
    assert "This is the last reminder." in reminders(room, "bo")[-1].body_text
    assert "you received Northwind One from" in reminders(room, "bo")[-1].body_html
    assert to_brand(room) == []
    assert follow_up(room, days=7) == 1
    [told] = to_brand(room)
    assert told.staff_of == BRAND
    assert (
        f"- bo.handle, claim {bo}, received on December\N{NO-BREAK SPACE}2, 2026, reminders: 3"
        in told.body_text
    )
    assert "ana" not in told.body_text
    assert "That is no breach" in told.body_text

    [last] = due(manager)
    assert (last["reminders"], last["days"], last["next_step"]) == (3, 21, None)
    assert last["escalated_at"] == last["last_step_at"] == "2026-12-23T15:00:00Z"
    assert follow_up(room, days=60) == 0
    assert [len(reminders(room, person)) for person in ("ana", "bo")] == [1, 3]


@pytest.mark.parametrize("event", ["return", "void", "dispute", "never arrived"])
def test_nobody_is_reminded_of_what_they_do_not_hold(
    room: Room, client_of: ClientOf, staff_of: StaffOf, event: str
) -> None:
    room.campaign()
    room.person("ana")
    if event == "never arrived":
        room.record(room.claim("ana")["claim"], "ship")
    else:
        claim = room.received("ana")
        [waiting] = due(staff_of(Role.COMPLIANCE))
        room.clock.move(days=1)
        if event == "dispute":
            client_of("ana").post(f"/v1/claims/{claim}/disputes", {"text": "not my door"}, "objection")
        else:
            room.record(claim, event, note="it came back")
        # A process that had found it due before that does not write either.
        assert waiting["next_step"] == "reminder"
        assert room.engine.reminding.remind(claim, room.clock()) == 0
    assert due(staff_of(Role.COMPLIANCE)) == []
    for days in (1, 6, 7, 7, 30):
        assert follow_up(room, days=days) == 0
    assert (reminders(room, "ana"), to_brand(room)) == ([], [])


def test_after_a_dispute_that_was_withdrawn_it_goes_on(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    ana = client_of("ana")
    opened = ana.post(f"/v1/claims/{claim}/disputes", {"text": "not my door"}, "objection").json()
    assert follow_up(room, days=10) == 0
    ana.post(f"/v1/disputes/{opened['dispute']}/withdrawal", {}, "a neighbour had it")
    # Ten days late: one letter now, and the next in its usual distance.
    assert follow_up(room) == 1
    assert follow_up(room, days=5) == 0
    assert follow_up(room, days=1) == 1
    assert [one["next_step_at"][:10] for one in due(staff_of(Role.COMPLIANCE))] == ["2026-12-25"]


def test_processes_that_follow_up_at_the_same_moment_write_once(room: Room) -> None:
    room.campaign()
    for person in ("ana", "bo", "cy"):
        room.received(room.person(person))
    room.clock.move(days=1)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: room.engine.reminding.follow_up(), range(4)))
    assert sum(done) == 3
    assert [len(reminders(room, person)) for person in ("ana", "bo", "cy")] == [1, 1, 1]

    brief = replace(room.engine.reminding.schedule, reminders=())
    only_the_brand: Reminding = replace(room.engine.reminding, schedule=brief)
    room.clock.move(days=30)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: only_the_brand.follow_up(), range(4)))
    assert sum(done) == 3
    assert sum(one.body_text.count("reminders: 1") for one in to_brand(room)) == 3


def test_people_of_whom_no_step_can_be_taken_do_not_stand_before_others(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two whose names cannot be had, and whose claims come first; batches of two."""
    room.campaign()
    people = sorted((room.received(room.person(person)), person) for person in ("ana", "bo", "cy"))
    blocked = {person for _, person in people[:2]}
    monkeypatch.setattr("perks_engine.services.reminding.BATCH", 2)
    card = SqlPeopleBook.card
    monkeypatch.setattr(
        SqlPeopleBook, "card", lambda self, person: None if person in blocked else card(self, person)
    )
    assert follow_up(room, days=1) == 1
    assert len(reminders(room, people[2][1])) == 1


def test_who_may_see_who_is_due(room: Room, client_of: ClientOf, staff_of: StaffOf, base: str) -> None:
    room.campaign()
    first, second = sorted(room.received(room.person(person)) for person in ("ana", "bo"))
    for client in (client_of("ana"), staff_of(Role.FULFILLMENT)):
        refused = client.get("/v1/disclosures/due")
        assert (refused.status_code, refused.json()["code"]) == (403, "access.role")
    stranger = Client(base, room.token(Role.BRAND_MANAGER, brands=("another-brand",)))
    assert due(stranger) == []
    assert stranger.get("/v1/disclosures/due", brand=BRAND).json()["code"] == "access.brand"

    compliance = staff_of(Role.COMPLIANCE)
    unknown = compliance.get("/v1/disclosures/due", campaign="phone-lunch")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "campaign.unknown")
    part = compliance.get("/v1/disclosures/due", limit="1").json()
    assert ([one["claim"] for one in part["duties"]], part["next"]) == ([first], first)
    assert [one["claim"] for one in due(compliance, cursor=first)] == [second]


@pytest.mark.parametrize(("days", "told"), [((7, 1), 21), ((1, 7), 7), ((0,), 5)])
def test_a_schedule_that_does_not_grow_is_refused(days: tuple[float, ...], told: float) -> None:
    with pytest.raises(ValidationError, match="days have to grow"):
        Settings(disclosure_reminder_days=days, disclosure_escalation_days=told)


def test_a_last_reminder_after_the_letter_to_the_brand_is_refused() -> None:
    with pytest.raises(ValidationError, match="days have to grow"):
        Settings(disclosure_reminder_days=(1, 30))
