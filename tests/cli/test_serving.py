"""`perks serve`, `worker`, `demo`: one line of JSON says that they run; the port is taken before all else."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import httpx
import pytest

from perks_engine.cli.serving import listen
from tests.cli.command_line import Desk
from tests.engine_room import PHONE
from tests.warm_start import Perks


@contextmanager
def running(desk: Desk, *arguments: str) -> Generator[Perks]:
    """A command that goes on until it is stopped."""
    environment = os.environ | desk.environment | {"TMPDIR": str(desk.folder)}
    process = Perks(*arguments, folder=desk.folder, environment=environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: Perks) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def stopped(process: Perks, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
    """The exit code, and what stood on the two streams after the first line."""
    process.send_signal(number)
    out, err = process.communicate()
    return process.wait(), out, err


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_says_in_one_line_of_json_where_it_listens(desk: Desk, workers: str) -> None:
    with running(desk, "serve", "--port", "0", "--workers", workers, "--json") as server:
        told = json.loads(first_line(server))
        assert (told["workers"], told["with_worker"]) == (int(workers), True)
        # It may be asked at once: who comes before it is ready waits.
        assert httpx.get(f"{told['url']}/readyz", timeout=60).json() == {"status": "ready"}
        code, out, err = stopped(server)
        assert (code, out) == (0, "")
        assert '"event": "Application startup complete."' in err


def test_serve_tells_people_the_same(desk: Desk) -> None:
    with running(desk, "serve", "--port", "0", "--no-with-worker") as server:
        said = first_line(server)
        assert said.startswith("listening on http://127.0.0.1:")
        assert said.endswith("; stop with Ctrl-C\n")
        url = said.split()[2].rstrip(";")
        assert httpx.get(f"{url}/readyz", timeout=60).json() == {"status": "ready"}
        assert stopped(server)[0] == 0


def test_worker_says_in_one_line_of_json_that_it_works(desk: Desk) -> None:
    with running(desk, "worker", "--json") as worker:
        chores = ["calendar", "expiry", "seal", "statements", "heads", "messages", "duties"]
        chores += ["events", "old events", "feedback", "pictures", "erasures", "retention", "fixes"]
        chores += ["offers", "sign-ins", "incidents", "room"]
        assert json.loads(first_line(worker)) == {"working": True, "chores": chores}
        code, out, err = stopped(worker, signal.SIGTERM)
        assert (code, out) == (0, "")
        # Whether it came so far before it was stopped is left to chance.
        told = [json.loads(line) for line in err.splitlines()]
        nothing = "nothing is sent, for PERKS_SMTP_URL names no mail server; messages wait"
        assert [(line["event"], line["chore"]) for line in told] in ([], [(nothing, "messages")])


def test_demo_hands_over_its_url_commands_and_tokens(desk: Desk) -> None:
    with running(desk, "demo", "--json") as demo:
        told = json.loads(first_line(demo))
        base, tokens = told["url"], told["tokens"]
        assert httpx.get(f"{base}/readyz", timeout=60).json() == {"status": "ready"}
        assert set(tokens) == {"ana", "ben", "compliance"}
        assert [one["shows"].split()[0] for one in told["commands"]] == ["Ana", "Ben", "The"]
        for one, bearer in zip(told["commands"], tokens.values(), strict=True):
            assert one["command"].startswith("curl ")
            assert base in one["command"]
            assert f"Bearer {bearer}'" in one["command"]
        assert {one["to"] for one in told["messages"]} == {"dara"}
        claim = httpx.post(
            f"{base}/v1/claims",
            json={"campaign": PHONE},
            headers={"Authorization": f"Bearer {tokens['ana']}", "Idempotency-Key": "k"},
            timeout=60,
        )
        assert (claim.status_code, claim.json()["outcome"]) == (201, "granted")
        assert list(desk.folder.glob("perks-demo-*")) != []
        # Terminated, it cleans up as well as after Ctrl-C, which `test_demo` presses.
        assert stopped(demo, signal.SIGTERM) == (0, "", "")
        assert list(desk.folder.glob("perks-demo-*")) == []


def test_a_demo_on_a_port_in_use_says_so_before_anything_else(desk: Desk, taken: int) -> None:
    """Nothing is seeded, no command is printed that could not be used, and nothing is left behind."""
    with running(desk, "demo", "--port", str(taken)) as demo:
        out, err = demo.communicate()
        assert (demo.wait(), out) == (2, "")
        assert err == (
            f"perks: port {taken} of 127.0.0.1 is in use already; "
            "name another with --port, or a free one with --port 0\n"
        )
        assert list(desk.folder.glob("perks-demo-*")) == []


def test_serve_on_a_port_in_use_says_so(desk: Desk, taken: int) -> None:
    told = desk.perks("serve", "--port", str(taken), "--json")
    assert (told.code, told.err) == (2, "")
    assert told.data["error"]["code"] == "port.taken"
    assert told.data["error"]["message"].startswith(f"port {taken} of 127.0.0.1 is in use already; ")


def test_an_address_that_is_not_this_machines(desk: Desk) -> None:
    told = desk.perks("serve", "--host", "192.0.2.1", "--port", "8000")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "perks: cannot listen on port 8000 of 192.0.2.1: Cannot assign requested address; "
        "name another address\n"
    )


def test_an_answer_does_not_wait_for_its_head_to_be_acknowledged() -> None:
    """Accepted connections inherit it; without it each answer took 40 ms more."""
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
