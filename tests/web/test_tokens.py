"""API tokens over HTTP: what they may do, how they change, and that nobody gives what they do not have."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from perks_engine.services.access import Permission, Role
from perks_engine.services.errors import RefusedError
from perks_engine.services.ports import DatabaseRefusedError
from tests.engine_room import BRAND, PHONE, Client, Room

StaffOf = Callable[[Role], Client]
ClientOf = Callable[[str], Client]

WAREHOUSE = {"role": "fulfillment", "label": "warehouse", "brands": [BRAND], "days": 30}


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_token_for_a_service_from_its_making_to_its_end(room: Room, base: str, staff_of: StaffOf) -> None:
    operator = staff_of(Role.OPERATOR)
    token = made(operator.post("/v1/tokens", WAREHOUSE, "k"))
    service = Client(base, token["secret"])
    me = made(service.get("/v1/identity"))
    assert me["name"] == f"warehouse ({token['token']})"
    assert (me["role"], me["brands"], me["holder"]) == ("fulfillment", [BRAND], None)
    assert me["credential"] == token["token"]
    again = made(operator.post("/v1/tokens", WAREHOUSE, "k"))
    assert again == {name: value for name, value in token.items() if name != "secret"}

    room.clock.move(days=29)
    assert service.get("/v1/identity").status_code == 200
    room.clock.move(days=1)
    assert refused(service.get("/v1/identity")) == (401, "access.token")
    shown = {one["token"]: one for one in made(operator.get("/v1/tokens"))["tokens"]}
    assert shown[token["token"]]["last_used_at"] is not None
    assert "secret" not in shown[token["token"]]


def test_a_rotated_token_works_with_both_secrets_for_the_overlap_and_no_longer(
    room: Room, base: str, staff_of: StaffOf
) -> None:
    operator = staff_of(Role.OPERATOR)
    token = made(operator.post("/v1/tokens", WAREHOUSE, "k"))
    path = f"/v1/tokens/{token['token']}"
    old = Client(base, token["secret"])
    rotated = made(old.post(f"{path}/secret", {"overlap_h": 2}, "r"))
    new = Client(base, rotated["secret"])
    assert rotated["token"] == token["token"]
    assert made(old.get("/v1/identity")) == made(new.get("/v1/identity"))
    assert "secret" not in made(old.post(f"{path}/secret", {"overlap_h": 2}, "r"))
    assert new.get("/v1/identity").status_code == 200, "sent again, it rotates nothing"
    room.clock.move(hours=2)
    assert refused(old.get("/v1/identity")) == (401, "access.token")
    assert new.get("/v1/identity").status_code == 200

    # Leaked: without an overlap the secret before ends at once, and so does any older one.
    third = Client(base, made(new.post(f"{path}/secret", {"overlap_h": 0}, "r2"))["secret"])
    assert [one.get("/v1/identity").status_code for one in (old, new, third)] == [401, 401, 200]
    assert third.delete(path).status_code == 204
    assert refused(third.get("/v1/identity")) == (401, "access.token")
    assert refused(operator.post(f"{path}/secret", {}, "r3")) == (404, "token.unknown")


def test_a_token_with_single_permissions_does_nothing_else(room: Room, base: str, staff_of: StaffOf) -> None:
    asked = {"role": "compliance", "label": "exporter", "brands": [BRAND]}
    asked |= {"permissions": ["export_disclosures"]}
    token = made(staff_of(Role.OPERATOR).post("/v1/tokens", asked, "k"))
    exporter = Client(base, token["secret"])
    room.campaign()
    assert exporter.get("/v1/disclosures", brand=BRAND).status_code == 200
    answer = exporter.post("/v1/incidents", {"wrong": "x", "campaign": "phone-launch-nyc"}, "o")
    assert refused(answer) == (403, "access.permission")
    assert "run_incidents" in answer.json()["detail"]
    assert refused(exporter.get("/v1/disclosures", brand="other")) == (403, "access.brand")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"role": "compliance"}, (403, "token.beyond")),
        ({"role": "influencer", "brands": []}, (422, "token.person")),
        ({"role": "fulfillment", "brands": []}, (422, "token.brand")),
        ({"permissions": ["promote"]}, (422, "token.permissions")),
        ({"permissions": []}, (422, "request.invalid")),
        ({"days": 400}, (422, "request.invalid")),
        ({"holder": "noor"}, (422, "request.invalid")),
        ({"role": "king"}, (422, "request.invalid")),
    ],
)
def test_nobody_gives_what_they_do_not_have(
    sqlite_room: Room, sqlite_base: str, asked: dict[str, Any], told: tuple[int, str]
) -> None:
    operator = Client(sqlite_base, sqlite_room.token(Role.OPERATOR))
    assert refused(operator.post("/v1/tokens", WAREHOUSE | asked, "k")) == told
    for role in (Role.BRAND_MANAGER, Role.FULFILLMENT, Role.COMPLIANCE):
        answer = Client(sqlite_base, sqlite_room.token(role)).post("/v1/tokens", WAREHOUSE, "k")
        assert refused(answer) == (403, "access.role")


def test_a_token_of_another_human_is_neither_made_nor_rotated(sqlite_room: Room, sqlite_base: str) -> None:
    """Else whoever manages tokens would act as somebody else, and be two in a rule of two."""
    issue = sqlite_room.engine.tokens.issue
    noors, _ = issue(Role.FULFILLMENT, "t", (BRAND,), holder="noor")
    service = Client(sqlite_base, issue(Role.OPERATOR, "deploy", ("*",))[1])
    operator = Client(sqlite_base, issue(Role.OPERATOR, "t", ("*",), holder="mara")[1])
    for one in (operator, service):
        answer = one.post(f"/v1/tokens/{noors.token_id}/secret", {}, "r")
        assert refused(answer) == (403, "token.other_holder")
    mine = made(operator.post("/v1/tokens", WAREHOUSE | {"mine": True}, "m"))
    assert mine["holder"] == "mara"
    assert made(Client(sqlite_base, mine["secret"]).get("/v1/identity"))["name"] == "mara"
    assert refused(service.post("/v1/tokens", WAREHOUSE | {"mine": True}, "m")) == (403, "access.human")
    # To end it is another matter: whoever manages tokens has to be able to.
    assert operator.delete(f"/v1/tokens/{noors.token_id}").status_code == 204


def test_an_influencer_can_end_their_own_token_and_no_other(
    room: Room, base: str, client_of: ClientOf
) -> None:
    ana, ben = client_of(room.person("ana")), client_of(room.person("ben"))
    hers = made(ana.get("/v1/identity"))
    assert (hers["person"], hers["holder"], hers["permissions"]) == ("ana", None, ["claim"])
    assert refused(ben.delete(f"/v1/tokens/{hers['credential']}")) == (403, "access.role")
    assert refused(ben.get("/v1/tokens")) == (403, "access.role")
    assert ana.delete(f"/v1/tokens/{hers['credential']}").status_code == 204
    assert refused(ana.get("/v1/identity")) == (401, "access.token")


def test_one_look_finds_who_asks_and_what_is_known_of_them_and_nothing_for_a_wrong_secret(room: Room) -> None:
    room.campaign()
    room.person("ana")
    tokens, text = room.engine.tokens, room.token(Role.INFLUENCER, "ana")
    room.engine.claiming.claim("ana", PHONE, "k")
    with room.engine.store.look() as look:
        alone = look.facts("ana", PHONE, "person:ana", "k")
    assert alone.answer is not None
    assert tokens.actor_and_facts(text, PHONE, "k") == (tokens.actor(text), alone)
    token_id = text.split(".")[1]
    rotated = tokens.rotate(token_id, timedelta(hours=1))[1]
    assert tokens.actor_and_facts(rotated, PHONE, "k") == (tokens.actor(rotated), alone)
    assert tokens.actor_and_facts(text, PHONE) is not None
    room.clock.move(hours=2)
    with room.engine.store.look() as look:
        assert look.borne(token_id, "0" * 64, PHONE) is None
    for wrong in (text, f"perks.{token_id}.other", f"perks.none.{text[-43:]}", f"perks.{token_id}", "x"):
        assert tokens.actor_and_facts(wrong, PHONE) is None
    staff = room.token(Role.COMPLIANCE)
    assert tokens.actor_and_facts(staff, PHONE) == (tokens.actor(staff), None)


def test_last_use_is_written_down_once_a_minute(room: Room) -> None:
    tokens, writes = room.engine.tokens, list[dict[str, Any]]()
    written = room.engine.last_used.write
    room.engine.last_used.write = lambda at: (writes.append(dict(at)), written(at))[1]
    texts = [tokens.issue(Role.FULFILLMENT, "t", (BRAND,))[1] for _ in range(3)]
    for _ in range(5):
        for text in texts:
            assert tokens.actor(text) is not None
    assert len(writes) == 1, "the first use is written at once, the others wait"
    room.clock.move(seconds=61)
    first_at = room.clock()
    assert tokens.actor(texts[0]) is not None
    assert len(writes) == 2
    assert {one.last_used_at for one in tokens.all()} == {first_at, first_at - timedelta(seconds=61)}


def test_what_cannot_be_written_down_fails_nobody(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_at: object) -> None:
        raise OSError("the disk is full")

    written, room.engine.last_used.write = room.engine.last_used.write, broken
    _, text = room.engine.tokens.issue(Role.FULFILLMENT, "t", (BRAND,))
    with caplog.at_level(logging.WARNING):
        assert room.engine.tokens.actor(text) is not None
    assert "could not write down" in caplog.text
    assert text.rpartition(".")[2] not in caplog.text
    room.engine.last_used.write = written
    [one] = room.engine.tokens.all()
    assert one.last_used_at == room.clock(), "it is written with the next"


def test_of_two_rotations_at_the_same_moment_one_is_told(room: Room) -> None:
    tokens = room.engine.tokens
    token, text = tokens.issue(Role.FULFILLMENT, "t", (BRAND,), permissions=(Permission.SEE_CAMPAIGNS,))
    start = threading.Barrier(2)
    told: list[str] = []

    def rotate() -> None:
        start.wait()
        try:
            told.append(tokens.rotate(token.token_id, timedelta(hours=1))[1])
        except (RefusedError, DatabaseRefusedError):
            told.append("")

    threads = [threading.Thread(target=rotate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worked = [one for one in told if one]
    assert worked
    assert tokens.actor(worked[-1]) is not None or tokens.actor(worked[0]) is not None
    # One after the other is a rotation each: then the first secret has ended.
    assert (tokens.actor(text) is not None) == (len(worked) == 1)
