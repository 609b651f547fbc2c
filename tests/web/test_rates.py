"""How often one may ask, what each answer tells a browser, and who may ask from another origin."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import httpx
import pytest
from fakeredis import TcpFakeServer
from pydantic import ValidationError

from perks_engine.services.access import Role
from perks_engine.settings import Settings
from tests.engine_room import Room, served

Addressed = tuple[str, dict[str, str]]


def ask(base: str, token: str = "", path: str = "/v1/perks") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(f"{base}{path}", headers=headers, timeout=30)


@contextmanager
def serving(room: Room, **settings: Any) -> Generator[str]:
    room.engine.settings = room.engine.settings.model_copy(update=settings)
    with served(room.engine) as base:
        yield base


def influencer(room: Room, name: str) -> str:
    return room.token(Role.INFLUENCER, room.person(name))


def test_a_token_that_asks_too_often_waits_and_nobody_else_does(sqlite_room: Room) -> None:
    ana, ben = influencer(sqlite_room, "ana"), influencer(sqlite_room, "ben")
    with serving(sqlite_room, rate_per_token="3/hour") as base:
        answers = [ask(base, ana) for _ in range(5)]
        other = ask(base, ben)
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert [one.headers["RateLimit"].partition(";t=")[0] for one in answers] == [
        *('"token";r=2', '"token";r=1', '"token";r=0', '"token";r=0', '"token";r=0')
    ]
    assert {one.headers["RateLimit-Policy"] for one in answers} == {'"token";q=3;w=3600'}
    refused = answers[-1]
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= 3600
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json() == {
        "type": "/problems/request.too_many",
        "title": "Too many requests",
        "status": 429,
        "detail": f"at most 3 may come in 3600 s; wait {wait} s, and send the same request again",
        "code": "request.too_many",
    }
    assert other.status_code == 200


def test_who_shows_nothing_is_counted_by_address_and_so_is_who_tries_one_token_after_the_other(
    sqlite_room: Room,
) -> None:
    with serving(sqlite_room, rate_per_address="4/hour") as base:
        shown_nothing = [ask(base).status_code for _ in range(2)]
        # Made-up tokens are counted where they open nothing; then not even the next one is looked up.
        made_up = [ask(base, f"perks.tok_{number}.x").status_code for number in range(4)]
        health = ask(base, path="/healthz")
    assert shown_nothing == [401, 401]
    assert made_up == [401, 401, 429, 429]
    assert health.status_code == 200
    assert "RateLimit" not in health.headers


def test_a_browser_is_refused_on_a_page_in_its_language(sqlite_room: Room) -> None:
    asks = {"Accept": "text/html", "Accept-Language": "es"}
    with serving(sqlite_room, rate_per_address="2/hour") as base:
        too_large = httpx.post(f"{base}/my/leave", content=b"x" * 2_000_000, headers=asks)
        kept = {"perks-session": "of somebody"}
        signed_in = httpx.post(f"{base}/my/leave", content=b"x" * 2_000_000, headers=asks, cookies=kept)
        httpx.get(f"{base}/sign-in", headers=asks)
        too_often = httpx.get(f"{base}/sign-in", headers=asks)
        of_the_api = httpx.get(f"{base}/v1/perks", headers=asks)
    for answer, status, words in (
        (too_large, 413, "Envíe menos"),
        (too_often, 429, "Espere un minuto e inténtelo de nuevo."),
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert words in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src")
    assert 'href="/sign-in"' in too_large.text
    assert 'href="/sign-in"' not in signed_in.text, "nobody looked whether they are signed in"
    assert int(too_often.headers["retry-after"]) > 0
    assert too_often.headers["ratelimit"].startswith('"address";r=0')
    assert of_the_api.json()["code"] == "request.too_many"


def test_limits_can_be_lifted(sqlite_room: Room) -> None:
    with serving(sqlite_room, rate_per_token="off", rate_per_address="off") as base:
        answers = [ask(base) for _ in range(3)]
    assert {one.status_code for one in answers} == {401}
    assert not any("RateLimit" in one.headers for one in answers)


@pytest.fixture
def redis() -> Iterator[str]:
    """The URL of a server that speaks the protocol of Redis and runs its scripts."""
    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_several_servers_count_together_in_redis(sqlite_room: Room, redis: str) -> None:
    ana = influencer(sqlite_room, "ana")
    limits = {"rate_per_token": "3/hour", "rate_store": redis}
    with serving(sqlite_room, **limits) as one, served(sqlite_room.engine) as another:
        answers = [ask(base, ana).status_code for base in (one, another, one, another)]
    assert answers == [200, 200, 200, 429]


def test_where_redis_is_away_requests_are_answered_and_it_is_logged(
    sqlite_room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"redis://127.0.0.1:{probe.getsockname()[1]}"
    ana = influencer(sqlite_room, "ana")
    with serving(sqlite_room, rate_store=nowhere, rate_per_token="1/hour") as base:
        answers = [ask(base, ana).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    assert "the store of rates does not answer" in caplog.text


@pytest.mark.parametrize("words", ["often", "10", "ten/minute"])
def test_a_rate_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(ValidationError, match=r"is no rate; write such as 600/minute, 10/second, or off"):
        Settings(rate_per_token=words)


@pytest.mark.parametrize("url", ["", "memory", "http://127.0.0.1:6379", "redis"])
def test_a_store_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match=r"is no store of rates; write memory://, or redis://host:6379"):
        Settings(rate_store=url)


def test_redis_without_what_speaks_to_it_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perks_engine.settings.find_spec", lambda _name: None)
    with pytest.raises(ValidationError, match=r"it needs the extra: pip install 'perks_engine\[redis\]'"):
        Settings(rate_store="redis://127.0.0.1:6379")
    assert Settings(rate_store="memory://").rate_store == "memory://"


def test_every_answer_tells_a_browser_not_to_guess_frame_or_run_anything(sqlite_room: Room) -> None:
    with serving(sqlite_room, public_url="https://perks.example", rate_per_address="1/hour") as base:
        answers = [ask(base, path=path) for path in ("/healthz", "/v1/perks", "/v1/perks", "/docs")]
    assert [one.status_code for one in answers] == [200, 401, 429, 429]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_tls_nothing_is_said_of_it(sqlite_base: str) -> None:
    assert "Strict-Transport-Security" not in ask(sqlite_base, path="/healthz").headers


@pytest.mark.parametrize(
    ("open_to", "told"), [((), None), (("https://shop.example",), "https://shop.example")]
)
def test_other_origins_may_ask_only_where_they_are_named(
    sqlite_room: Room, open_to: tuple[str, ...], told: str | None
) -> None:
    asking = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    stranger = asking | {"Origin": "https://elsewhere.example"}
    with serving(sqlite_room, cors_origins=open_to) as base:
        found, strange = (
            httpx.options(f"{base}/v1/claims", headers=headers) for headers in (asking, stranger)
        )
    assert found.headers.get("Access-Control-Allow-Origin") == told
    assert "Access-Control-Allow-Origin" not in strange.headers


def test_a_body_that_does_not_arrive_is_not_waited_for(sqlite_room: Room) -> None:
    token = influencer(sqlite_room, "ana")
    api = f"Authorization: Bearer {token}\r\nIdempotency-Key: k\r\nContent-Type: application/json"
    form = "Accept: text/html\r\nAccept-Language: es\r\nContent-Type: application/x-www-form-urlencoded"
    with (
        serving(sqlite_room, max_body_s=0.2) as base,
        _begun(base, "/v1/claims", api) as claim,
        _begun(base, "/statement", form) as page,
    ):
        of_the_api, of_the_page = _answer(claim), _answer(page)
    assert of_the_api.startswith("HTTP/1.1 408 ")
    assert of_the_page.startswith("HTTP/1.1 408 ")
    assert "the body was not here after 0.2 s, and nothing was done" in of_the_api
    assert "content-type: text/html" in of_the_page
    assert "Tardó demasiado" in of_the_page
    assert "no se hizo nada. Vuelva atrás y envíelo de nuevo." in of_the_page
    assert "too slowly" not in of_the_page


@contextmanager
def _begun(base: str, path: str, headers: str) -> Generator[socket.socket]:
    """A request whose body stays away but for its first signs."""
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\nContent-Length: 99"
    with socket.create_connection(_peer(base), 10) as wire:
        wire.sendall(f'{head}\r\n\r\n{{"camp'.encode())
        yield wire


def _answer(wire: socket.socket) -> str:
    return b"".join(iter(lambda: wire.recv(10_000), b"")).decode()


def _peer(base: str) -> tuple[str, int]:
    url = httpx.URL(base)
    return url.host, url.port or 80
