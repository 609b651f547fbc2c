"""A job of an incident can be stopped over HTTP while it waits, once, and asked for again."""

from __future__ import annotations

from perks_engine.services.access import Role
from tests.engine_room import PHONE, Client, Room


def test_a_replay_that_waits_is_stopped_once_and_can_be_asked_for_again(room: Room, base: str) -> None:
    room.campaign()
    room.claim(room.person("ana"))
    room.clock.move(hours=1)
    compliance = Client(base, room.token(Role.COMPLIANCE))
    opened = compliance.post("/v1/incidents", {"wrong": "The places.", "campaign": PHONE}, "o").json()
    path = f"/v1/incidents/{opened['incident']}"
    replay = {"distrust": [{"source": "device"}]}
    job = compliance.post(f"{path}/replay", replay, "r").json()["job"]

    cancelled = compliance.post(f"{path}/jobs/{job}/cancellation", None, "c")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert compliance.get(f"{path}/jobs/{job}").json()["state"] == "cancelled"
    again = compliance.post(f"{path}/jobs/{job}/cancellation", None, "c2")
    assert (again.status_code, again.json()["code"]) == (409, "incident.job_ended")

    room.worked_off(compliance, compliance.post(f"{path}/replay", replay, "r2"))
