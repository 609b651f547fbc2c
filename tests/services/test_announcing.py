"""Signed heads leave the database: posted until they arrive, while the sealing goes on."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from perks_engine.delivery.head_webhook import HeadWebhook
from perks_engine.delivery.log_files import add_key
from perks_engine.services.announcing import LONGEST_WAIT, Announcing, wait_after
from perks_engine.services.auditing import Auditing
from perks_engine.services.sealing import LogKeys, Sealing
from tests.engine_room import Room


class Notary:
    """Somebody else's server that keeps heads, while it is well."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.answers = 204
        notary = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if notary.answers == 204:
                    notary.kept.append(body)
                self.send_response(notary.answers)
                if notary.answers == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Tests are quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/heads"


@contextmanager
def notary_at_work() -> Generator[Notary]:
    notary = Notary()
    thread = threading.Thread(target=notary.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield notary
    notary.server.shutdown()
    notary.server.server_close()
    thread.join()


@pytest.fixture
def notary() -> Iterator[Notary]:
    with notary_at_work() as notary:
        yield notary


@pytest.fixture
def keys(tmp_path: Path) -> LogKeys:
    return add_key(tmp_path / "log.key", "shop.example/log")


@pytest.fixture
def sealing(room: Room, keys: LogKeys) -> Sealing:
    room.campaign()
    return Sealing(room.engine.store, room.clock, keys, lambda _head: None)


def announcing(room: Room, url: str) -> Announcing:
    return Announcing(room.engine.store, room.clock, HeadWebhook(url))


def test_each_head_arrives_once_in_its_order(room: Room, sealing: Sealing, notary: Notary) -> None:
    sealing.seal()
    room.claim(room.person("ana"))
    sealing.seal()
    out = announcing(room, notary.url)
    assert out.announce() == 2
    assert out.announce() == 0
    assert notary.kept == [head.note for head in reversed(sealing.heads())]
    assert out.stuck() == (0, None)


@pytest.mark.parametrize(
    ("answers", "told"), [(500, "answered 500 Internal Server Error"), (302, "answered 302 Found")]
)
def test_a_failure_is_told_and_tried_again_and_never_holds_up_the_sealing(
    room: Room, sealing: Sealing, keys: LogKeys, notary: Notary, answers: int, told: str
) -> None:
    notary.answers = answers
    sealing.seal()
    out = announcing(room, notary.url)
    assert out.announce() == 0
    assert out.announce() == 0  # it is too early to ask again
    waiting, last = out.stuck()
    assert (waiting, last is not None and last.attempts) == (1, 1)
    assert last is not None
    assert last.error == f"{notary.url} {told}"

    room.claim(room.person("ana"))
    assert sealing.seal() == 1
    assert Auditing(room.engine.store, room.clock).audit(keys).findings == ()

    room.clock.move(hours=2)
    assert out.announce() == 0
    notary.answers = 204
    # Tried by a clock that was ahead, and not waited for until that hour comes again.
    room.clock.move(hours=-2)
    assert out.announce() == 2
    assert out.stuck() == (0, None)
    assert len(notary.kept) == 2


def test_where_nobody_listens_it_says_so(room: Room, sealing: Sealing) -> None:
    with notary_at_work() as gone:
        pass
    sealing.seal()
    out = announcing(room, gone.url)
    assert out.announce() == 0
    _, last = out.stuck()
    assert last is not None
    assert last.error.startswith(f"{gone.url} cannot be reached: ")


def test_the_wait_doubles_up_to_an_hour() -> None:
    waits = [wait_after(attempts).total_seconds() for attempts in range(1, 12)]
    assert waits[:4] == [20, 40, 80, 160]
    assert max(waits) == LONGEST_WAIT.total_seconds()


def test_without_an_address_nothing_waits(room: Room, sealing: Sealing) -> None:
    sealing.seal()
    assert room.engine.announcing.announce() == 0
    assert room.engine.announcing.stuck() == (0, None)
