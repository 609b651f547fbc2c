"""Row 9: deletion is one action, done at once, and gives a receipt; nothing of the person stays anywhere."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.exports.proof_files import proved_chunks, verify_list
from perks_engine.exports.statement_files import verify_statement
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.list_records import Chosen
from tests.engine_room import BRAND, STAFF, Room, served, with_log_key
from tests.mail_server import PostOffice, post_office
from tests.story.rich_life import (
    BOX,
    CARRIER_SECRET,
    EMAIL,
    MORE,
    NAME,
    PERSON,
    VALUES,
    Life,
    good,
    traces,
    ways,
)
from tests.story.richer_life import NOTHING_IN, empty_tables, lived_more

OURS = ("perks_engine", "uvicorn", "sqlalchemy", "apscheduler")
"""Whose logs are ours: the test's own mail server writes down what it takes."""
COMPLIANCE = Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,))
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as made:
        yield made


@pytest.fixture
def life(room: Room, office: PostOffice, caplog: pytest.LogCaptureFixture) -> Iterator[Life]:
    """The person of `rich_life`, with all that they left behind."""
    caplog.set_level(logging.DEBUG)
    with_log_key(room)
    more = {"smtp_url": office.url, "mail_from": "Our Perks <perks@shop.example>"}
    more |= {"easypost_secret": CARRIER_SECRET, "postal_address": "Our Perks | 1 Example Street"}
    here = {"webhook_networks": (ip_network("127.0.0.0/8"),)}
    room.engine.settings = room.engine.settings.model_copy(update=more | here)
    with served(room.engine) as base:
        yield Life(room, base, office).lived()


def erase(life: Life, **headers: str) -> httpx.Response:
    return httpx.delete(f"{life.base}/v1/record", headers=life.me.token | headers, timeout=30)


def test_after_an_erasure_nothing_of_the_person_is_left_anywhere(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    room, values = lived_more(life).room, VALUES | MORE
    assert set(values) - set(traces(room, values)) == set(), "the life has to leave each value somewhere"
    assert empty_tables(room) <= NOTHING_IN, "the life has to leave something in each table"
    free = room.engine.campaigning.show(BOX)["free_units"]
    receipt = good(erase(life))
    for chore in ("messages", "statements", "seal", "duties", "expiry", "events", "incidents"):
        room.engine.chores.run(chore)
    room.engine.records.erasing.finish()
    assert traces(room, values) == {}
    ours = [one for one in (*caplog.get_records("setup"), *caplog.records) if one.name.startswith(OURS)]
    logged = "\n".join(one.getMessage() for one in ours)
    assert [
        what for what, value in values.items() if any(way.decode() in logged for way in ways(value))
    ] == []

    assert receipt["already"] is False
    assert room.engine.campaigning.show(BOX)["free_units"] == free + 1
    assert [one for one in (room.folder / "files").rglob("*") if one.is_file()] == []
    to, letter = life.office.letters[-1]
    assert to == (EMAIL,)
    assert letter["Subject"] == "Your record is erased"
    assert receipt["pseudonym"] in str(letter)
    assert room.listed(brand=BRAND) == [receipt["pseudonym"]]


def test_what_was_proved_before_still_holds_and_a_statement_can_be_had_later(life: Life) -> None:
    room, key = life.room, life.room.engine.sealing.keys.verifiers[0]
    with room.engine.proving.proved(STAFF, Chosen(BRAND)) as proved:
        listed = "".join(proved_chunks(proved))
    stated = statement(life)
    assert stated["statement"] == "receipt"
    receipt = good(erase(life))
    room.engine.chores.run("seal")

    audit = room.engine.auditing.audit(room.engine.sealing.keys)
    assert [one.what for one in audit.findings] == []
    assert verify_list(listed, key).faults == ()
    assert verify_statement(json.dumps(stated), key).faults == ()
    with room.engine.proving.proved(STAFF, Chosen(BRAND)) as proved:
        anew = verify_list("".join(proved_chunks(proved)), key)
    assert (anew.faults, anew.lines) == ((), 1)

    room.clock.move(days=400)
    later = statement(life)
    assert verify_statement(json.dumps(later), key).faults == ()
    assert [(one["person"], one["item"]) for one in later["lines"]] == [
        (receipt["pseudonym"], "Northwind One")
    ]
    by_staff = room.engine.stating.for_person(COMPLIANCE, receipt["pseudonym"])
    assert len(by_staff.lines) == 1
    room.clock.move(hours=25)  # then the letters with their links are forgotten as well
    room.engine.chores.run("statements")
    room.engine.chores.run("erasures")
    assert traces(room) == {}


def test_a_second_request_is_told_that_it_was_done_and_every_link_leads_to_a_kind_page(life: Life) -> None:
    receipt = good(erase(life))
    again = good(erase(life))
    assert again == receipt | {"already": True}
    by_staff = httpx.delete(f"{life.base}/v1/people/{PERSON}/record", headers=life.compliance.token)
    assert good(by_staff) == again
    page = erase(life, **BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    assert "This record was erased before" in page.text
    gone = life.me.get("/v1/perks")
    assert (gone.status_code, gone.json()["code"]) == (410, "record.erased")

    unsubscribe = life.room.engine.unsubscribe_links.make(PERSON, "perks", "email").rpartition("/")[2]
    links = [*((f"/v1/{kind}/{link}") for kind, link in life.links), f"/v1/unsubscribe/{unsubscribe}"]
    assert len(links) >= 4
    for link in links:
        for method in ("GET", "POST"):
            answer = httpx.request(method, life.base + link, headers=BROWSER)
            assert answer.headers["content-type"].startswith("text/html"), link
            assert not any(value.lower() in answer.text.lower() for value in (NAME, PERSON, "María")), link
            assert receipt["pseudonym"] not in answer.text, link


def test_an_import_does_not_bring_back_who_was_erased(life: Life) -> None:
    good(erase(life))
    life.room.clock.move(days=30)
    for who in (f"id: {PERSON}", f"id: another-id\n  email: {EMAIL.upper()}", "id: x\n  handle: mq.paints"):
        row = f"- {who}\n  consents: [{{purpose: perks, given_at: 2026-11-01T09:00Z, how: form}}]\n"
        with pytest.raises(InvalidInputError) as refused:
            life.room.people(row)
        assert "this person was erased at 2026-12-04" in refused.value.problems[0]
    joined = life.room.clock().strftime("%Y-%m-%dT%H:%MZ")
    life.room.people(f"- id: {PERSON}\n  consents: [{{purpose: perks, given_at: {joined}, how: anew}}]\n")
    assert [one["how"] for one in life.room.engine.people.show(PERSON)["consents"]] == ["anew"]


def test_a_legal_hold_keeps_the_record_until_it_is_lifted(life: Life) -> None:
    staff = life.compliance
    held = good(staff.post(f"/v1/people/{PERSON}/holds", {"why": "a court asked for it"}), 201)
    before = traces(life.room)
    refused = erase(life)
    assert (refused.status_code, refused.json()["code"]) == (409, "record.held")
    assert "a court" not in refused.text
    assert traces(life.room) == before
    life.room.clock.move(days=5_000)
    life.room.engine.chores.run("retention")
    assert life.room.engine.people.show(PERSON)["claims"] != []
    good(staff.post(f"/v1/holds/{held['hold']}/lifting", {"why": "it is settled"}))
    assert good(erase(life))["already"] is False
    nobody = staff.post(f"/v1/people/{PERSON}/holds", {"why": "too late"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "person.unknown")


def test_what_is_on_its_way_is_followed_to_its_end_without_its_recipient(room: Room) -> None:
    room.campaign()
    claim = room.claim(room.person("ana", email="ana@mail.example"))["claim"]
    room.ship(claim, "TRK1")
    receipt = room.engine.records.erasing.erase_own("ana")
    kept = {one["what"]: one for one in receipt["kept"]}
    assert kept["things on their way to you"]["count"] == 1
    room.clock.move(days=2)
    late = Fulfillment("", MoveKind.DELIVER, room.clock(), reference="TRK1", note="handed to Ana herself")
    room.engine.fulfilling.record([late], STAFF)
    assert room.listed() == [receipt["pseudonym"]]
    room.clock.move(hours=2)
    room.engine.chores.run("retention")
    with room.engine.store.read() as tx:
        history = tx.ledger.entries(claim)
    assert [(one.move, one.reference, one.note) for one in history] == [
        ("reserve", "", ""),
        ("ship", "", ""),
        ("deliver", "", "erased"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET units = 1, note = 'x' WHERE person_id = 'ana'",
        "UPDATE entry SET target = 'stock' WHERE person_id = 'ana'",
        "UPDATE entry SET note = 'x' WHERE person_id = 'bo'",
        "UPDATE consent SET given = (NOT given) WHERE person_id = 'ana'",
        "DELETE FROM entry WHERE person_id = 'ana'",
    ],
)
def test_within_an_erasure_nothing_but_words_about_that_person_can_change(room: Room, statement: str) -> None:
    """`units = 1` changes nothing; the note is refused for who is not being erased, and so is all else."""
    room.campaign()
    for one in ("ana", "bo"):
        room.received(room.person(one))
    may = "units = 1" in statement
    refused = contextlib.nullcontext() if may else pytest.raises(IntegrityError, match="append_only")
    with refused, room.engine.engine.begin() as connection:
        connection.execute(text("INSERT INTO erasing (person_id) VALUES ('ana')"))
        connection.execute(text(statement))


def statement(life: Life) -> dict[str, Any]:
    """Asked for by the address, and taken by the link in the letter."""
    room, sent = life.room, len(life.office.letters)
    good(httpx.post(f"{life.base}/v1/statements/requests", json={"address": EMAIL}), 202)
    room.engine.chores.run("statements")
    room.engine.chores.run("messages")
    [(to, letter)] = life.office.letters[sent:][-1:]
    assert to == (EMAIL.lower(),)
    body = letter.get_body(("plain",))
    assert body is not None
    link = body.get_content().split("/v1/statements/")[1].split()[0]
    answer = httpx.post(f"{life.base}/v1/statements/{link}?format=json", timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()
