"""Connections that the processes of a server share: who has more of them lets another go first."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from perks_engine.cli import fair_listener
from perks_engine.cli.fair_listener import FairListener
from perks_engine.cli.serving import Processes

THERE = 3
"""Where another process is counted."""


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seen: list[float] = []
    monkeypatch.setattr(fair_listener, "sleep", seen.append)
    return seen


@pytest.fixture
def listener() -> Iterator[FairListener]:
    with FairListener(socket.AF_INET, socket.SOCK_STREAM) as made:
        made.bind(("127.0.0.1", 0))
        made.listen(1)
        made.begin_counting()
        yield made


def there(listener: FairListener, process: int, connections: int) -> None:
    counts = listener.counts
    counts[2 * THERE], counts[2 * THERE + 1] = process, connections


def served(listener: FairListener) -> FairListener:
    """As the process has it that the listener is handed to."""
    _, (*_, counts, place) = listener.__reduce__()
    listener.serve_at(counts, place)
    return listener


def test_who_has_more_than_another_waits_before_it_takes_one(
    listener: FairListener, waits: list[float]
) -> None:
    with ExitStack() as open_now:
        served(listener)

        def comes() -> None:
            open_now.enter_context(socket.create_connection(listener.getsockname()))
            open_now.enter_context(listener.accept()[0])

        there(listener, os.getppid(), 1)
        comes()
        comes()
        assert waits == [], "one, and one beside one there, is no more than another has"
        comes()
        assert waits == [fair_listener.GRACE_S]
        there(listener, os.getppid(), 9)
        comes()
        assert len(waits) == 1
        assert listener.counts[1] == 4
        open_now.pop_all().close()
    assert listener.counts[1] == 0, "what was closed counts no more"


def test_the_place_of_a_process_that_is_gone_is_given_to_another(listener: FairListener) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    places = [listener.__reduce__()[1][-1] for _ in range(THERE)]
    assert places == [0, 1, 2], "those that are handed out are taken, before anybody serves there"
    there(listener, os.getppid(), 5)
    assert listener.__reduce__()[1][-1] == THERE + 1
    there(listener, gone.pid, 5)
    assert listener.__reduce__()[1][-1] == THERE
    assert listener.counts[2 * THERE + 1] == 0


def test_beyond_the_places_a_process_serves_uncounted(listener: FairListener, waits: list[float]) -> None:
    for place in range(fair_listener.PLACES):
        listener.counts[2 * place] = os.getppid()
    assert served(listener).__reduce__()[1][-1] is None
    with socket.create_connection(listener.getsockname()), listener.accept()[0]:
        assert waits == []


def test_where_processes_are_told_to_end_nobody_waits_for_them(listener: FairListener) -> None:
    """Also while one of them still ends what it has begun: whoever comes is to go elsewhere at once."""
    processes = object.__new__(Processes)  # else it would take the signals of the tests
    processes.processes = []
    processes.sockets = list[socket.socket]([listener])
    address = listener.getsockname()
    socket.create_connection(address, 5).close()
    processes.terminate_all()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 5)
