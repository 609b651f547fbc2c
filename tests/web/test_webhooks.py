"""Webhooks over HTTP: what happens is told to who asked, signed so that others' libraries say yes, once more
where it was not taken, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from perks_engine.domain.events import OF_MOVE, EventType
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.services.access import Role
from perks_engine.services.views import instant_view
from tests.engine_room import BRAND, PHONE, Client, Room
from tests.web.webhook_desk import add, deliveries, event
from tests.webhook_receiver import Receiver

StaffOf = Callable[[Role], Client]


@pytest.fixture
def staff(staff_of: StaffOf) -> Client:
    return staff_of(Role.BRAND_MANAGER)


ALWAYS = "{opens: 2020-01-01T00:00Z, closes: 2999-12-31T00:00Z}"


def now_is_now(room: Room) -> None:
    """Who verifies a signature asks whether it is of this moment."""
    room.clock.now = datetime.now(UTC)


def test_the_life_of_a_claim_is_told_and_others_can_verify_it(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    now_is_now(room)
    room.campaign(window=ALWAYS)
    made = add(staff, receiver.url)
    assert made["secret"].startswith("whsec_")
    claim = room.received(room.person("ana", name="Ana Example", email="ana@mail.example"))
    room.record(claim, "return", note="did not like it")
    assert room.engine.telling.tell() == 4
    assert receiver.types == ["claim.granted", "claim.shipped", "claim.received", "claim.returned"]
    for post in receiver.posts:
        assert post.is_signed_with(made["secret"])
        assert not post.is_signed_with("whsec_" + "A" * 44)
        assert post.told["data"]["claim"] == claim
        for personal in (b"ana", b"Example", b"mail.example", b"did not like it", b"40.67"):
            assert personal not in post.body.replace(claim.encode(), b"")
    received = receiver.posts[2].told
    moment = instant_view(room.clock())
    assert received["timestamp"] == moment
    assert received["data"] == {
        "brand": BRAND,
        "campaign": PHONE,
        "claim": claim,
        "entry": received["data"]["entry"],
        "move": "deliver",
        "from": "in_transit",
        "to": "recipient",
        "recorded_at": moment,
        "evidence": "carrier",
    }
    assert len({post.event_id for post in receiver.posts}) == 4
    assert room.engine.telling.tell() == 0
    log = deliveries(staff, made)
    assert [one["state"] for one in log] == ["delivered"] * 4
    assert [one["event"] for one in log] == [post.event_id for post in reversed(receiver.posts)]
    assert (log[0]["status"], log[0]["attempts"], log[0]["claim"]) == (204, 1, claim)


def test_campaigns_disputes_lists_and_incidents_are_told(
    room: Room, receiver: Receiver, staff: Client, client_of: Callable[[str], Client], staff_of: StaffOf
) -> None:
    room.campaign()
    add(
        staff,
        receiver.url,
        "campaign.paused",
        "campaign.resumed",
        "dispute.opened",
        "dispute.upheld",
        "disclosures.corrected",
    )
    claim = room.received(room.person("ana"))
    room.received(room.person("bo"))
    room.clock.move(minutes=1)
    exported = staff.get("/v1/disclosures", brand=BRAND, format="csv")
    assert exported.status_code == 200, exported.text
    room.clock.move(minutes=1)
    room.engine.campaigning.pause(PHONE, "mara", "something looks odd near 40.7,-74.0")
    room.engine.campaigning.resume(PHONE, "mara", "it was nothing")
    opened = client_of("ana").post(f"/v1/claims/{claim}/disputes", {"text": "not my door"}, "o").json()
    settled = staff_of(Role.COMPLIANCE).post(
        f"/v1/disputes/{opened['dispute']}/settlement", {"outcome": "upheld", "reason": "it was not"}, "s"
    )
    assert settled.status_code == 200, settled.text
    room.clock.move(minutes=1)
    room.engine.telling.tell()
    assert sorted(receiver.types) == [
        "campaign.paused",
        "campaign.resumed",
        "disclosures.corrected",
        "dispute.opened",
        "dispute.upheld",
    ]
    by_type = {post.told["type"]: post.told["data"] for post in receiver.posts}
    assert by_type["campaign.paused"] == {"brand": BRAND, "campaign": PHONE, "state": "paused"}
    assert by_type["dispute.opened"]["dispute"] == opened["dispute"]
    assert by_type["disclosures.corrected"]["claim"] == claim
    assert len(by_type["disclosures.corrected"]["exports"]) == 1


def test_what_was_rolled_back_is_not_told_and_who_did_not_ask_gets_nothing(
    room: Room, receiver: Receiver, staff: Client, base: str
) -> None:
    room.campaign()
    room.claim(room.person("early"))
    made = add(staff, receiver.url, "claim.shipped", "claim.received")
    claim = room.claim(room.person("ana"))["claim"]
    with pytest.raises(RuntimeError):
        ship_in_vain(room, str(claim))
    assert room.engine.telling.tell() == 0
    room.record(str(claim), "ship")
    assert room.engine.telling.tell() == 1
    assert receiver.types == ["claim.shipped"]
    [told] = deliveries(staff, made)
    assert told["claim"] == claim


def ship_in_vain(room: Room, claim: str) -> None:
    """Whatever else the transaction was for failed."""
    with room.engine.store.write() as tx:
        reserved = tx.ledger.entries(claim)[0]
        move = {"move": MoveKind.SHIP, "source": Account.RESERVED, "target": Account.IN_TRANSIT}
        tx.ledger.append(replace(reserved, **move, entry_id=None))
        raise RuntimeError


def test_a_secret_is_shown_once_and_lies_nowhere(room: Room, receiver: Receiver, staff: Client) -> None:
    room.campaign()
    body = {"brand": BRAND, "url": receiver.url, "events": ["*"]}
    first = staff.post("/v1/webhooks", body, "same")
    again = staff.post("/v1/webhooks", body, "same")
    made = first.json()
    assert (first.headers["Cache-Control"], again.status_code) == ("no-store", 201)
    assert again.json() == {name: value for name, value in made.items() if name != "secret"}
    assert "secret" not in staff.get(f"/v1/webhooks/{made['webhook']}").json()
    [listed] = staff.get("/v1/webhooks").json()["webhooks"]
    assert "secret" not in listed
    plain = made["secret"].removeprefix("whsec_")
    with room.engine.engine.connect() as connection:
        kept = connection.execute(text("SELECT sealed FROM webhook_secret")).scalars().all()
        answers = connection.execute(text("SELECT CAST(answer AS text) FROM idempotency")).scalars().all()
    assert len(kept) == 1
    assert plain not in " ".join((*kept, *answers))


def test_while_a_secret_is_rotated_both_sign(room: Room, receiver: Receiver, staff: Client) -> None:
    room.campaign()
    now_is_now(room)
    made = add(staff, receiver.url)
    path = f"/v1/webhooks/{made['webhook']}/secret"
    rotated = staff.post(path, {"overlap_h": 1}, "r")
    assert rotated.status_code == 200, rotated.text
    newer = rotated.json()["secret"]
    assert newer != made["secret"]
    assert "secret" not in staff.post(path, {"overlap_h": 1}, "r").json()
    event(room, made, "evt_1")
    assert room.engine.telling.tell() == 1
    [post] = receiver.posts
    assert post.headers["webhook-signature"].count("v1,") == 2
    assert post.is_signed_with(made["secret"])
    assert post.is_signed_with(newer)
    assert not post.is_signed_with("whsec_" + "A" * 44)

    with room.engine.store.write() as tx:
        tx.webhooks.replace_secrets(made["webhook"], room.clock() - timedelta(seconds=1))
    staff.post(path, {"overlap_h": 0}, "r2")
    event(room, made, "evt_2")
    room.engine.telling.tell()
    assert not receiver.posts[-1].is_signed_with(made["secret"])
    assert not receiver.posts[-1].is_signed_with(newer)


def test_who_may_and_what_cannot_be(
    room: Room, receiver: Receiver, staff: Client, staff_of: StaffOf, base: str
) -> None:
    made_body = {"brand": BRAND, "url": receiver.url, "events": ["*"]}
    assert staff.post("/v1/webhooks", made_body, "k").json()["code"] == "brand.unknown"
    room.campaign()
    for role in (Role.FULFILLMENT, Role.COMPLIANCE):
        assert staff_of(role).post("/v1/webhooks", made_body, "k").status_code == 403
    for body, code in (
        ({**made_body, "events": ["claim.made"]}, "webhook.types"),
        ({**made_body, "publisher": "Some Body"}, "publisher.name"),
        ({**made_body, "brand": "another"}, "access.brand"),
        ({**made_body, "url": "https://192.168.0.1/"}, "webhook.url"),
    ):
        assert staff.post("/v1/webhooks", body, "k").json()["code"] == code
    made = add(staff, receiver.url)
    path = f"/v1/webhooks/{made['webhook']}"
    stranger = Client(base, room.token(Role.BRAND_MANAGER, brands=("another",)))
    assert stranger.get("/v1/webhooks").json() == {"webhooks": []}
    for answer in (stranger.get(path), stranger.get(f"{path}/deliveries")):
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook.unknown")
    event(room, made, "evt_1")
    removed = staff.delete(path)
    assert removed.json() == {"webhook": made["webhook"], "cancelled": 1}
    assert staff.get(path).status_code == 404
    assert [one["state"] for one in deliveries(staff, made)] == ["cancelled"]
    event(room, made, "evt_2")
    assert room.engine.telling.tell() == 0


def test_without_a_key_no_secret_is_kept(room: Room, staff: Client) -> None:
    room.campaign()
    refused = staff.post(
        "/v1/webhooks", {"brand": BRAND, "url": "https://hooks.shop.example/", "events": ["*"]}, "k"
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook.no_key")
    assert "perks ledger new-key FILE" in refused.json()["detail"]


def test_every_type_is_described() -> None:
    described = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
    assert [one.value for one in EventType if f"`{one}`" not in described] == []
    assert set(MoveKind) - set(OF_MOVE) == {MoveKind.SUPPLY, MoveKind.WITHDRAW}


def test_erasure_is_told_by_claims_alone(room: Room, receiver: Receiver, staff: Client) -> None:
    room.campaign()
    add(staff, receiver.url, "person.erased")
    claim = room.received(room.person("ana"))
    with room.engine.store.write() as tx:
        assert tx.events.tell_erased("ana", room.clock()) == 1
    assert room.engine.telling.tell() == 1
    assert receiver.posts[0].told["data"] == {"brand": BRAND, "campaign": PHONE, "claim": claim}


def test_what_was_dealt_with_long_ago_is_forgotten(room: Room, receiver: Receiver, staff: Client) -> None:
    room.campaign()
    made = add(staff, receiver.url)
    event(room, made, "evt_1")
    room.engine.telling.tell()
    receiver.answers = lambda _post: 400
    event(room, made, "evt_2")
    room.engine.telling.tell()
    room.clock.move(days=91)
    assert room.engine.telling.forget() == 1
    assert [one["event"] for one in deliveries(staff, made)] == ["evt_2"]
