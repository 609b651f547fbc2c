"""What takes longer than a second says how far it is: at a terminal, on standard error, and to no script."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.command_line import Desk
from tests.cli.crowds import HOBOKEN_TERMINAL, population
from tests.engine_room import PHONE
from tests.warm_start import Perks


@dataclass(frozen=True)
class Seen:
    code: int
    out: str
    terminal: str


def at_a_terminal(desk: Desk, *arguments: str | Path) -> Seen:
    """A command whose standard error is a terminal, and whose standard output is not."""
    ours, theirs = os.openpty()
    terminal = {"TERM": "xterm-256color", "COLUMNS": "120"}
    environment = os.environ | desk.environment | terminal
    running = Perks(*arguments, folder=desk.folder, environment=environment, stderr=theirs)
    os.close(theirs)
    said: list[bytes] = []

    def listen() -> None:
        try:
            while part := os.read(ours, 65_536):
                said.append(part)
        except OSError:  # nobody holds the other end any more
            pass

    listening = threading.Thread(target=listen)
    listening.start()
    out, _ = running.communicate(timeout=120)
    listening.join(10)
    os.close(ours)
    return Seen(running.wait(), out, b"".join(said).decode("utf-8", errors="replace"))


@pytest.fixture
def crowd(desk: Desk) -> Path:
    """People by the thousand whose discs cross the city's edge, so that each is placed exactly."""
    desk.well("campaign", "load", desk.campaign_file(), "--by", "mara")
    lat, lon, _ = HOBOKEN_TERMINAL
    return desk.file("crowd.csv", population((3_000, (lat, lon, 2_000))))


def test_a_bar_while_it_takes_long_and_nothing_left_of_it(desk: Desk, crowd: Path) -> None:
    seen = at_a_terminal(desk, "campaign", "preview", PHONE, "--people", crowd)
    assert seen.code == 0
    assert "placing people near an edge" in seen.terminal
    assert re.search(r"[\d,]+ of [\d,]+", seen.terminal)
    assert "\x1b" not in seen.out
    assert "over 3,000 people" in seen.out
    last_drawn = seen.terminal.rindex("━")
    assert "\x1b[2K" in seen.terminal[last_drawn:], "the line of the bar is wiped out at the end"


def test_none_for_scripts(desk: Desk, crowd: Path) -> None:
    seen = at_a_terminal(desk, "campaign", "preview", PHONE, "--people", crowd, "--json")
    assert (seen.code, seen.terminal) == (0, "")
    told = desk.well("campaign", "preview", PHONE, "--people", crowd)
    assert told.err == ""
