"""Check-in at an event and redemption of codes: one code, one receipt, however often it is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from perks_engine.services.access import Role
from tests.engine_room import ALABAMA, Client, Room

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def claimed(room: Room, client_of: ClientOf, kind: str) -> tuple[Client, str]:
    room.campaign(kind=kind)
    ana = client_of(room.person("ana"))
    return ana, str(ana.claim("key").json()["claim"])


@pytest.mark.parametrize(
    ("kind", "path", "move", "evidence"),
    [("event", "check-ins", "check_in", "check_in"), ("code", "redemptions", "redeem", "redemption")],
)
def test_a_code_is_one_receipt_however_often_it_is_shown(
    room: Room, client_of: ClientOf, staff_of: StaffOf, kind: str, path: str, move: str, evidence: str
) -> None:
    ana, claim = claimed(room, client_of, kind)
    code = ana.post(f"/v1/claims/{claim}/code").json()["code"]
    assert ana.post(f"/v1/claims/{claim}/code").json()["code"] == code
    desk = staff_of(Role.FULFILLMENT)
    first = desk.post(f"/v1/{path}", {"code": code}, "one")
    assert (first.status_code, first.json()["where"], first.json()["already"]) == (200, "recipient", False)
    assert first.json()["name"] == "ana.handle"
    assert desk.post(f"/v1/{path}", {"code": code}, "one").json() == first.json()
    badly_typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert desk.post(f"/v1/{path}", {"code": badly_typed}, "two").json()["already"] is True
    with room.engine.store.read() as tx:
        last = tx.ledger.entries(claim)[-1]
    assert (last.move, last.evidence) == (move, evidence)
    assert room.listed() == ["ana"]


def test_a_code_that_stands_for_nothing_here(room: Room, base: str, client_of: ClientOf) -> None:
    ana, claim = claimed(room, client_of, "event")
    code = ana.post(f"/v1/claims/{claim}/code").json()["code"]
    stranger = Client(base, room.token(Role.FULFILLMENT, brands=("other-brand",)))
    for shown in (code, "0000-0000-0000"):
        answer = stranger.post("/v1/check-ins", {"code": shown}, "k")
        assert (answer.status_code, answer.json()["code"]) == (404, "code.unknown")
    assert ana.post("/v1/check-ins", {"code": code}, "k").status_code == 403


def test_what_the_life_of_a_unit_forbids_at_the_door(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    ana, claim = claimed(room, client_of, "event")
    code = ana.post(f"/v1/claims/{claim}/code").json()["code"]
    desk = staff_of(Role.FULFILLMENT)
    assert desk.post("/v1/redemptions", {"code": code}, "a").json()["code"] == "fulfillment.other_kind"
    later = (room.clock() + timedelta(hours=1)).isoformat()
    future = desk.post("/v1/check-ins", {"code": code, "occurred_at": later}, "b")
    assert (future.status_code, future.json()["code"]) == (409, "fulfillment.future")
    ana.post(f"/v1/claims/{claim}/cancellation", key="c")
    gone = desk.post("/v1/check-ins", {"code": code}, "d")
    assert (gone.status_code, gone.json()["code"]) == (409, "fulfillment.illegal_move")
    assert room.listed() == []


def test_who_gets_a_code(room: Room, client_of: ClientOf) -> None:
    ana, claim = claimed(room, client_of, "item")
    assert ana.post(f"/v1/claims/{claim}/code").json()["code"] == "fulfillment.shipped_kind"
    ben = client_of(room.person("ben", ALABAMA))
    refused = ben.claim("key").json()["claim"]
    assert ben.post(f"/v1/claims/{refused}/code").json()["code"] == "claim.refused"
    assert ben.post(f"/v1/claims/{claim}/code").json()["code"] == "claim.unknown"
