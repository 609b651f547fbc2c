"""What asks for a second person counts humans: two roles, two tokens or a service do not make two of one."""

from __future__ import annotations

from typing import Any

import pytest

from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.errors import ForbiddenError
from tests.engine_room import BRAND, PHONE, Client, Room


def token(room: Room, base: str, holder: str | None, role: Role = Role.COMPLIANCE) -> Client:
    brands = (ALL_BRANDS,) if role is Role.OPERATOR else (BRAND,)
    return Client(base, room.engine.tokens.issue(role, "t", brands, holder=holder)[1])


def planned(room: Room, by: Client, opener: Client | None = None) -> tuple[str, str]:
    """An incident with a plan; its address, and the plan's hash."""
    room.campaign()
    room.claim(room.person("ana"))
    room.clock.move(hours=1)
    opened = (opener or by).post("/v1/incidents", {"wrong": "The places.", "campaign": PHONE}, "o").json()
    path = f"/v1/incidents/{opened['incident']}"
    room.worked_off(by, by.post(f"{path}/replay", {"distrust": [{"source": "device"}]}, "r"))
    return path, by.post(f"{path}/plan", None, "p").json()["history"][-1]["numbers"]["hash"]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_one_human_with_two_tokens_and_two_roles_is_one(room: Room, base: str) -> None:
    path, plan = planned(room, token(room, base, "Noor"))
    for other in (
        token(room, base, "Noor"),
        token(room, base, "noor"),
        token(room, base, "noor", Role.OPERATOR),
        token(room, base, "\uff4eoor"),
    ):
        answer = other.post(f"{path}/approval", {"plan": plan}, "a")
        assert refused(answer) == (403, "incident.second_person"), answer.text
    assert token(room, base, "mara").post(f"{path}/approval", {"plan": plan}, "a").status_code == 200


def test_a_service_neither_approves_nor_plans(room: Room, base: str) -> None:
    """A service's token may be in the hands of whoever approves."""
    noor, service = token(room, base, "noor"), token(room, base, None)
    path, plan = planned(room, noor, opener=service)
    assert refused(service.post(f"{path}/plan", None, "p2")) == (403, "access.human")
    answer = service.post(f"{path}/approval", {"plan": plan}, "a")
    assert refused(answer) == (403, "access.human")
    assert "perks token issue --holder" in answer.json()["detail"]


def test_no_human_is_called_what_a_service_is_called(sqlite_room: Room) -> None:
    made, _ = sqlite_room.engine.tokens.issue(Role.COMPLIANCE, "bot", (BRAND,))
    for name in (f"bot ({made.token_id})", "person ana", "", " noor", "no\nor", "x" * 121):
        with pytest.raises(Exception, match="the holder") as raised:
            sqlite_room.engine.tokens.issue(Role.COMPLIANCE, "t", (BRAND,), holder=name)
        assert raised.value.args


def test_whoever_loaded_a_version_is_one_however_they_write_their_name(sqlite_room: Room) -> None:
    room = sqlite_room
    room.load()
    for name in ("mara", "MARA", " mara", "\uff4dara"):
        with pytest.raises(ForbiddenError) as raised:
            room.engine.campaigning.approve(PHONE, name)
        assert raised.value.code == "campaign.second_person"


def test_a_campaign_is_approved_over_http_by_somebody_who_did_not_load_it(room: Room, base: str) -> None:
    """Loaded at the command line by Mara: her token over HTTP is still hers."""
    version = room.load()
    path = f"/v1/campaigns/{PHONE}/approval"
    mara, noor = token(room, base, "MARA", Role.OPERATOR), token(room, base, "noor", Role.BRAND_MANAGER)
    seen = noor.get(path).json()
    assert (seen["version"], seen["loaded_by"], seen["preview"]) == (version, "mara", None)
    asked = {"version": version}
    assert refused(noor.post(path, asked, "a")) == (409, "campaign.no_preview")
    room.person("ana")
    room.engine.campaigning.preview(PHONE, "mara")
    assert noor.get(path).json()["preview"]["eligible"] == 1
    assert refused(mara.post(path, asked, "a")) == (403, "campaign.second_person")
    assert refused(token(room, base, None).post(path, asked, "a")) == (403, "access.human")
    other = Client(base, room.token(Role.BRAND_MANAGER, None, ("other-brand",)))
    assert refused(other.post(path, asked, "a")) == (404, "campaign.unknown")
    assert refused(noor.post(path, {"version": "0" * 64}, "b")) == (409, "campaign.version_changed")
    approved = noor.post(path, asked, "a")
    assert (approved.status_code, approved.json()["approved_by"]) == (200, "noor"), approved.text
    assert approved.json()["preview"]["eligible"] == 1
    assert noor.post(path, asked, "a").json() == approved.json()
    assert noor.get(path).json()["approved_by"] == "noor"
    room.engine.campaigning.open(PHONE, "mara")
    newer = room.load(quantity="7")
    assert refused(noor.post(path, asked, "c")) == (409, "campaign.version_changed")
    assert noor.get(path).json()["version"] == newer
    assert noor.get(path).json()["approved_by"] is None, "an approval is of one version"


def test_a_version_loaded_at_the_terminal_and_approved_there_stays_so_over_http(
    room: Room, base: str
) -> None:
    version = room.load()
    room.person("ana")
    room.engine.campaigning.preview(PHONE, "mara")
    room.engine.campaigning.approve(PHONE, "noor")
    third = token(room, base, "zoe", Role.COMPLIANCE)
    again = third.post(f"/v1/campaigns/{PHONE}/approval", {"version": version}, "a").json()
    assert again["approved_by"] == "noor", "the first yes is the one that counts"


def test_a_claim_that_waits_for_a_human_is_not_approved_by_a_service(room: Room, base: str) -> None:
    service = token(room, base, None, Role.BRAND_MANAGER)
    answer = service.post("/v1/claims/clm_x/approval", {"decision": "approve"}, "a")
    assert refused(answer) == (403, "access.human")
    human = token(room, base, "mara", Role.BRAND_MANAGER)
    assert refused(human.post("/v1/claims/clm_x/approval", {"decision": "approve"}, "a")) == (
        404,
        "claim.unknown",
    )


def test_a_post_is_judged_by_a_human(room: Room, base: str) -> None:
    """That a disclosure is clear and conspicuous is what somebody saw."""
    service, human = token(room, base, None), token(room, base, "mara")
    body = {"outcome": "pass"}
    assert refused(service.post("/v1/posts/1/judgements", body, "j")) == (403, "access.human")
    assert refused(human.post("/v1/posts/1/judgements", body, "j")) == (404, "post.unknown")


def test_a_dispute_is_not_settled_by_a_service_nor_by_whoever_opened_it(room: Room, base: str) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    actor = Actor("noor", Role.COMPLIANCE, (BRAND,), holder="noor")  # as at the command line
    opened = room.engine.disputing.open_for(actor, claim, "she says it was empty", "d")
    path = f"/v1/disputes/{opened['dispute']}/settlement"
    body = {"outcome": "rejected", "reason": "looked at"}
    assert refused(token(room, base, None).post(path, body, "s")) == (403, "access.human")
    assert refused(token(room, base, "Noor").post(path, body, "s")) == (409, "dispute.own")
    assert token(room, base, "mara").post(path, body, "s").status_code == 200
