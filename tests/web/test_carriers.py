"""Carriers' webhooks: believed when they are signed just now, kept when nobody can say what they mean."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from perks_engine.services.access import Role
from tests.engine_room import BRAND, Client, Room, served

StaffOf = Callable[[Role], Client]
SECRET = "sécret of both"
EASYPOST = "/v1/carriers/easypost"
SHIPPO = "/v1/carriers/shippo"


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    """The engine, served, with the secrets of both carriers set."""
    settings = {"easypost_secret": SECRET, "shippo_secret": SECRET}
    room.engine.settings = room.engine.settings.model_copy(update=settings)
    with served(room.engine) as url:
        yield url


def tracker(code: str, status: str, at: datetime | None, event: str = "evt_1") -> dict[str, Any]:
    """An event of EasyPost, as it sends it."""
    scan = {"object": "TrackingDetail", "status": status, "message": status.title(), "source": "USPS"}
    details = [{**scan, "datetime": at.isoformat()}] if at else []
    return {
        "id": event,
        "object": "Event",
        "mode": "production",
        "description": "tracker.updated",
        "previous_attributes": {"status": "unknown"},
        "pending_urls": [],
        "result": {
            "id": "trk_1",
            "object": "Tracker",
            "tracking_code": code,
            "status": status,
            "carrier": "USPS",
            "signed_by": None,
            "tracking_details": details,
        },
    }


def track(number: str, status: str, at: datetime, event: str = "st_1") -> dict[str, Any]:
    """An event of Shippo, as it sends it."""
    told = {"object_id": event, "status": status, "status_date": at.isoformat(), "status_details": "…"}
    return {
        "event": "track_updated",
        "test": False,
        "data": {
            "carrier": "usps",
            "tracking_number": number,
            "tracking_status": told,
            "tracking_history": [told],
        },
    }


def from_easypost(
    base: str, event: Any, at: datetime, secret: str = SECRET, path: str = EASYPOST, iso: bool = False
) -> httpx.Response:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    stamp = at.isoformat() if iso else format_datetime(at)
    # The secret is normalized (NFKD) before it is used: é is e and an accent.
    key = secret.replace("é", "e\u0301").encode()
    signature = hmac.digest(key, f"{stamp}POST{path}".encode() + body, "sha256").hex()
    headers = {"X-Timestamp": stamp, "X-Path": path, "X-Hmac-Signature-V2": f"hmac-sha256-hex={signature}"}
    return httpx.post(base + EASYPOST, content=body, headers={**headers, "Content-Type": "application/json"})


def from_shippo(base: str, event: Any, at: datetime, secret: str = SECRET) -> httpx.Response:
    body = json.dumps(event).encode()
    seconds = str(int(at.timestamp()))
    signature = hmac.digest(secret.encode(), f"{seconds}.".encode() + body, "sha256").hex()
    return httpx.post(
        base + SHIPPO, content=body, headers={"Shippo-Auth-Signature": f"t={seconds},v1={signature}"}
    )


def shipped(room: Room, number: str = "9400") -> str:
    room.campaign()
    claim = str(room.claim(room.person("ana"))["claim"])
    room.ship(claim, number)
    room.clock.move(days=2)
    return claim


def moves(room: Room, claim: str) -> list[str]:
    with room.engine.store.read() as tx:
        return [entry.move.value for entry in tx.ledger.entries(claim)]


def waiting(staff: Client) -> list[tuple[str, str]]:
    found = staff.get("/v1/carrier-reports").json()["reports"]
    return [(one["code"], one["why"]) for one in found]


@pytest.mark.parametrize("iso", [False, True])
def test_easypost_says_delivered(room: Room, base: str, iso: bool) -> None:
    claim = shipped(room)
    at = room.clock() - timedelta(hours=1)
    answer = from_easypost(base, tracker("9400", "delivered", at), room.clock(), iso=iso)
    assert (answer.status_code, answer.json()["state"]) == (200, "applied")
    with room.engine.store.read() as tx:
        last = tx.ledger.entries(claim)[-1]
    assert (last.move, last.evidence, last.occurred_at) == ("deliver", "carrier", at)
    assert (last.reference, last.carrier, last.recorded_by) == ("9400", "USPS", "carrier easypost")
    assert room.listed() == ["ana"]


def test_shippo_says_delivered_and_then_returned(room: Room, base: str) -> None:
    claim = shipped(room)
    at = room.clock() - timedelta(hours=1)
    assert from_shippo(base, track("9400", "DELIVERED", at), room.clock()).json()["state"] == "applied"
    back = track("9400", "RETURNED", at + timedelta(minutes=5), "st_2")
    assert from_shippo(base, back, room.clock()).json()["state"] == "applied"
    assert moves(room, claim) == ["reserve", "ship", "deliver", "return"]
    assert room.listed() == []


def test_the_same_report_twice_or_late_changes_nothing(room: Room, base: str, staff_of: StaffOf) -> None:
    claim = shipped(room)
    at = room.clock() - timedelta(hours=1)
    first = from_easypost(base, tracker("9400", "delivered", at), room.clock()).json()
    room.clock.move(minutes=1)
    assert from_easypost(base, tracker("9400", "delivered", at), room.clock()).json() == first
    again = from_easypost(base, tracker("9400", "delivered", at, "evt_2"), room.clock()).json()
    assert (again["state"], again["why"]) == ("noted", "deliver is on record already")
    late = tracker("9400", "in_transit", at - timedelta(hours=20), "evt_0")
    assert from_easypost(base, late, room.clock()).json()["state"] == "noted"
    assert moves(room, claim) == ["reserve", "ship", "deliver"]
    assert waiting(staff_of(Role.OPERATOR)) == []


def test_what_the_person_confirmed_needs_no_second_receipt(room: Room, base: str) -> None:
    claim = shipped(room)
    room.engine.own_word.confirm("ana", claim, "k")
    answer = from_easypost(base, tracker("9400", "delivered", room.clock()), room.clock()).json()
    assert (answer["state"], answer["why"]) == ("noted", "it is recorded as received already")
    assert moves(room, claim) == ["reserve", "ship", "confirm"]


@pytest.mark.parametrize(
    ("status", "code"),
    [("teleported", "carrier.status_unknown"), ("failure", "carrier.needs_a_look")],
)
def test_a_status_that_does_not_say_where_it_is_is_kept_and_never_guessed(
    room: Room, base: str, staff_of: StaffOf, status: str, code: str
) -> None:
    claim = shipped(room)
    answer = from_easypost(base, tracker("9400", status, room.clock()), room.clock())
    assert (answer.status_code, answer.json()["state"], answer.json()["code"]) == (200, "waiting", code)
    assert moves(room, claim) == ["reserve", "ship"]
    [(found, why)] = waiting(staff_of(Role.FULFILLMENT))
    assert found == code
    assert status in why


def test_an_unknown_tracking_number_waits_until_it_is_known(room: Room, base: str, staff_of: StaffOf) -> None:
    claim = shipped(room, "9400")
    at = room.clock() - timedelta(hours=1)
    answer = from_shippo(base, track("9499", "DELIVERED", at), room.clock()).json()
    assert answer["why"] == "nothing was shipped under the tracking number 9499"
    staff = staff_of(Role.OPERATOR)
    retry = f"/v1/carrier-reports/{answer['report']}/retry"
    assert staff.post(retry).json()["state"] == "waiting"
    room.record(claim, "lose", note="sent anew under another number")
    room.record(claim, "replace", note="sent anew under another number")
    room.ship(claim, "9499")
    # The carrier's time lies before the shipment on record: somebody has to look again.
    assert staff.post(retry).json()["code"] == "fulfillment.order"
    mended = from_shippo(base, track("9499", "DELIVERED", room.clock(), "st_2"), room.clock()).json()
    assert mended["state"] == "applied"
    dismissal = f"/v1/carrier-reports/{answer['report']}/dismissal"
    done = staff.post(dismissal, {"why": "the label was printed twice"}).json()
    assert (done["state"], done["why"]) == ("dismissed", "the label was printed twice")
    assert staff.post(dismissal, {"why": "again"}).json()["code"] == "report.settled"
    assert waiting(staff) == []


def test_a_late_word_on_a_unit_that_was_replaced_moves_not_the_new_one(
    room: Room, base: str, staff_of: StaffOf
) -> None:
    claim = shipped(room, "OLD")
    room.record(claim, "lose", note="no scan")
    room.record(claim, "replace", note="the first was lost")
    room.ship(claim, "NEW")
    from_easypost(base, tracker("OLD", "delivered", room.clock()), room.clock())
    assert moves(room, claim)[-1] == "ship"
    [(code, _)] = waiting(staff_of(Role.OPERATOR))
    assert code == "tracking.unknown"


def test_evidence_of_the_future_waits(room: Room, base: str, staff_of: StaffOf) -> None:
    claim = shipped(room)
    from_easypost(base, tracker("9400", "delivered", room.clock() + timedelta(days=1)), room.clock())
    from_easypost(base, tracker("9400", "delivered", None, "evt_2"), room.clock())
    assert [code for code, _ in waiting(staff_of(Role.OPERATOR))] == ["fulfillment.future", "carrier.no_time"]
    assert moves(room, claim) == ["reserve", "ship"]


def refusals(room: Room) -> list[str]:
    with room.engine.store.read() as tx:
        return [one.code for one in tx.reports.all("refused", None, None, 10)]


def test_who_does_not_know_the_secret_is_refused_and_the_message_kept(room: Room, base: str) -> None:
    claim = shipped(room)
    event = tracker("9400", "delivered", room.clock())
    answer = from_easypost(base, event, room.clock(), secret="guessed")
    assert (answer.status_code, answer.json()["code"]) == (403, "webhook.signature")
    answer = from_shippo(base, track("9400", "DELIVERED", room.clock()), room.clock(), secret="guessed")
    assert (answer.status_code, answer.json()["code"]) == (403, "webhook.signature")
    assert httpx.post(base + EASYPOST, json=event).json()["code"] == "webhook.unsigned"
    assert httpx.post(base + SHIPPO, json=event).json()["code"] == "webhook.unsigned"
    elsewhere = from_easypost(base, event, room.clock(), path="/v1/carriers/other")
    assert elsewhere.json()["code"] == "webhook.signature"
    assert moves(room, claim) == ["reserve", "ship"]
    assert sorted(refusals(room)) == ["webhook.signature"] * 3 + ["webhook.unsigned"] * 2


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_that_is_sent_again_later_is_refused(room: Room, base: str, minutes: int) -> None:
    claim = shipped(room)
    at = room.clock() + timedelta(minutes=minutes)
    answer = from_easypost(base, tracker("9400", "delivered", room.clock()), at)
    assert (answer.status_code, answer.json()["code"]) == (403, "webhook.stale")
    answer = from_shippo(base, track("9400", "DELIVERED", room.clock()), at)
    assert (answer.status_code, answer.json()["code"]) == (403, "webhook.stale")
    assert moves(room, claim) == ["reserve", "ship"]
    assert refusals(room) == ["webhook.stale", "webhook.stale"]


def test_without_a_secret_nothing_is_taken(room: Room) -> None:
    claim = shipped(room)
    with served(room.engine) as url:
        answer = from_easypost(url, tracker("9400", "delivered", room.clock()), room.clock(), secret="")
        assert (answer.status_code, answer.json()["code"]) == (409, "webhook.no_secret")
        assert "PERKS_EASYPOST_SECRET" in answer.json()["detail"]
        assert httpx.post(f"{url}/v1/carriers/pigeon").json()["code"] == "webhook.source"
    assert moves(room, claim) == ["reserve", "ship"]


def test_a_signed_message_that_cannot_be_read_is_kept(room: Room, base: str, staff_of: StaffOf) -> None:
    shipped(room)
    bodies = [b"{", b"[]", b'{"description": "tracker.updated", "result": {"status": 7}}']
    for body in bodies:
        assert from_easypost(base, body, room.clock()).json()["state"] == "waiting"
    for event in ("\ud800", "a\0b", ["st_1"], "x" * 201):
        odd: Any = event
        told = track("T-1", "DELIVERED", room.clock(), odd)
        assert from_shippo(base, told, room.clock()).json()["state"] == "waiting"
    assert [code for code, _ in waiting(staff_of(Role.OPERATOR))] == ["webhook.unreadable"] * 7
    other = {"id": "evt_9", "description": "batch.updated", "result": {}}
    assert from_easypost(base, other, room.clock()).json()["state"] == "noted"


def test_who_sees_what_waits(room: Room, base: str, client_of: Callable[[str], Client]) -> None:
    shipped(room)
    from_easypost(base, tracker("9400", "teleported", room.clock()), room.clock())
    from_easypost(base, tracker("unknown", "delivered", room.clock(), "evt_2"), room.clock())
    ours = Client(base, room.token(Role.FULFILLMENT, brands=(BRAND,)))
    theirs = Client(base, room.token(Role.FULFILLMENT, brands=("other-brand",)))
    [one] = ours.get("/v1/carrier-reports").json()["reports"]
    assert one["code"] == "carrier.status_unknown"
    assert theirs.get("/v1/carrier-reports").json() == {"reports": []}
    assert theirs.post(f"/v1/carrier-reports/{one['report']}/retry").status_code == 404
    assert client_of("ana").get("/v1/carrier-reports").status_code == 403


def test_the_secret_is_not_told(room: Room, base: str) -> None:
    answer = from_easypost(base, tracker("9400", "delivered", room.clock()), room.clock(), secret="x")
    assert SECRET not in answer.text


def test_a_delivery_that_the_person_denies_opens_a_dispute(room: Room, base: str) -> None:
    claim = shipped(room)
    room.engine.own_word.deny("ana", claim, "nothing came", "d")
    at = room.clock() - timedelta(hours=1)
    assert from_easypost(base, tracker("9400", "delivered", at), room.clock()).json()["state"] == "applied"
    with room.engine.store.read() as tx:
        assert tx.disputes.open_on(claim) is not None
