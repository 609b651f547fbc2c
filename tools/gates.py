"""Every gate, as `make test` runs them: `python -m tools.gates [OPTIONS OF PYTEST]`.

The tests wait for servers, browsers and databases now and then, and the other gates use one processor each:
so those run one after the other beside the tests. What a gate says stands under its name, and nothing of one
between the lines of another: what pytest says meanwhile is kept until the others have passed, and then
follows as it comes. The first that fails is named and stops the rest.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from codecs import getincrementaldecoder
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO

HERE = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
LOOK_S = 0.2
"""How often what runs is looked at."""
PATIENCE_S = 20
"""How long the tests have to put away their servers when they are told to stop."""


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    command: Sequence[str]


def _tool(name: str, *arguments: str) -> Gate:
    return Gate(" ".join([name, *arguments[:1]]) if name == "ruff" else name, [str(BIN / name), *arguments])


def _module(name: str, module: str, *arguments: str) -> Gate:
    return Gate(name, [sys.executable, "-m", module, *arguments])


# The quick ones first: what is most often wrong is told soonest.
BESIDE = (
    _tool("ruff", "check", "."),
    _tool("ruff", "format", "--check", "."),
    _tool("basedpyright"),
    _tool("lint-imports", "--no-logo"),
    _tool("bandit", "-q", "-r", "perks_engine", "tools", "-ll", "-s", "B608"),
    _module("secrets in files", "tools.secret_scan"),
    _module("docs", "tools.docs_site"),
    _module("known vulnerabilities", "tools.audit"),
)


def tests(arguments: Sequence[str]) -> Gate:
    return _module("pytest", "pytest", *arguments)


class _Running:
    """A gate at work, and what it says, kept until it is shown."""

    def __init__(self, gate: Gate, out: TextIO) -> None:
        self.gate, self._out = gate, out
        self._said = NamedTemporaryFile()  # noqa: SIM115 - closed by `close`
        self._process = subprocess.Popen(  # noqa: S603
            gate.command, cwd=HERE, stdout=self._said, stderr=subprocess.STDOUT
        )
        self._reader = Path(self._said.name).open("rb")  # noqa: SIM115
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._is_named = False

    @property
    def code(self) -> int | None:
        return self._process.poll()

    def show(self) -> None:
        """What it has said since it was last shown, and before all of it its name."""
        if not self._is_named:
            self._out.write(f"\n=== {self.gate.name}\n")
            self._is_named = True
        self._out.write(self._decoder.decode(self._reader.read()))
        self._out.flush()

    def close(self) -> None:
        """Stops it as Ctrl-C would, if it still runs, and at last kills it."""
        for stop in (partial(self._process.send_signal, signal.SIGINT), self._process.kill):
            if self.code is None:
                stop()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(PATIENCE_S)
        self._said.close()
        self._reader.close()


def run(beside: Sequence[Gate], longest: Gate, out: TextIO) -> int:
    """Runs these one after the other beside the longest; 0 where every one passes."""
    main = _Running(longest, out)
    try:
        for gate in beside:
            one = _Running(gate, out)
            try:
                while one.code is None:
                    if main.code:
                        return _stopped(main, out)
                    time.sleep(LOOK_S)
                one.show()
                if one.code:
                    return _failed(gate, out)
            finally:
                one.close()
        while main.code is None:
            main.show()
            time.sleep(LOOK_S)
        return _stopped(main, out) if main.code else _passed(main, out)
    finally:
        main.close()


def _passed(main: _Running, out: TextIO) -> int:
    main.show()
    out.write("\n=== every gate passed\n")
    return 0


def _stopped(main: _Running, out: TextIO) -> int:
    main.show()
    return _failed(main.gate, out)


def _failed(gate: Gate, out: TextIO) -> int:
    out.write(f"\n*** make test: stopped, because this gate failed: {gate.name}\n")
    out.flush()
    return 1


def _told_to_stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, _told_to_stop)
    # What pytest says goes through a file, which has no colours unless they are asked for.
    colours = ["--color=yes"] if sys.stdout.isatty() else []
    return run(BESIDE, tests([*colours, *arguments]), sys.stdout)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
