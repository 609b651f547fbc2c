"""A demo that runs, as `perks demo` starts it."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.warm_start import Perks

READY = "Stop with Ctrl-C"


@dataclass
class Demo:
    """A running demo, and what it had printed when it was ready."""

    process: Perks
    told: list[str]

    @property
    def base(self) -> str:
        [found] = [line.split()[-1] for line in self.told if line.startswith("The engine is at ")]
        return found

    @property
    def commands(self) -> list[str]:
        return [line for line in self.told if line.startswith("curl ")]

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """The exit code, and what stood on standard error."""
        self.process.send_signal(number)
        _, err = self.process.communicate()
        return self.process.wait(), err


@contextmanager
def running_demo(folder: Path, cache: Path) -> Generator[Demo]:
    """A demo on a free port, whose temporary folder is made in `folder`, once it answers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PERKS_")}
    environment |= {"TMPDIR": str(folder), "PERKS_CACHE": str(cache)}
    process = Perks("demo", folder=folder, environment=environment)
    try:
        assert process.stdout is not None
        told: list[str] = []
        for line in process.stdout:
            told.append(line.rstrip("\n"))
            if line.startswith(READY):
                break
        demo = Demo(process, told)
        # Its connections are tried again, with growing pauses, until the server listens.
        with httpx.Client(transport=httpx.HTTPTransport(retries=10), timeout=60) as client:
            assert client.get(f"{demo.base}/readyz").json() == {"status": "ready"}
        yield demo
    finally:
        process.kill()
        process.communicate()
