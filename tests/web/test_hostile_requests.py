"""Requests as no honest client sends them: each is answered with what is wrong, on both databases alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from perks_engine.domain.fulfillment import RECORDABLE
from perks_engine.services.access import Role
from tests.engine_room import BRAND, PHONE, Client, Room

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]

NUL = "a\0b"
NOT_KEPT = "holds the character U+0000, which cannot be kept"
NO_INSTANT = "is not a date and time with a zone, such as 2026-12-01T09:00-05:00"


def sent(client: Client, body: bytes, kind: str | None = "application/json") -> httpx.Response:
    headers = client.token | {"Idempotency-Key": "key"} | ({"Content-Type": kind} if kind else {})
    return httpx.post(f"{client.base}/v1/claims", content=body, headers=headers, timeout=30)


def told(answer: httpx.Response) -> tuple[int, Any]:
    """The status and what was said of it; every error is a problem detail."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return answer.status_code, problem.get("problems", problem["detail"])


def test_a_character_that_postgresql_does_not_keep_is_refused_wherever_it_stands(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    ana = client_of(room.person("ana"))
    answers = [
        ana.claim("key", campaign=NUL),
        ana.get("/v1/perks/%00"),
        ana.get("/v1/claims/clm_%00"),
        ana.post("/v1/claims/%00/receipt", key="key"),
        ana.post("/v1/claims/%00/cancellation", key="key"),
        ana.get("/v1/claims", cursor=NUL),
        staff_of(Role.COMPLIANCE).get("/v1/disclosures", brand=NUL),
        staff_of(Role.COMPLIANCE).get("/v1/disclosures", brand=BRAND, campaign=NUL),
    ]
    assert [told(answer) for answer in answers] == [
        (422, [f"{place}: {NOT_KEPT}"])
        for place in (
            *("body.campaign", "path.campaign", "path.claim", "path.claim", "path.claim"),
            *("query.cursor", "query.brand", "query.campaign"),
        )
    ]
    record = dict.fromkeys(("claim", "evidence", "reference", "note"), NUL)
    record |= {"move": "ship", "occurred_at": room.clock().isoformat()}
    answer = staff_of(Role.FULFILLMENT).post("/v1/fulfillments", {"records": [record]}, "key")
    assert told(answer) == (
        422,
        [f"body.records[0].{name}: {NOT_KEPT}" for name in ("claim", "evidence", "reference", "note")],
    )


@pytest.mark.parametrize(
    ("instant", "fault"),
    [
        ("0001-01-01T00:00:00+14:00", "lies outside of the calendar"),
        ("9999-12-31T23:59:59-14:00", "lies outside of the calendar"),
        ("2026-12-01T09:00", "has no zone, such as Z or +02:00 at its end"),
        ("2026-12-01", NO_INSTANT),
        ("1700000000", NO_INSTANT),
        ("now", NO_INSTANT),
        ("", NO_INSTANT),
    ],
)
def test_an_instant_is_written_out_with_its_zone(
    sqlite_room: Room, sqlite_base: str, instant: str, fault: str
) -> None:
    compliance = Client(sqlite_base, sqlite_room.token(Role.COMPLIANCE))
    answer = compliance.get("/v1/disclosures", brand=BRAND, as_of=instant)
    assert told(answer) == (422, [f"query.as_of: {fault}"])
    warehouse = Client(sqlite_base, sqlite_room.token(Role.FULFILLMENT))
    record = {"claim": "clm_1", "move": "ship", "occurred_at": instant}
    answer = warehouse.post("/v1/fulfillments", {"records": [record]}, "key")
    assert told(answer) == (422, [f"body.records[0].occurred_at: {fault}"])


def test_a_number_is_no_instant_and_a_plus_in_an_address_is_a_space(
    sqlite_room: Room, sqlite_base: str
) -> None:
    warehouse = Client(sqlite_base, sqlite_room.token(Role.FULFILLMENT))
    record = {"claim": "clm_1", "move": "ship", "occurred_at": 1_700_000_000}
    answer = warehouse.post("/v1/fulfillments", {"records": [record]}, "key")
    assert told(answer) == (422, [f"body.records[0].occurred_at: {NO_INSTANT}"])
    compliance = Client(sqlite_base, sqlite_room.token(Role.COMPLIANCE))
    address = f"/v1/disclosures?brand={BRAND}&as_of=2026-12-02T14:00:00+00:00"
    answer = httpx.get(sqlite_base + address, headers=compliance.token)
    assert told(answer) == (
        422,
        ["query.as_of: is cut: the + of a zone has to be written %2B in an address"],
    )


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 422, ["body: is missing"]),
        (b"null", 422, ["body: is not a JSON object"]),
        (b"[]", 422, ["body: is not a JSON object"]),
        (b"{", 422, ["body: is not JSON: Expecting property name enclosed in double quotes, at character 2"]),
        (b"{}", 422, ["body.campaign: is missing"]),
        (b'{"campaign": 5}', 422, ["body.campaign: Input should be a valid string"]),
        (b'{"campaign": NaN}', 422, ["body.campaign: Input should be a valid string"]),
        (b'{"campaign": "\\ud800"}', 422, ["body.campaign: is not text in Unicode"]),
        (b'{"campaign": "a", "grant": true}', 422, ["body.grant: there is no such field"]),
        (b'{"campaign": "\xe9"}', 400, "the body is not JSON in UTF-8, or too deep"),
        (b"[" * 100_000, 400, "the body is not JSON in UTF-8, or too deep"),
        (b'{"campaign": ' + b"9" * 5_000 + b"}", 400, "the body is not JSON in UTF-8, or too deep"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_that_is_not_what_is_asked_for(
    sqlite_room: Room, sqlite_base: str, body: bytes, status: int, said: Any
) -> None:
    client = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, sqlite_room.person("ana")))
    assert told(sent(client, body)) == (status, said)


@pytest.mark.parametrize("body", [b"", b"{", b"\xe9", b"[]"])
def test_a_body_that_is_judged_by_itself_is_judged_alike(sqlite_base: str, body: bytes) -> None:
    """Where a form or JSON may come, the body is read by the route."""
    kind = {"Content-Type": "application/json"}
    answer = httpx.post(f"{sqlite_base}/v1/sign-in", content=body, headers=kind, timeout=30)
    status, [fault] = told(answer)
    assert status == 422
    assert fault.startswith("body: "), fault


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_does_not_say_it_is_json(sqlite_room: Room, sqlite_base: str, kind: str | None) -> None:
    """As `curl -d` sends it, whose reader needs the header named."""
    client = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, sqlite_room.person("ana")))
    answer = sent(client, json.dumps({"campaign": PHONE}).encode(), kind)
    assert told(answer) == (415, "send the body as JSON, with the header Content-Type: application/json")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, ["header.Idempotency-Key: is missing"]),
        ("", ["header.Idempotency-Key: String should have at least 1 character"]),
        ("k" * 201, ["header.Idempotency-Key: String should have at most 200 characters"]),
        ("a\tb", "an idempotency key has 1 to 200 printable characters"),
    ],
)
def test_a_key_that_cannot_be_one(sqlite_room: Room, sqlite_base: str, key: str | None, said: Any) -> None:
    client = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, sqlite_room.person("ana")))
    headers = client.token | ({} if key is None else {"Idempotency-Key": key})
    answer = httpx.post(f"{sqlite_base}/v1/claims", json={"campaign": PHONE}, headers=headers)
    assert told(answer) == (422, said)


def test_who_has_no_token_is_told_so_before_anything_else(sqlite_base: str) -> None:
    answer = httpx.post(f"{sqlite_base}/v1/claims", json={"no": "campaign"})
    assert (answer.status_code, answer.json()["code"]) == (401, "access.token")


def test_only_what_staff_may_record_is_offered(sqlite_room: Room, sqlite_base: str) -> None:
    warehouse = Client(sqlite_base, sqlite_room.token(Role.FULFILLMENT))
    moves = ", ".join(RECORDABLE)
    for move in ("SHIP", "reserve", "confirm", 5, None):
        record = {"claim": "clm_1", "move": move, "occurred_at": "2026-12-02T15:00:00Z"}
        answer = warehouse.post("/v1/fulfillments", {"records": [record]}, "key")
        assert told(answer) == (422, [f"body.records[0].move: is none of {moves}"])
    schemas = httpx.get(f"{sqlite_base}/openapi.json", timeout=30).json()["components"]["schemas"]
    assert ", ".join(schemas["FulfillmentRecord"]["properties"]["move"]["enum"]) == moves


def test_a_method_that_a_path_does_not_answer_names_those_it_does(sqlite_base: str) -> None:
    answer = httpx.delete(f"{sqlite_base}/v1/claims")
    assert told(answer) == (405, "/v1/claims does not answer DELETE, only GET, HEAD, POST")
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert httpx.put(f"{sqlite_base}/v1/perks").headers["allow"] == "GET, HEAD"


def test_head_is_get_without_its_body(sqlite_room: Room, sqlite_base: str) -> None:
    sqlite_room.campaign()
    client = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, sqlite_room.person("ana")))
    got, head = client.get("/v1/claims"), httpx.head(f"{sqlite_base}/v1/claims", headers=client.token)
    assert (head.status_code, head.text, got.json()) == (200, "", {"claims": []})
    assert head.headers["content-length"] == got.headers["content-length"]
    assert httpx.head(f"{sqlite_base}/v1/claims").status_code == 401
    assert httpx.head(f"{sqlite_base}/nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/v1/perks/", "/my/", "//elsewhere.example/", "/\\elsewhere.example/"])
def test_nobody_is_led_to_the_host_that_a_request_names(sqlite_base: str, path: str) -> None:
    """As a cache in front would keep it for everybody."""
    answer = httpx.get(sqlite_base + path, headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


def test_a_path_that_is_nowhere_says_where_to_look(sqlite_base: str) -> None:
    assert told(httpx.get(f"{sqlite_base}/v2/perks")) == (
        404,
        "there is nothing at /v2/perks; /docs shows what there is",
    )
    status, said = told(httpx.get(f"{sqlite_base}/{'x' * 60_000}"))
    assert (status, len(said)) == (404, len("there is nothing at ; /docs shows what there is") + 100)


def test_while_the_database_is_away_nothing_is_promised(room: Room, client_of: ClientOf) -> None:
    """An operator has it to himself; the request is told to come again, under the same key, and then does."""
    room.campaign()
    ana = client_of(room.person("ana"))
    assert ana.get("/v1/claims").status_code == 200
    url = room.engine.settings.database_url
    if url.startswith("sqlite"):
        room.engine.engine.dispose()
        file = (room.folder / "perks.db").rename(room.folder / "away.db")
        (room.folder / "perks.db").mkdir()
        answer = ana.claim("key")
        (room.folder / "perks.db").rmdir()
        file.rename(room.folder / "perks.db")
    else:
        name = room.engine.engine.url.database
        server = create_engine(room.engine.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as operator:
            operator.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
            room.engine.engine.dispose()
            answer = ana.claim("key")
            operator.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
        server.dispose()
    assert told(answer) == (
        503,
        "send the same request again in a moment, with the same Idempotency-Key; it is never done twice",
    )
    assert answer.headers["retry-after"] == "2"
    assert ana.claim("key").status_code == 201
