"""A person's record over HTTP: had whole, corrected, and kept no longer than it may be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from perks_engine.services.access import ALL_BRANDS, Actor, Role
from tests.engine_room import ALABAMA, BRAND, PHONE, STAFF, Client, Room

COMPLIANCE = Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,))
ClientOf = Callable[[str], Client]


def patch(client: Client, path: str, body: dict[str, Any]) -> httpx.Response:
    return client.patch(path, body)


def all_brands(room: Room, base: str) -> Client:
    return Client(base, room.token(Role.COMPLIANCE, brands=(ALL_BRANDS,)))


def section(record: dict[str, Any], table: str) -> list[dict[str, Any]]:
    return next((one["rows"] for one in record["sections"] if one["table"] == table), [])


def person(room: Room, person_id: str = "ana", **more: str) -> str:
    return room.person(person_id, **{"email": f"{person_id}@mail.example", "name": "Ana Lopez", **more})


def test_a_record_holds_everything_and_says_why(room: Room, base: str, client_of: ClientOf) -> None:
    room.campaign()
    claim = room.received(person(room))
    room.claim(room.person("ben", ALABAMA))
    ana = client_of("ana")
    record = ana.get("/v1/record").json()
    assert record["person"] == "ana"
    [card] = section(record, "person")
    assert (card["name"], card["email"], card["handle"]) == ("Ana Lopez", "ana@mail.example", "ana.handle")
    facts = {one["attribute"]: one for one in section(record, "evidence")}
    assert facts["born_on"]["value"] == "1990-04-01"
    assert facts["location"]["value"]["point"] == [40.6782, -73.9442]
    assert {"source", "observed_at"} <= set(facts["score"])
    [decision] = section(record, "decision")
    assert decision["reason"]["mark"] == "met"
    assert [one["move"] for one in section(record, "entry")] == ["reserve", "ship", "deliver"]
    assert [one["kind"] for one in section(record, "message")] == [
        *("grant", "disclosure_instruction", "shipment", "receipt")
    ]
    assert section(record, "consent")[0]["how"] == "test form"
    assert {one["why"] for one in record["sections"]} >= {"to decide whether a perk is open to the person"}
    assert "disputes that are open" in record["nothing_of"]
    assert claim in json.dumps(record)
    for others in ("ben", "secret_hash", room.tokens[f"{Role.INFLUENCER}/ana/{(BRAND,)}"].split(".")[2]):
        assert others not in json.dumps(record).replace("benefit", "")

    page = httpx.get(f"{base}/v1/record", headers=ana.token | {"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "Ana Lopez" in page.text
    assert "Pieces of evidence about you" in page.text
    by_staff = all_brands(room, base).get("/v1/people/ana/record").json()
    asked = [(one["kind"], one["through"], one["asked_by"]) for one in section(by_staff, "data_request")]
    assert asked == [("access", "own", "person ana")] * 2


def test_a_record_is_no_matter_of_one_brand(room: Room, base: str, client_of: ClientOf) -> None:
    person(room)
    for role, brands in ((Role.COMPLIANCE, (BRAND,)), (Role.BRAND_MANAGER, (ALL_BRANDS,))):
        staff = Client(base, room.token(role, brands=brands))
        assert staff.get("/v1/people/ana/record").status_code == 403
        erased = httpx.delete(f"{base}/v1/people/ana/record", headers=staff.token)
        assert erased.status_code == 403
    bo = Client(base, room.token(Role.INFLUENCER, room.person("bo")))
    assert bo.get("/v1/people/ana/record").status_code == 403
    unknown = all_brands(room, base).get("/v1/people/nobody/record")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "person.unknown")


def test_what_is_wrong_is_corrected_with_who_and_why_and_who_was_told_hears_of_it(
    room: Room, base: str, client_of: ClientOf
) -> None:
    room.campaign()
    room.received(person(room))
    ana, staff = client_of("ana"), all_brands(room, base)
    staff.get("/v1/disclosures", brand=BRAND)
    right = {"name": "Ana López", "email": "ana@new.example", "handle": "ana.paints"}
    answer = patch(ana, "/v1/record", right)
    assert answer.json() == {"person": "ana", "corrected": ["name", "handle", "email"], "told": [BRAND]}
    assert patch(ana, "/v1/record", {"name": "Ana López"}).json()["corrected"] == []
    body = {"born_on": "1991-04-01", "why": "saw the passport"}
    assert patch(staff, "/v1/people/ana/record", body).json()["corrected"] == ["born_on"]
    record = ana.get("/v1/record").json()
    assert section(record, "person")[0]["name"] == "Ana López"
    facts = [one for one in section(record, "evidence") if one["attribute"] == "born_on"]
    assert [(one["value"], one["source"]) for one in facts] == [("1991-04-01", "verified_document")]
    kept = [
        (one["field"], one["was"], one["corrected_by"].split(" (")[0], one["why"])
        for one in section(record, "rectification")
    ]
    assert kept[:3] == [
        ("name", "Ana Lopez", "person ana", "asked for it"),
        ("handle", "ana.handle", "person ana", "asked for it"),
        ("email", "ana@mail.example", "person ana", "asked for it"),
    ]
    assert kept[3][:2] + kept[3][3:] == ("born_on", "1990-04-01", "saw the passport")
    [letter] = [one for one in room.engine.latest_messages(9) if one.kind == "record_corrected"]
    assert letter.staff_of == BRAND
    assert "perks disclosures changes --since" in letter.body_text
    room.clock.move(hours=1)  # a list as of the moment of the last one stays as it was
    with room.engine.disclosing.lines(STAFF, BRAND, None) as (_, lines):
        assert [line.handle for line in lines] == ["ana.paints"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"email": "nowhere"}, "email: expected an e-mail address"),
        ({"name": "Ana\r\nBcc: all"}, "name: expected a name of at most 200 characters"),
        ({"handle": "two words"}, "handle: expected an identifier without spaces"),
        ({"born_on": "2020-01-01", "why": "x"}, "born_on: below 13 nobody is kept on record"),
        ({"born_on": "last May", "why": "x"}, "born_on: expected a date such as 1990-04-01"),
        ({"address": {"country": "us"}, "why": "x"}, "address.country: expected a country such as US"),
        ({"why": "x"}, "nothing to correct was given"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    room: Room, base: str, body: dict[str, Any], why: str
) -> None:
    person(room)
    path, client = "/v1/people/ana/record", all_brands(room, base)
    answer = patch(client, path, {"why": "x"} | body)
    assert answer.status_code == 422, answer.text
    assert why in answer.text
    room.person("bo")
    taken = patch(client, path, {"handle": "bo.handle", "why": "x"})
    assert (taken.status_code, taken.json()["code"]) == (409, "record.handle_taken")


def test_a_birth_date_is_not_for_oneself_to_correct(room: Room, client_of: ClientOf) -> None:
    person(room)
    answer = patch(client_of("ana"), "/v1/record", {"born_on": "1970-01-01"})
    assert answer.status_code == 422


def test_the_corrected_address_decides(room: Room, base: str, client_of: ClientOf) -> None:
    """The wrong one is gone, and what the new one says counts from then on."""
    room.campaign()
    room.person("ben", "{verified_address: {country: US, region: US-AL, postal_code: '35203'}}")
    address = {"country": "US", "region": "US-NY", "postal_code": "11201"}
    body = {"address": address, "why": "moved; saw the lease"}
    assert patch(all_brands(room, base), "/v1/people/ben/record", body).json()["corrected"] == ["address"]
    assert patch(all_brands(room, base), "/v1/people/ben/record", body).json()["corrected"] == []
    places = [one for one in room.engine.people.show("ben")["evidence"] if one["attribute"] == "location"]
    assert [one["value"]["postal_code"] for one in places] == ["11201"]


def removed(room: Room) -> dict[str, int]:
    room.engine.chores.run("retention")
    found: dict[str, int] = {}
    for one in room.engine.records.retaining.removed():
        found[one["what"]] = found.get(one["what"], 0) + one["rows"]
    return found


def test_what_was_kept_for_its_time_goes_by_itself(room: Room) -> None:
    device, address = "{device: [40.6782, -73.9442], radius: 30 m}", "{country: US, region: US-NY}"
    room.campaign()
    person(room, location=f"[{device}, {{verified_address: {address}}}]")
    room.received("ana")
    refused = room.claim(room.person("ben", ALABAMA))
    kept = room.claim(room.person("cleo", "{claimed: New York City}"))
    room.engine.records.holding.put(COMPLIANCE, "cleo", "a court asked for it")
    assert removed(room) == {}

    room.clock.move(days=31)
    assert removed(room) == {"answers to requests": 2}
    room.clock.move(days=60)
    assert removed(room) == {"answers to requests": 2, "postal addresses": 1}
    sources = {one["source"] for one in room.engine.people.show("ana")["evidence"]}
    assert "verified_address" not in sources
    assert "device" in sources

    room.clock.move(days=275)
    assert removed(room)["refused claims"] == 1
    with room.engine.store.read() as tx:
        assert tx.claims.get(refused["claim"]) is None
        assert tx.claims.decision(refused["decision"]) is None
        assert tx.claims.get(kept["claim"]) is not None, "a legal hold is on it"
    assert room.engine.people.show("ben")["messages"] == []
    assert room.listed() == ["ana"]

    room.clock.move(days=1_500)
    assert removed(room)["messages"] >= 2
    assert room.engine.people.show("cleo")["messages"] != []


def test_of_who_was_erased_the_rest_goes_as_well(room: Room) -> None:
    room.campaign()
    person(room)
    room.received("ana")
    pseudonym = room.engine.records.erasing.erase_own("ana")["pseudonym"]
    room.clock.move(days=1_100)
    assert removed(room)["consents of erased people"] == 2
    with room.engine.store.read() as tx:
        assert tx.consents.acts(pseudonym) == []
        assert tx.keeping.erasure(pseudonym) is not None
    room.clock.move(days=800)
    assert removed(room)["receipts of erasures"] == 1
    with room.engine.store.read() as tx:
        assert tx.keeping.erasure(pseudonym) is None
    assert room.listed() == [pseudonym]
    with room.engine.store.read() as tx:
        assert tx.keeping.count_suppressed() == 3, "that an import is refused stays"


def test_a_decision_that_saw_earlier_receipts_shows_them_in_the_record(
    sqlite_room: Room, sqlite_base: str
) -> None:
    """What the ledger says is evidence, too, and stands in the record as plain data."""
    sqlite_room.campaign()
    sqlite_room.person("ana")
    sqlite_room.received("ana")
    again = sqlite_room.claim("ana", "another")
    assert again["outcome"] == "refused"
    record = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana")).get("/v1/record").json()
    [decisions] = [one["rows"] for one in record["sections"] if one["table"] == "decision"]
    seen = [fact["value"] for one in decisions for fact in one["evidence"]]
    assert {"brand": BRAND, "campaign": PHONE, "received_at": "2026-12-02T15:00:00Z"} in [
        one for value in seen if isinstance(value, list) for one in value
    ]
