"""Server processes on one PostgreSQL: they hold nothing of their own, one may be killed in the middle of
claims, and one that is stopped ends what it has begun."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from perks_engine.services.access import Role
from tests.engine_room import NO_AUTHORITIES, PHONE, Room
from tests.faults.claimants import Claimants, books, everybody, health
from tests.warm_start import DEVNULL, Perks

MANY = 1_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 150


@dataclass
class Server:
    process: Perks
    base: str
    port: int

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(room: Room, port: int | None = None, **settings: str) -> Generator[Server]:
    port = port or _free_port()
    environment = {
        "PERKS_DATABASE_URL": room.engine.settings.database_url,
        "PERKS_CACHE": str(room.engine.settings.cache),
        "PERKS_FILES": str(room.folder / "files"),
        "PERKS_RATE_PER_TOKEN": "off",
        "PERKS_RATE_PER_ADDRESS": "off",
        "PERKS_PUBLIC_URL": "http://127.0.0.1:8000",
        **settings,
    }
    process = Perks(
        *("serve", "--port", str(port), "--no-with-worker"),
        folder=room.folder,
        environment=os.environ | environment,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    server = Server(process, f"http://127.0.0.1:{port}", port)
    try:
        yield server
    finally:
        server.kill()


def answers(server: Server) -> None:
    """It listens before it is ready: who asks waits, and only who comes before that is refused."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert server.process.poll() is None, "the server ended"
        try:
            assert health(server.base) == (200, 200)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


_GUARDS = "[{same_point: {at_most: 9}}]"


@pytest.fixture
def today(postgres_room: Room) -> Room:
    """Servers have the clock of this machine, and so has the room; the campaign is open now."""
    room = postgres_room
    room.clock.now = datetime.now(UTC)
    at = [(room.clock() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%MZ") for days in (-1, 9)]
    room.campaign(
        window=f"{{opens: {at[0]}, closes: {at[1]}}}",
        quantity=str(MANY + 2),
        guards=_GUARDS,
    )
    return room


def test_two_servers_one_of_which_is_killed_and_the_other_stopped(today: Room) -> None:
    room, tokens = today, everybody(today, MANY)
    with serving(room) as one, serving(room) as other:
        answers(one)
        answers(other)
        _one_session_over_both(room, one, other)
        told = Claimants([one.base, other.base], tokens)
        told.claim_all(list(tokens), after=lambda done: one.kill() if done == MANY // 3 else None)
        assert told.broken > 0, "nobody noticed that it was killed"
        books(room, told)
        assert {one["outcome"] for one in told.acknowledged.values()} == {"granted"}
        assert health(other.base) == (200, 200)
        with serving(room, one.port) as again:
            answers(again)
            for person in list(tokens)[:20]:
                told.claim(person)
            _drains(room, again)
        books(room, told)


def _one_session_over_both(room: Room, one: Server, other: Server) -> None:
    """A browser is signed in, and its requests go to the two in turn: what is begun at one goes on at the
    other, a key that one answered the other knows, and who signs out at one has signed out at both."""
    person = room.person("browser")
    with room.engine.store.write() as tx:
        _, cookie = room.engine.sessions.for_person(tx, person)
    turns = cycle((one.base, other.base))

    def ask(method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Cookie": f"perks-session={cookie}", **more.pop("headers", {})}
        url = f"{next(turns)}{path}"
        return httpx.request(method, url, headers=headers, timeout=20, verify=NO_AUTHORITIES, **more)

    seen = [ask("GET", "/v1/session") for _ in range(2)]
    assert [each.status_code for each in seen] == [200, 200]
    assert seen[0].json() == seen[1].json()
    write = {"X-CSRF-Token": seen[0].json()["csrf"], "Idempotency-Key": "once"}
    claims = [ask("POST", "/v1/claims", json={"campaign": PHONE}, headers=write) for _ in range(4)]
    assert [each.status_code for each in claims] == [201] * 4
    assert all(each.json() == claims[0].json() for each in claims)
    assert ask("DELETE", "/v1/session", headers=write).status_code == 200
    assert [ask("GET", "/v1/session").status_code for _ in range(2)] == [401, 401]


def _drains(room: Room, server: Server) -> None:
    """A claim waits for a lock while the server is told to stop: it is answered, nobody else is let in, and
    the process ends well as soon as it was."""
    late = room.person("late")
    claimants = Claimants([server.base], {late: room.token(Role.INFLUENCER, late)})
    with ThreadPoolExecutor(1) as pool, room.engine.engine.connect() as holder:
        holder.execute(text("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE"))
        waiting = pool.submit(claimants.post, late)
        _until(lambda: _waits_for_a_lock(room))
        server.process.send_signal(signal.SIGTERM)
        _until(lambda: _refuses(server))
        assert not waiting.done()
        assert server.process.poll() is None
        holder.rollback()
        answer = waiting.result(20)
    assert (answer.status_code, answer.json()["outcome"]) == (201, "granted"), answer.text
    assert server.process.wait(20) == 0


def _waits_for_a_lock(room: Room) -> bool:
    told = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'entry'::regclass"
    with room.engine.engine.connect() as connection:
        return bool(connection.execute(text(told)).scalar_one())


def _refuses(server: Server) -> bool:
    try:
        httpx.get(f"{server.base}/healthz", timeout=5, verify=NO_AUTHORITIES)
    except httpx.TransportError:
        return True
    return False


def _until(holds: Any) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to that")


def test_who_is_not_done_in_time_is_ended(today: Room) -> None:
    """A server that is stopped does not wait for ever; nothing of what it gave up is kept by half."""
    late = today.person("late")
    claimants = Claimants([""], {late: today.token(Role.INFLUENCER, late)})
    with serving(today, PERKS_DRAIN_S="1") as server, ThreadPoolExecutor(1) as pool:
        answers(server)
        with today.engine.engine.connect() as holder:
            holder.execute(text("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE"))
            waiting = pool.submit(claimants.post, late, server.base)
            _until(lambda: _waits_for_a_lock(today))
            server.process.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            _until(waiting.done)
            assert 0.5 < time.monotonic() - begun < 6
        assert waiting.exception() is not None or waiting.result().status_code >= 500
    with today.engine.store.read() as tx:
        claims = tx.claims.of_person(late, None, 9)
    assert len(claims) <= 1, claims
