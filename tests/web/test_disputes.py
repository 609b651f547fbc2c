"""Disputes over HTTP: a person objects and gives files, compliance settles it, and lists say so."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from perks_engine.services.access import Role
from tests.engine_room import BRAND, STAFF, Client, Room

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]

NEVER = "It never came: the photograph shows a door that is not mine."
PNG = b"\x89PNG\r\n\x1a\n" + b"picture of another door"


def objected(person: Client, claim: str, text: str = NEVER) -> dict[str, Any]:
    answer = person.post(f"/v1/claims/{claim}/disputes", {"text": text}, f"object {claim} {text[:20]}")
    assert answer.status_code == 201, answer.text
    return answer.json()


def settled(
    staff: Client, dispute: str, outcome: str, reason: str = "looked at", **more: Any
) -> httpx.Response:
    body = {"outcome": outcome, "reason": reason, **more}
    return staff.post(f"/v1/disputes/{dispute}/settlement", body, f"settle {dispute} {outcome}")


def given(
    client: Client, dispute: str, data: bytes, name: str = "door.png", kind: str = ""
) -> httpx.Response:
    headers = (
        client.token | {"Idempotency-Key": f"{name} {len(data)}"} | ({"Content-Type": kind} if kind else {})
    )
    url = f"{client.base}/v1/disputes/{dispute}/files"
    return httpx.post(url, params={"name": name}, content=data, headers=headers, timeout=30)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def letters(room: Room, person: str) -> list[str]:
    with room.engine.store.read() as tx:
        return [one.body_text for one in tx.outbox.of_person(person) if one.kind.startswith("dispute")]


def standings(room: Room, as_of: datetime | None = None) -> dict[str, str]:
    """What the list says of each person on it."""
    with room.engine.disclosing.lines(STAFF, BRAND, as_of) as (_, lines):
        return {line.person: line.standing.value for line in lines}


def test_a_dispute_from_objection_to_correction(room: Room, client_of: ClientOf, staff_of: StaffOf) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    room.received(room.person("bo"))
    ana, compliance = client_of("ana"), staff_of(Role.COMPLIANCE)
    first_day = room.clock()

    room.clock.move(days=1)
    made = objected(ana, claim)
    assert made["state"] == "open"
    assert "opened_by" not in made
    assert given(ana, made["dispute"], PNG).status_code == 201
    second_day = room.clock()
    assert standings(room) == {"ana": "disputed", "bo": "undisputed"}
    exported = list(csv.DictReader(io.StringIO(compliance.get("/v1/disclosures", brand=BRAND).text)))
    assert [(row["standing"], row["dispute"], row["disputed_since"]) for row in exported] == [
        ("disputed", made["dispute"], made["known_at"]),
        ("undisputed", "", ""),
    ]

    room.clock.move(days=12)
    [seen] = compliance.get("/v1/disputes", open="true").json()["disputes"]
    assert (seen["dispute"], seen["open_days"], seen["overdue"]) == (made["dispute"], 12, False)
    assert (seen["opened_by"], seen["text"]) == ("person ana", NEVER)
    answer = settled(compliance, made["dispute"], "upheld", "the carrier delivered it to number 12")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["open_days"]) == ("upheld", 12)

    with room.engine.store.read() as tx:
        last = tx.ledger.entries(claim)[-1]
    assert (last.move, last.corrects, last.note) == (
        "void",
        made["entry"],
        "the carrier delivered it to number 12",
    )
    assert last.entry_id == answer.json()["correction"]
    assert compliance.get("/v1/disputes", open="true").json()["disputes"] == []

    opened, closed = letters(room, "ana")
    assert "Until it is settled, no list says without a mark that you received it." in opened
    assert "It was upheld: the carrier delivered it to number 12" in closed
    assert "It is no longer recorded as received." in closed

    # What was believed on each day, and what is known now.
    assert standings(room, as_of=first_day) == {"ana": "undisputed", "bo": "undisputed"}
    assert standings(room, as_of=second_day) == {"ana": "disputed", "bo": "undisputed"}
    assert standings(room) == {"bo": "undisputed"}


def test_a_rejected_dispute_leaves_the_line_with_the_reason(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    made = objected(client_of("ana"), claim)
    answer = settled(
        staff_of(Role.COMPLIANCE), made["dispute"], "rejected", "signed for by you, see the photograph"
    )
    assert answer.status_code == 200
    assert standings(room) == {"ana": "undisputed"}
    assert "The record stands: signed for by you, see the photograph" in letters(room, "ana")[-1]
    own = client_of("ana").get(f"/v1/disputes/{made['dispute']}").json()
    assert (own["state"], own["reason"]) == ("rejected", "signed for by you, see the photograph")
    assert "settled_by" not in own
    assert objected(client_of("ana"), claim, "I found the photograph: look at the number")["state"] == "open"


def test_the_day_or_the_evidence_of_a_receipt_is_corrected(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    claim = room.claim(room.person("ana"))["claim"]
    room.record(claim, "ship")
    room.clock.move(days=3)
    room.record(claim, "deliver")
    believed = room.clock()
    room.clock.move(days=1)
    made = objected(client_of("ana"), claim, "It came two days earlier than you say.")
    earlier = (believed - timedelta(days=2)).isoformat()
    amended = {"kind": "amend", "occurred_at": earlier, "evidence": "person"}
    answer = settled(staff_of(Role.COMPLIANCE), made["dispute"], "upheld", "agreed", correction=amended)
    assert answer.status_code == 200, answer.text
    with room.engine.disclosing.lines(STAFF, BRAND) as (_, lines):
        [line] = lines
        assert (line.received_at, line.evidence) == (believed - timedelta(days=2), "person")
        assert line.entry == answer.json()["correction"]
    with room.engine.disclosing.lines(STAFF, BRAND, believed) as (_, lines):
        assert [(line.received_at, line.evidence) for line in lines] == [(believed, "carrier")]
    told = letters(room, "ana")[-1]
    assert "It is recorded as received on December\N{NO-BREAK SPACE}3, 2026, evidence: you said so." in told
    assert (
        "What it said: received by you (December\xa05, 2026, the carrier says that it delivered it)" in told
    )
    assert "What it says now: received by you (December\N{NO-BREAK SPACE}3, 2026, you said so)" in told


def test_a_unit_that_was_given_back_before_the_settlement_needs_no_further_correction(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    made = objected(client_of("ana"), claim, "I sent it back.")
    room.record(claim, "return", note="came back")
    compliance = staff_of(Role.COMPLIANCE)
    told = settled(compliance, made["dispute"], "upheld", correction={"kind": "return"})
    assert code(told) == (409, "dispute.moved")
    assert "uphold the dispute without a correction" in told.json()["detail"]
    body = {"outcome": "upheld", "reason": "so it is"}
    answer = compliance.post(f"/v1/disputes/{made['dispute']}/settlement", body, "again")
    assert answer.status_code == 200, answer.text
    with room.engine.store.read() as tx:
        assert tx.ledger.entries(claim)[-1].entry_id == answer.json()["correction"]


def test_a_person_takes_it_back(room: Room, client_of: ClientOf, staff_of: StaffOf) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    ana = client_of("ana")
    made = objected(ana, claim)
    path = f"/v1/disputes/{made['dispute']}/withdrawal"
    answer = ana.post(path, {"text": "a neighbour had it"}, "back")
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert standings(room) == {"ana": "undisputed"}
    assert code(ana.post(path, {}, "back again")) == (409, "dispute.settled")
    assert code(settled(staff_of(Role.COMPLIANCE), made["dispute"], "upheld")) == (409, "dispute.settled")


def test_what_cannot_be_disputed_is_refused_with_its_reason(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    on_its_way = room.claim(room.person("bo"))["claim"]
    ana, bo = client_of("ana"), client_of("bo")

    theirs = bo.post(f"/v1/claims/{claim}/disputes", {"text": NEVER}, "1")
    nobodys = bo.post("/v1/claims/clm_none/disputes", {"text": NEVER}, "2")
    assert code(theirs) == code(nobodys) == (404, "claim.unknown")
    assert theirs.json()["detail"].replace(claim, "…") == nobodys.json()["detail"].replace("clm_none", "…")

    assert code(bo.post(f"/v1/claims/{on_its_way}/disputes", {"text": NEVER}, "3")) == (
        409,
        "dispute.no_line",
    )
    assert code(ana.post(f"/v1/claims/{claim}/disputes", {"text": " \n "}, "4")) == (422, "dispute.text")
    objected(ana, claim)
    again = ana.post(f"/v1/claims/{claim}/disputes", {"text": "still not here"}, "5")
    assert code(again) == (409, "dispute.open_already")


def test_who_may_settle_and_how(room: Room, client_of: ClientOf, staff_of: StaffOf, base: str) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    room.person("bo")
    dispute = objected(client_of("ana"), claim)["dispute"]
    for role in (Role.OPERATOR, Role.BRAND_MANAGER, Role.FULFILLMENT):
        assert code(settled(staff_of(role), dispute, "upheld")) == (403, "access.role")
        assert code(staff_of(role).get("/v1/disputes")) == (403, "access.role")
    assert code(settled(client_of("ana"), dispute, "upheld")) == (403, "access.role")
    stranger = Client(base, room.token(Role.COMPLIANCE, brands=("another-brand",)))
    for client in (client_of("bo"), stranger):
        assert code(client.get(f"/v1/disputes/{dispute}")) == (404, "dispute.unknown")
        assert client.get("/v1/disputes").json()["disputes"] == []
    assert code(settled(stranger, dispute, "upheld")) == (404, "dispute.unknown")

    compliance = staff_of(Role.COMPLIANCE)
    assert code(settled(compliance, dispute, "rejected", "  ")) == (422, "dispute.reason")
    assert code(settled(compliance, dispute, "rejected", correction={"kind": "void"})) == (
        422,
        "dispute.correction",
    )
    path = f"/v1/disputes/{dispute}/settlement"
    faults = {
        "dispute.correction": {"kind": "amend"},
        "dispute.evidence": {"kind": "amend", "evidence": "hearsay"},
        "dispute.future": {"kind": "amend", "occurred_at": "2030-01-01T00:00Z"},
        "dispute.order": {"kind": "amend", "occurred_at": "2020-01-01T00:00Z"},
    }
    for fault, correction in faults.items():
        body = {"outcome": "upheld", "reason": "r", "correction": correction}
        assert code(compliance.post(path, body, fault)) == (422, fault)
    assert standings(room) == {"ana": "disputed"}

    assert settled(compliance, dispute, "rejected").status_code == 200
    assert settled(compliance, dispute, "rejected").status_code == 200  # the same key: the same answer
    body = {"outcome": "upheld", "reason": "on second thoughts"}
    assert code(compliance.post(path, body, "twice")) == (409, "dispute.settled")


def test_the_files_of_a_dispute(room: Room, client_of: ClientOf, staff_of: StaffOf) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    room.person("bo")
    ana, compliance = client_of("ana"), staff_of(Role.COMPLIANCE)
    dispute = objected(ana, claim)["dispute"]

    picture = given(ana, dispute, PNG, "../../etc/door <1>.exe", "image/png").json()
    assert (picture["name"], picture["kind"]) == ("door _1.png", "image/png")
    note = given(ana, dispute, "Grüße, the driver".encode(), "note").json()
    assert (note["name"], note["kind"]) == ("note.txt", "text/plain")
    shown = compliance.get(f"/v1/disputes/{dispute}").json()["files"]
    assert [file["name"] for file in shown] == ["door _1.png", "note.txt"]

    taken = compliance.get(f"/v1/disputes/{dispute}/files/{picture['file']}")
    assert taken.content == PNG
    assert taken.headers["content-type"] == "image/png"
    assert taken.headers["content-disposition"] == "attachment; filename*=UTF-8''door%20_1.png"
    assert taken.headers["x-content-type-options"] == "nosniff"
    assert code(client_of("bo").get(f"/v1/disputes/{dispute}/files/{picture['file']}")) == (
        404,
        "dispute.unknown",
    )
    assert code(ana.get(f"/v1/disputes/{dispute}/files/fil_none")) == (404, "file.unknown")

    on_disk = sorted(room.engine.settings.files.iterdir())
    assert len(on_disk) == 2
    assert all(len(file.name) == 32 and file.stat().st_mode & 0o077 == 0 for file in on_disk)

    faults = [
        (b"", "x.txt", "", "file.empty"),
        (b"MZ\x90\x00\x03", "x.png", "", "file.kind"),
        (b"<html><script>alert(1)</script>", "x.txt", "", "file.kind"),
        (b"<svg onload='x'/>", "x.txt", "", "file.kind"),
        (b"\xff\xfe\x00", "x.txt", "", "file.kind"),
        (PNG, "x.pdf", "application/pdf", "file.kind"),
        (b"%PDF-" + b"0" * room.engine.settings.max_file_bytes, "x.pdf", "", "body.too_large"),
    ]
    for data, name, kind, fault in faults:
        assert given(ana, dispute, data, name, kind).json()["code"] == fault, name
    assert code(given(client_of("bo"), dispute, PNG)) == (404, "dispute.unknown")
    for number in range(3):
        assert given(ana, dispute, PNG + bytes([number + 65]), f"{number}.png").status_code == 201
    assert code(given(ana, dispute, PNG + b"sixth", "6.png")) == (409, "dispute.files")
    assert len(list(room.engine.settings.files.iterdir())) == 5  # nothing of what was refused was kept

    stored = next(file for file in room.engine.settings.files.iterdir() if file.read_bytes() == PNG)
    stored.write_bytes(PNG + b"!")
    damaged = compliance.get(f"/v1/disputes/{dispute}/files/{picture['file']}")
    assert code(damaged) == (409, "file.altered")
    stored.unlink()
    assert code(compliance.get(f"/v1/disputes/{dispute}/files/{picture['file']}")) == (409, "file.lost")


def test_files_that_come_at_once_are_no_more_than_a_dispute_may_have(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    dispute = objected(ana, room.received("ana"))["dispute"]
    files = [(PNG + bytes([65 + number]), f"{number}.png") for number in range(9)]
    with ThreadPoolExecutor(len(files)) as at_once:
        answers = list(at_once.map(lambda file: given(ana, dispute, *file).status_code, files))
    assert sorted(answers) == [201] * 5 + [409] * 4
    assert len(list(room.engine.settings.files.iterdir())) == 5


def test_the_same_file_sent_again_is_kept_once(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    dispute = objected(ana, room.received("ana"))["dispute"]
    first, again = given(ana, dispute, PNG), given(ana, dispute, PNG)
    assert first.json() == again.json()
    assert len(list(room.engine.settings.files.iterdir())) == 1
    assert code(given(ana, dispute, PNG[:-1] + b"R")) == (409, "idempotency.conflict")


@pytest.mark.parametrize("denied_first", [True, False])
def test_evidence_that_contradicts_itself_opens_a_dispute_in_whichever_order_it_comes(
    room: Room, client_of: ClientOf, staff_of: StaffOf, denied_first: bool
) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    claim = room.claim("ana")["claim"]
    room.record(claim, "ship")
    acts = [
        lambda: (
            ana.post(f"/v1/claims/{claim}/denial", {"why": "nobody rang"}, "denial").json().get("dispute")
        ),
        lambda: room.record(claim, "deliver"),
    ]
    first, second = acts if denied_first else reversed(acts)
    assert not first()
    assert letters(room, "ana") == []
    room.clock.move(hours=3)
    second()

    assert standings(room) == {"ana": "disputed"}
    [seen] = staff_of(Role.COMPLIANCE).get("/v1/disputes").json()["disputes"]
    assert seen["cause"] == "conflict"
    assert seen["text"] == (
        "the carrier says that it was received on 2026-12-02 (ref deliver), the person said on "
        "2026-12-02 that it was not: nobody rang"
    )
    assert "does not fit together: the carrier says" in letters(room, "ana")[0]
    # A further denial of the same adds none.
    assert "dispute" not in ana.post(f"/v1/claims/{claim}/denial", {"why": "still not"}, "more").json()
    assert "dispute" not in ana.post(f"/v1/claims/{claim}/denial", key="without a word").json()


def test_no_conflict_where_the_person_says_in_the_end_that_it_came(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    claim = room.claim("ana")["claim"]
    room.record(claim, "ship")
    ana.post(f"/v1/claims/{claim}/denial", {"why": "not yet"}, "denial")
    assert ana.post(f"/v1/claims/{claim}/receipt", key="came").status_code == 200
    assert standings(room) == {"ana": "undisputed"}
