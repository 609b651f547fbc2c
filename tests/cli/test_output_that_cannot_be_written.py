"""A full disk behind standard output, or a reader that went away: told in one line, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perks_engine.cli.main import run
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


def test_what_is_no_file_is_written_into_and_stays_what_it_is(phone_desk: Desk) -> None:
    """`-o` to a pipe, a device or a link: none of them is replaced by a file."""
    pipe, link, whole = (phone_desk.folder / name for name in ("pipe", "link.csv", "whole.csv"))
    os.mkfifo(pipe)
    whole.touch()
    link.symlink_to(whole)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        phone_desk.well(*LIST, "-o", pipe)
        through = os.read(reading, 10_000)
    finally:
        os.close(reading)
    assert pipe.is_fifo()
    phone_desk.well(*LIST, "-o", link)
    assert link.is_symlink()
    assert whole.read_bytes() == through
    assert through.startswith(b"columns,section,standing")
    device = phone_desk.folder / "full"
    device.symlink_to(FULL)
    told = phone_desk.perks(*LIST, "-o", device)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"perks: {device}: No space left on device\n"
    assert FULL.is_char_device()
    assert not list(phone_desk.folder.glob("*.part"))


def test_a_closed_standard_output_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by `>&-`: the interpreter then has none."""
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as ended:
        run()
    monkeypatch.undo()
    assert ended.value.code == 2
    told = "perks: standard output is closed; direct it to /dev/null if nobody is to read it\n"
    assert capsys.readouterr().err == told


INTERRUPTED = """
import os, signal, sys
from perks_engine.cli.start import run
class Impatient:
    def find_spec(self, name, *_):
        if name == "perks_engine.cli.main":
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Impatient())
run()
"""
"""Somebody presses Ctrl-C while the engine is being loaded."""


def test_an_interrupt_before_anything_was_begun_ends_it_without_a_word() -> None:
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")
