"""A full disk behind standard output, or a reader that went away: told in one line, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command_line import Desk
from tests.engine_room import BRAND, PHONE
from tests.warm_start import Perks

FULL = Path("/dev/full")
LIST = ("disclosures", "export", "--brand", BRAND)


def written_to(desk: Desk, output: int, *arguments: str) -> tuple[int, str]:
    """The exit code, and what stood on standard error."""
    running = Perks(*arguments, folder=desk.folder, environment=os.environ | desk.environment, stdout=output)
    _, err = running.communicate()
    return running.wait(), err


@pytest.mark.parametrize(
    "command",
    [
        ("campaign", "list"),
        ("campaign", "show", "no-such", "--json"),
        LIST,
        ("--help",),
    ],
    ids=" ".join,
)
def test_a_full_disk_is_named_and_is_no_success(phone_desk: Desk, command: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        told = written_to(phone_desk, full.fileno(), *command)
    assert told == (2, "perks: standard output: No space left on device\n")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("campaign", "list"), 0),
        (("check", PHONE, "ben", "--json"), 1),
        (LIST, 0),
        (("schema",), 0),
    ],
    ids=str,
)
def test_a_reader_that_went_away_changes_nothing(
    phone_desk: Desk, command: tuple[str, ...], code: int
) -> None:
    """As in `perks schema | head -1`: nothing is wrong, and the verdict is still in the exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert written_to(phone_desk, writing, *command) == (code, "")
    finally:
        os.close(writing)
