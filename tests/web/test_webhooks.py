"""Webhooks over HTTP: what happens is told to who asked, signed so that others' libraries say yes, once more
where it was not taken, and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from perks_engine.delivery.event_courier import EventCourier
from perks_engine.domain.events import OF_MOVE, EventType
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.services.access import Role
from perks_engine.services.event_records import AddressRefusedError
from perks_engine.services.telling import LEASE, MOST_ATTEMPTS
from perks_engine.services.views import instant_view
from perks_engine.storage.event_tables import brand_event
from tests.engine_room import BRAND, PHONE, Client, Room, with_log_key
from tests.webhook_receiver import Receiver, receiver_at_work

StaffOf = Callable[[Role], Client]


@pytest.fixture
def receiver(room: Room) -> Iterator[Receiver]:
    """A receiver on this machine, which the operator permits."""
    with_log_key(room)
    permitted = {"webhook_networks": (ip_network("127.0.0.0/8"),)}
    room.engine.settings = room.engine.settings.model_copy(update=permitted)
    with receiver_at_work() as made:
        yield made


@pytest.fixture
def staff(staff_of: StaffOf) -> Client:
    return staff_of(Role.BRAND_MANAGER)


def add(staff: Client, url: str, *events: str, **more: str) -> dict[str, Any]:
    body = {"brand": BRAND, "url": url, "events": list(events or ("*",)), **more}
    answer = staff.post("/v1/webhooks", body, f"{url} {events} {more}")
    assert answer.status_code == 201, answer.text
    return answer.json()


def deliveries(staff: Client, webhook: dict[str, Any], **which: str) -> list[dict[str, Any]]:
    answer = staff.get(f"/v1/webhooks/{webhook['webhook']}/deliveries", **which)
    assert answer.status_code == 200, answer.text
    return answer.json()["deliveries"]


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


def test_a_receiver_that_is_away_rests_longer_and_longer_and_the_others_do_not_wait(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    room.campaign()
    with receiver_at_work() as other:
        sick, well = add(staff, receiver.url), add(staff, other.url)
        receiver.answers = lambda _post: 503
        for number in range(30):
            event(room, sick, f"evt_{number}")
        room.engine.telling.tell()
        assert len(other.posts) == 30
        assert len(receiver.posts) == 1, "the first that was not taken speaks for all"
        shown = staff.get(f"/v1/webhooks/{sick['webhook']}").json()
        assert (shown["state"], shown["failures"]) == ("resting", 1)
        assert staff.get(f"/v1/webhooks/{well['webhook']}").json()["state"] == "enabled"
        room.engine.telling.tell()
        assert len(receiver.posts) == 1
        room.clock.move(minutes=1)
        room.engine.telling.tell()
        assert len(receiver.posts) == 2
        receiver.answers = lambda _post: 200
        room.clock.move(hours=1)
        assert room.engine.telling.tell() == 30
        assert len({post.event_id for post in receiver.posts}) == 30
        assert staff.get(f"/v1/webhooks/{sick['webhook']}").json()["state"] == "enabled"
        [tried] = [one for one in deliveries(staff, sick) if one["attempts"] == 2 or one["attempts"] == 3][:1]
        assert tried["state"] == "delivered"


def test_what_is_never_taken_is_dead_seen_and_can_be_sent_once_more(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    room.campaign()
    made = add(staff, receiver.url)
    event(room, made, "evt_bad")
    event(room, made, "evt_good")
    receiver.answers = lambda post: 400 if post.event_id == "evt_bad" else 204
    for _ in range(MOST_ATTEMPTS):
        room.engine.telling.tell()
        room.clock.move(days=1)
    assert room.engine.telling.tell() == 0
    [dead] = deliveries(staff, made, state="dead")
    assert (dead["event"], dead["attempts"], dead["status"]) == ("evt_bad", MOST_ATTEMPTS, 400)
    assert dead["why"] == "it answered 400 Bad Request"
    assert [post.event_id for post in receiver.posts].count("evt_good") == 1
    receiver.answers = lambda _post: 204
    replay = f"/v1/webhooks/{made['webhook']}/replay"
    assert staff.post(replay, {"dead": True}, "k1").json() == {"queued": 1}
    assert room.engine.telling.tell() == 1
    assert deliveries(staff, made, state="dead") == []
    assert staff.post(replay, {"event": "evt_good"}, "k2").json() == {"queued": 1}
    assert staff.post(replay, {"since": "2026-12-01T00:00:00Z"}, "k3").json() == {"queued": 2}
    assert room.engine.telling.tell() == 2
    assert [post.event_id for post in receiver.posts].count("evt_good") == 2
    refused = staff.post(replay, {"event": "evt_none"}, "k4")
    assert (refused.status_code, refused.json()["code"]) == (404, "event.unknown")
    assert staff.post(replay, {}, "k5").json()["code"] == "webhook.replay"


def test_one_that_is_gone_for_good_is_disabled_and_gets_by_replay_what_it_missed(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    room.campaign()
    made = add(staff, receiver.url)
    receiver.answers = lambda _post: 410
    event(room, made, "evt_1")
    room.engine.telling.tell()
    path = f"/v1/webhooks/{made['webhook']}"
    shown = staff.get(path).json()
    assert (shown["state"], shown["why"]) == (
        "disabled",
        "it answered 410 Gone: it wants nothing any more",
    )
    event(room, made, "evt_2")
    room.clock.move(days=2)
    assert room.engine.telling.tell() == 0
    receiver.answers = lambda _post: 204
    assert staff.put(f"{path}/enabled", {"enabled": True}).json()["state"] == "enabled"
    assert room.engine.telling.tell() == 1
    assert staff.post(f"{path}/replay", {"since": "2026-12-01T00:00:00Z"}, "k").json() == {"queued": 2}
    room.engine.telling.tell()
    assert [post.event_id for post in receiver.posts] == ["evt_1", "evt_1", "evt_1", "evt_2"]
    assert staff.put(f"{path}/enabled", {"enabled": False}).json()["state"] == "disabled"
    event(room, made, "evt_3")
    assert room.engine.telling.tell() == 0


def test_a_redirect_is_not_followed_and_retry_after_is_heeded(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    room.campaign()
    with receiver_at_work() as elsewhere:
        made = add(staff, receiver.url)
        receiver.answers = lambda _post: 307
        receiver.more_headers = {"Location": elsewhere.url}
        event(room, made, "evt_1")
        room.engine.telling.tell()
        [waits] = deliveries(staff, made)
        assert (waits["state"], elsewhere.posts) == ("queued", [])
        assert waits["why"] == "it answered 307 Temporary Redirect; redirects are not followed"
        receiver.answers = lambda _post: 429
        receiver.more_headers = {"Retry-After": "3600"}
        room.clock.move(minutes=5)
        room.engine.telling.tell()
        room.clock.move(minutes=59)
        room.engine.telling.tell()
        assert len(receiver.posts) == 2
        room.clock.move(minutes=1)
        room.engine.telling.tell()
        assert len(receiver.posts) == 3


def test_two_tellers_and_one_that_died(room: Room, receiver: Receiver, staff: Client) -> None:
    room.campaign()
    made = add(staff, receiver.url)
    event(room, made, "evt_1")
    now = room.clock()
    with room.engine.store.write() as tx:
        assert tx.events.take("one who dies", now, now + LEASE, 5) == [("evt_1", made["webhook"])]
    assert room.engine.telling.tell() == 0
    room.clock.move(minutes=3)
    assert room.engine.telling.tell() == 1
    with room.engine.store.write() as tx:
        assert not tx.events.held("evt_1", made["webhook"], "one who dies", now, now + LEASE)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.shop.example/", "it has to begin with https://"),
        ("ftp://hooks.shop.example/", "it has to begin with https://"),
        ("https://", "it names no host"),
        ("https://user:pw@hooks.shop.example/", "it may hold no user"),
        ("https://hooks.shop.example/#x", "no fragment"),
        ("https://hooks.shop.example:99999/", "it is no address"),
        ("https://127.0.0.1/", "127.0.0.1 is no public address"),
        ("https://localhost/", "127.0.0.1 is no public address"),
        ("https://10.1.2.3/", "10.1.2.3 is no public address"),
        ("https://169.254.169.254/latest/meta-data/", "169.254.169.254 is no public address"),
        ("https://[::1]/", "::1 is no public address"),
        ("https://[::ffff:10.0.0.1]/", "is no public address"),
        ("https://[64:ff9b::a00:1]/", "is no public address"),
        ("https://[2002:a00:1::]/", "is no public address"),
        ("https://[fd00::1]/", "is no public address"),
        ("https://0.0.0.0/", "is no public address"),
        ("https://hooks.shop.example/a b", "ASCII without a space"),
    ],
)
def test_an_address_inside_is_refused(url: str, why: str) -> None:
    with pytest.raises(AddressRefusedError, match=re.escape(why)):
        EventCourier().check(url)


def test_only_the_networks_that_the_operator_names_are_reached_without_tls() -> None:
    courier = EventCourier((ip_network("10.1.0.0/16"), ip_network("fd00::/8")))
    for url in ("http://10.1.2.3/", "https://10.1.2.3:8443/x?y=z", "http://[fd00::1]/", "https://8.8.8.8/"):
        courier.check(url)
    for url in ("http://10.2.0.1/", "http://8.8.8.8/", "http://127.0.0.1/", "http://[::ffff:10.2.0.1]/"):
        with pytest.raises(AddressRefusedError):
            courier.check(url)


def test_a_name_that_leads_inside_is_refused_when_it_does(
    room: Room, receiver: Receiver, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever owns a name can let it stand for another address after it was looked at."""
    room.campaign()
    room.engine.settings = room.engine.settings.model_copy(update={"webhook_networks": ()})
    made = add(staff, "https://rebound.shop.example/hook")
    monkeypatch.setattr(
        "perks_engine.delivery.event_courier.any_address", lambda _host, _port: ["203.0.114.7", "10.0.0.1"]
    )
    event(room, made, "evt_1")
    room.engine.telling.tell()
    [waits] = deliveries(staff, made)
    assert waits["why"].startswith("nothing is sent there: 10.0.0.1 is no public address")
    assert receiver.posts == []


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
