"""Receivers that are slow, away, gone, inside of the network or not to be trusted: each for itself."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError
from trustme import CA

from perks_engine.delivery.event_courier import EventCourier
from perks_engine.services.access import Role
from perks_engine.services.event_records import AddressRefusedError
from perks_engine.services.telling import LEASE, MOST_ATTEMPTS, TRIALS
from perks_engine.settings import Settings
from tests.engine_room import Client, Room
from tests.web.webhook_desk import add, deliveries, event
from tests.webhook_receiver import Post, Receiver, receiver_at_work

StaffOf = Callable[[Role], Client]


@pytest.fixture
def staff(staff_of: StaffOf) -> Client:
    return staff_of(Role.BRAND_MANAGER)


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
        assert tx.events.take(made["webhook"], "one who dies", now, now + LEASE, 5) == ["evt_1"]
    assert room.engine.telling.tell() == 0
    room.clock.move(minutes=3)
    assert room.engine.telling.tell() == 1
    with room.engine.store.write() as tx:
        assert not tx.events.held("evt_1", made["webhook"], "one who dies", now, now + LEASE)


def test_who_is_slow_holds_up_nobody_and_each_is_told_in_order(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    room.campaign()
    may_answer, is_asked = threading.Event(), threading.Event()

    def slowly(_post: Post) -> int:
        is_asked.set()
        return 204 if may_answer.wait(60) else 503

    receiver.answers = slowly
    with receiver_at_work() as quick:
        told: queue.Queue[str] = queue.Queue()
        quick.answers = lambda post: told.put(post.event_id) or 204
        slow = add(staff, receiver.url)
        add(staff, quick.url)
        for number in range(3):
            event(room, slow, f"evt_{number}")
        with ThreadPoolExecutor(1) as teller:
            round_of_both = teller.submit(room.engine.telling.tell)
            try:
                assert is_asked.wait(60)
                assert [told.get(timeout=60) for _ in range(3)] == ["evt_0", "evt_1", "evt_2"]
                event(room, slow, "evt_meanwhile")
                assert told.get(timeout=60) == "evt_meanwhile"
                assert [post.event_id for post in receiver.posts] == ["evt_0"], "it has not answered yet"
            finally:
                may_answer.set()
            assert round_of_both.result(60) == 8
    assert [post.event_id for post in receiver.posts] == ["evt_0", "evt_1", "evt_2", "evt_meanwhile"]


def test_those_that_failed_last_never_take_all_there_is(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    room.campaign()
    may_answer = threading.Event()
    receiver.answers = lambda _post: 204 if may_answer.wait(60) else 503
    dead = [add(staff, f"{receiver.url}?{number}") for number in range(TRIALS + 3)]
    with room.engine.store.write() as tx:
        for one in dead:
            tx.webhooks.rest(one["webhook"], 1, None)
    with receiver_at_work() as well:
        told = threading.Event()
        well.answers = lambda _post: told.set() or 204
        add(staff, well.url)
        event(room, dead[0], "evt_1")
        with ThreadPoolExecutor(1) as teller:
            round_of_all = teller.submit(room.engine.telling.tell)
            try:
                assert told.wait(60)
                assert len(receiver.posts) <= TRIALS
            finally:
                may_answer.set()
            assert round_of_all.result(60) == TRIALS + 4


def test_a_certificate_of_an_authority_that_the_operator_names_is_trusted_and_no_other(
    room: Room, receiver: Receiver, staff: Client
) -> None:
    room.campaign()
    own, other = CA(), CA()
    own.cert_pem.write_to_path(room.folder / "own.pem")
    named = Settings(authorities=room.folder / "own.pem").authorities
    room.engine.settings = room.engine.settings.model_copy(update={"authorities": named})
    with (
        receiver_at_work(own.issue_cert("127.0.0.1")) as trusted,
        receiver_at_work(other.issue_cert("127.0.0.1")) as unknown,
        receiver_at_work(own.issue_cert("hooks.shop.example")) as misnamed,
    ):
        taken, forged, wrong = (add(staff, one.url) for one in (trusted, unknown, misnamed))
        event(room, taken, "evt_1")
        room.engine.telling.tell()
        assert [len(one.posts) for one in (trusted, unknown, misnamed)] == [1, 0, 0]
    assert [one["state"] for one in deliveries(staff, taken)] == ["delivered"]
    [refused] = deliveries(staff, forged)
    assert (refused["state"], refused["status"]) == ("queued", None)
    assert refused["why"] == (
        "it cannot be reached: its certificate is not trusted: unable to get local issuer certificate; if it "
        "is of an authority of your own, the operator can name that in PERKS_AUTHORITIES"
    )
    [refused] = deliveries(staff, wrong)
    assert "IP address mismatch, certificate is not valid for '127.0.0.1'" in refused["why"]


def test_a_file_of_authorities_that_holds_none_is_refused_at_the_start(tmp_path: Path) -> None:
    for file, text in ((tmp_path / "missing.pem", None), (tmp_path / "empty.pem", "no certificate")):
        if text is not None:
            file.write_text(text)
        with pytest.raises(ValidationError, match=f"{file.name} holds no certificates that can be read"):
            Settings(authorities=file)


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
        ("https://127.1/", "127.0.0.1 is no public address"),
        ("https://2130706433/", "127.0.0.1 is no public address"),
        ("https://0x7f.1/", "127.0.0.1 is no public address"),
        ("https://012.1/", "10.0.0.1 is no public address"),
        ("https://0/", "0.0.0.0 is no public address"),
        ("https://127.0.0.1./", "127.0.0.1 is no public address"),
        ("https://LOCALHOST./", "127.0.0.1 is no public address"),
        ("https://hooks.localhost./", "127.0.0.1 is no public address"),
        ("https://192.0.0.192/opc/v2/", "192.0.0.192 is no public address"),
        ("https://168.63.129.16/", "168.63.129.16 is no public address"),
        ("https://[64:ff9b:1::a00:1]/", "is no public address"),
        ("https://hooks..shop.example/", "a part of its name is empty or too long"),
        (f"https://{'a' * 64}.example/", "a part of its name is empty or too long"),
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
