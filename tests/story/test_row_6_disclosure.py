"""Row 6: his name may have stayed in the list that the site would hand to the regulator."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from perks_engine.services.access import Role
from tests.engine_room import ALABAMA, BRAND, Client, Room

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def exported(staff: Client, **params: str) -> list[dict[str, str]]:
    answer = staff.get("/v1/disclosures", brand=BRAND, **params)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def report(staff: Client, room: Room, claim: str, move: str, **more: str) -> None:
    record = {"claim": claim, "move": move, "occurred_at": room.clock().isoformat(), **more}
    answer = staff.post("/v1/fulfillments", {"records": [record]}, key=f"{claim} {move}")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"recorded": 1, "already_recorded": 0}


def test_only_who_received_is_on_the_list(room: Room, client_of: ClientOf, staff_of: StaffOf) -> None:
    """The life of units over HTTP, and the list after each step."""
    room.campaign()
    warehouse, compliance = staff_of(Role.FULFILLMENT), staff_of(Role.COMPLIANCE)
    claims = {
        person: client_of(room.person(person)).claim("first").json()["claim"]
        for person in ("ana", "bo", "cy", "di", "el")
    }
    client_of(room.person("ben", ALABAMA)).claim("first")
    assert exported(compliance) == []

    for person in ("ana", "bo", "cy", "di"):
        report(warehouse, room, claims[person], "ship", reference=f"TRACK-{person}")
    assert exported(compliance) == []

    room.clock.move(hours=20)
    for person in ("ana", "bo", "cy"):
        report(warehouse, room, claims[person], "deliver", reference=f"TRACK-{person}")
    assert [line["person"] for line in exported(compliance)] == ["ana", "bo", "cy"]

    report(warehouse, room, claims["di"], "lose", note="the carrier lost the parcel")
    report(warehouse, room, claims["bo"], "return", note="sent back unopened")
    report(warehouse, room, claims["cy"], "void", note="delivered to somebody else")
    lines = exported(compliance)
    assert [line["person"] for line in lines] == ["ana"]
    assert lines[0]["handle"] == "ana.handle"
    assert lines[0]["item"] == "Northwind One"
    assert (lines[0]["fair_market_value"], lines[0]["currency"]) == ("449.00", "USD")
    assert (lines[0]["evidence"], lines[0]["reference"]) == ("carrier", "TRACK-ana")
    assert lines[0]["received_at"] == "2026-12-03T11:00:00Z"
    assert lines[0]["instructed_at"] == "2026-12-02T15:00:00Z"


def test_the_person_can_confirm_receipt_but_not_before_it_was_shipped(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    claim = ana.claim("first").json()["claim"]
    too_early = ana.post(f"/v1/claims/{claim}/receipt", key="r1")
    assert too_early.status_code == 409
    assert too_early.json()["code"] == "fulfillment.not_shipped"
    assert "never shipped" in too_early.json()["detail"]
    report(staff_of(Role.FULFILLMENT), room, claim, "ship", reference="TRACK-1")
    received = ana.post(f"/v1/claims/{claim}/receipt", key="r2")
    assert received.json()["where"] == "recipient"
    again = ana.post(f"/v1/claims/{claim}/receipt", key="r3")
    assert again.json()["where"] == "recipient"
    [line] = exported(staff_of(Role.COMPLIANCE))
    assert (line["person"], line["evidence"]) == ("ana", "person")
    steps = ana.get(f"/v1/claims/{claim}").json()["history"]
    assert [step["move"] for step in steps] == ["reserve", "ship", "confirm"]


def test_the_list_of_an_earlier_day_shows_what_was_believed_then(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    room.person("ana")
    room.clock.move(minutes=1)
    claim = room.received("ana")
    compliance = staff_of(Role.COMPLIANCE)
    before = room.clock() - timedelta(seconds=1)
    then = room.clock()
    first = compliance.get("/v1/disclosures", brand=BRAND, as_of=then.isoformat()).content
    room.clock.move(days=3)
    report(staff_of(Role.FULFILLMENT), room, claim, "return", note="sent back")
    room.clock.move(days=1)
    assert exported(compliance, as_of=before.isoformat()) == []
    assert [line["person"] for line in exported(compliance, as_of=then.isoformat())] == ["ana"]
    assert exported(compliance) == []
    assert compliance.get("/v1/disclosures", brand=BRAND, as_of=then.isoformat()).content == first


def test_a_day_that_has_not_come_has_no_list(room: Room, staff_of: StaffOf) -> None:
    answer = staff_of(Role.COMPLIANCE).get("/v1/disclosures", brand=BRAND, as_of="2031-01-01T00:00:00Z")
    assert answer.status_code == 422
    assert "lies in the future" in answer.json()["detail"]


def test_json_and_csv_hold_the_same(room: Room, staff_of: StaffOf) -> None:
    room.campaign()
    for person in ("ana", "bo"):
        room.person(person)
        room.received(person)
    compliance = staff_of(Role.COMPLIANCE)
    as_json = compliance.get("/v1/disclosures", brand=BRAND, format="json").json()
    assert as_json["count"] == 2
    rows = [
        {name: "" if value is None else str(value) for name, value in line.items()}
        for line in as_json["lines"]
    ]
    assert rows == exported(compliance)


def test_a_formula_in_a_handle_is_harmless_in_a_spreadsheet(room: Room, staff_of: StaffOf) -> None:
    room.campaign()
    room.person("ana")
    claim = room.claim("ana")["claim"]
    room.record(str(claim), "ship")
    report(staff_of(Role.FULFILLMENT), room, str(claim), "deliver", reference="=HYPERLINK(1)")
    [line] = exported(staff_of(Role.COMPLIANCE))
    assert line["reference"] == "'=HYPERLINK(1)"
