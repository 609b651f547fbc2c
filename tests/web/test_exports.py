"""Disclosure lists over HTTP: four forms, each export on record, and slow readers that hold up nobody."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import openpyxl
import pypdf
import pytest
from sqlalchemy import QueuePool

from perks_engine.services.access import Role
from perks_engine.services.list_records import Chosen, FileKind, Form
from tests.engine_room import BRAND, STAFF, Client, Room, served
from tests.services.test_long_lists import fill

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


@pytest.fixture
def listed(room: Room) -> Room:
    """Ana and Bo received a phone."""
    room.campaign()
    for person in ("ana", "bo"):
        room.received(room.person(person))
    return room


@pytest.mark.parametrize("form", list(FileKind))
def test_every_form_can_be_had_and_is_the_file_on_record(
    listed: Room, staff_of: StaffOf, form: FileKind
) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    answer = compliance.get("/v1/disclosures", brand=BRAND, format=form.value)
    assert answer.status_code == 200, answer.text
    people = {"ana.handle", "bo.handle"}
    match form:
        case FileKind.CSV:
            assert {row["handle"] for row in csv.DictReader(io.StringIO(answer.text))} == people
        case FileKind.JSON:
            assert {line["handle"] for line in answer.json()["lines"]} == people
        case FileKind.XLSX:
            sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
            assert sheet is not None
            assert people < {str(cell.value) for row in sheet for cell in row}
        case FileKind.PDF:
            text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
            assert all(person in text for person in people)
    [export] = compliance.get("/v1/disclosures/exports").json()["exports"]
    digest = hashlib.sha256(answer.content)
    assert export["sha256"] == digest.hexdigest()
    assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert answer.headers["x-perks-export"] == export["export"]
    assert (export["lines"], export["bytes"]) == (2, len(answer.content))
    assert export["made_by"].startswith("compliance of ")
    assert export["chosen"] == {"brand": BRAND}


def test_exports_are_listed_by_who_reaches_their_brand(listed: Room, staff_of: StaffOf, base: str) -> None:
    compliance = staff_of(Role.COMPLIANCE)
    names = [compliance.get("/v1/disclosures", brand=BRAND).headers["x-perks-export"] for _ in "abc"]
    first = compliance.get("/v1/disclosures/exports", limit="2").json()
    assert [one["export"] for one in first["exports"]] == names[:0:-1]
    rest = compliance.get("/v1/disclosures/exports", limit="2", cursor=first["next"]).json()
    assert [one["export"] for one in rest["exports"]] == names[:1]
    stranger = Client(base, listed.token(Role.COMPLIANCE, brands=("other-brand",)))
    assert stranger.get("/v1/disclosures/exports").json() == {"exports": []}
    unknown = stranger.get("/v1/disclosures/changes", since=names[0])
    assert (unknown.status_code, unknown.json()["code"]) == (404, "export.unknown")


def test_what_changed_since_an_export_and_why(room: Room, staff_of: StaffOf) -> None:
    room.campaign()
    for person in ("ana", "bo", "cy"):
        room.person(person)
    kept, returned = room.received("ana"), room.received("bo")
    compliance = staff_of(Role.COMPLIANCE)
    export = compliance.get("/v1/disclosures", brand=BRAND).headers["x-perks-export"]
    nothing = compliance.get("/v1/disclosures/changes", since=export).json()
    assert (nothing["changes"], nothing["counts"]) == ([], {"added": 0, "corrected": 0, "removed": 0})

    room.clock.move(days=1)
    room.received("cy")
    room.record(returned, "return", note="it did not fit")
    room.engine.instructing.report("ana", kept, "https://example.com/p/1", None, "k")
    found = compliance.get("/v1/disclosures/changes", since=export).json()
    told = {one["person"]: (one["change"], one["why"]) for one in found["changes"]}
    assert told == {
        "cy": ("added", "received: carrier ref deliver"),
        "bo": ("removed", "return: it did not fit"),
        "ana": ("corrected", "it became known: seen at, seen"),
    }
    [ana] = [one for one in found["changes"] if one["person"] == "ana"]
    assert ana["differs"]["seen"] == [[], ["https://example.com/p/1"]]
    assert found["counts"] == {"added": 1, "corrected": 1, "removed": 1}

    as_csv = compliance.get("/v1/disclosures/changes", since=export, format="csv").text
    assert {row["person"]: row["why"] for row in csv.DictReader(io.StringIO(as_csv))} == {
        person: why for person, (_, why) in told.items()
    }
    text = compliance.get("/v1/disclosures/changes", since=export, format="text").text
    assert "- removed: bo.handle, Northwind One" in text
    assert "    because: return: it did not fit, entry " in text
    assert text.endswith("3 changes: 1 added, 1 corrected, 1 removed\n")


def test_bad_questions_are_refused_with_their_reason(listed: Room, staff_of: StaffOf) -> None:
    compliance = staff_of(Role.COMPLIANCE)

    def code(path: str = "/v1/disclosures", **params: str) -> tuple[int, str]:
        answer = compliance.get(path, **({"brand": BRAND} if "since" not in params else {}) | params)
        return answer.status_code, answer.json()["code"]

    assert code(as_of="2031-01-01T00:00:00Z") == (422, "disclosures.as_of")
    assert code(as_of="2012-11-16T00:00:00Z") == (422, "disclosures.before_first_entry")
    assert code(received_from="2026-12-05", received_to="2026-12-04") == (422, "disclosures.period")
    assert code(columns="0") == (422, "disclosures.columns")
    assert code(format="pdf", columns="1") == (422, "disclosures.columns")
    assert code(proofs="true") == (422, "disclosures.proofs")
    assert code(columns="1", annex="true") == (422, "disclosures.annex")
    assert code(person="zoe") == (404, "person.unknown")
    assert code("/v1/disclosures/changes", since="exp_0") == (404, "export.unknown")
    assert listed.engine.exporting.exports(STAFF) == [], "what was refused is no export"


def test_the_old_columns_can_still_be_asked_for(listed: Room, staff_of: StaffOf) -> None:
    answer = staff_of(Role.COMPLIANCE).get("/v1/disclosures", brand=BRAND, columns="1")
    assert answer.text.splitlines()[0] == (
        "brand,campaign,campaign_version,claim,person,handle,connection,item,fair_market_value,currency,"
        "received_at,evidence,reference,instructed_at,ledger_entry,recorded_at"
    )


def test_the_person_acknowledges_and_reports_over_http(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    claim = room.received("ana")
    told = ana.get(f"/v1/claims/{claim}/instruction").json()
    assert "acknowledged_at" not in told
    done = ana.post(f"/v1/claims/{claim}/acknowledgement", key="a")
    assert (done.json()["instruction"], done.json()["how"]) == (told["instruction"], "api")
    post = ana.post(f"/v1/claims/{claim}/posts", {"url": "https://example.com/p/1"}, "b")
    assert post.json()["reported_by"] == "person"
    compliance = staff_of(Role.COMPLIANCE)
    body = {"claim": claim, "url": "https://example.com/p/2", "note": "above the fold"}
    assert compliance.post("/v1/disclosures/sightings", body, "c").json()["note"] == "above the fold"
    [line] = compliance.get("/v1/disclosures", brand=BRAND, format="json").json()["lines"]
    assert line["acknowledged_by"] == "api"
    assert line["disclosure_seen"] == "https://example.com/p/1 https://example.com/p/2"
    bad = ana.post(f"/v1/claims/{claim}/posts", {"url": "nowhere"}, "d")
    assert (bad.status_code, bad.json()["code"]) == (422, "disclosure.url")


@contextmanager
def slow_readers(base: str, token: str, count: int) -> Generator[list[socket.socket]]:
    """Readers that ask for a list and then take none of it but the first bytes."""
    place = urlsplit(base)
    readers: list[socket.socket] = []
    for _ in range(count):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        reader.connect((place.hostname or "", place.port or 0))
        reader.sendall(
            f"GET /v1/disclosures?brand={BRAND}&format=json HTTP/1.1\r\nHost: {place.netloc}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        assert reader.recv(16).startswith(b"HTTP/1.1 200")
        readers.append(reader)
    yield readers
    for reader in readers:
        reader.close()


def test_readers_that_take_their_time_hold_up_nobody(room: Room) -> None:
    """Twelve of them, with eight connections in the pool: the list is longer than what sockets hold."""
    room.campaign(quantity="10000")
    fill(room, range(4_000))
    ana = room.person("ana")
    with served(room.engine) as base:
        token = room.token(Role.COMPLIANCE)
        with slow_readers(base, token, 12) as readers:
            pool = room.engine.engine.pool
            assert isinstance(pool, QueuePool)
            assert pool.checkedout() == 0
            assert Client(base, room.token(Role.INFLUENCER, ana)).claim("k").status_code == 201
            reader = readers[-1]
            received = b""
            while not received.endswith(b'"count":4000}\n'):
                received += (piece := reader.recv(65_536))
                assert piece, "the list was cut off"


def test_more_lists_at_once_than_may_be_are_told_to_come_again(room: Room) -> None:
    room.campaign()
    room.received(room.person("ana"))
    engine = room.engine
    at_work, may_end = threading.Barrier(3), threading.Event()

    def occupy() -> None:
        with engine.exporting.a_slot():
            at_work.wait(10)
            may_end.wait(30)

    threads = [threading.Thread(target=occupy) for _ in range(engine.exporting.at_once)]
    for thread in threads:
        thread.start()
    at_work.wait(10)
    with served(engine) as base:
        compliance = Client(base, room.token(Role.COMPLIANCE))
        busy = compliance.get("/v1/disclosures", brand=BRAND)
        assert (busy.status_code, busy.json()["code"]) == (503, "disclosures.busy")
        assert busy.headers["retry-after"] == "5"
        assert "2 lists are being made" in busy.json()["detail"]
        may_end.set()
        for thread in threads:
            thread.join()
        assert compliance.get("/v1/disclosures", brand=BRAND).status_code == 200


def test_a_list_by_the_store_is_the_list_over_http(listed: Room, staff_of: StaffOf, tmp_path: Path) -> None:
    answer = staff_of(Role.COMPLIANCE).get("/v1/disclosures", brand=BRAND, format="json")
    form = Form(FileKind.JSON, "2")
    file = tmp_path / "list.json"
    record = listed.engine.exporting.export(STAFF, Chosen(BRAND), form, file)
    assert file.read_bytes() == answer.content
    assert json.loads(file.read_text("utf-8"))["count"] == record.lines == 2


def test_head_says_whether_there_could_be_a_list_and_makes_none(listed: Room, staff_of: StaffOf) -> None:
    compliance = staff_of(Role.COMPLIANCE)

    def head(**params: str) -> httpx.Response:
        return httpx.head(f"{compliance.base}/v1/disclosures", params=params, headers=compliance.token)

    answer = head(brand=BRAND, format="pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert head(brand="nobody").status_code == 403
    assert head(brand=BRAND, campaign="none").status_code == 404
    assert head(brand=BRAND, as_of="2200-01-01T00:00:00Z").status_code == 422
    assert httpx.head(f"{compliance.base}/v1/disclosures", params={"brand": BRAND}).status_code == 401
    assert compliance.get("/v1/disclosures/exports").json()["exports"] == []
