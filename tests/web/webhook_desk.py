"""What a brand does with its webhooks, in few words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert

from perks_engine.services.access import Role
from perks_engine.storage.event_tables import brand_event
from tests.engine_room import BRAND, PHONE, Client, Room

StaffOf = Callable[[Role], Client]


def add(staff: Client, url: str, *events: str, **more: str) -> dict[str, Any]:
    body = {"brand": BRAND, "url": url, "events": list(events or ("*",)), **more}
    answer = staff.post("/v1/webhooks", body, f"{url} {events} {more}")
    assert answer.status_code == 201, answer.text
    return answer.json()


def deliveries(staff: Client, webhook: dict[str, Any], **which: str) -> list[dict[str, Any]]:
    answer = staff.get(f"/v1/webhooks/{webhook['webhook']}/deliveries", **which)
    assert answer.status_code == 200, answer.text
    return answer.json()["deliveries"]


def event(room: Room, webhook: dict[str, Any], event_id: str) -> None:
    """Something to tell, as the database would queue it."""
    now = room.clock()
    with room.engine.engine.begin() as connection:
        connection.execute(
            insert(brand_event).values(
                event_id=event_id,
                brand=webhook["brand"],
                type="person.erased",
                campaign=PHONE,
                claim_id="clm_1",
                subject="",
                occurred_at=now,
                recorded_at=now,
            )
        )
