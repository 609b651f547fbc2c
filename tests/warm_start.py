"""`perks` in a process of its own, without the two seconds of a processor that its imports take.

One process for all tests of a worker, the nursery, imports the engine and waits. For each command it forks:
the command has its own streams, folder, environment, arguments and exit code, and takes signals like any
other. What it has not is a start of the interpreter: a test that is about that starts
`python -m perks_engine` itself, as `tests/test_packaging.py` does.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

from tests import branches

ROOT = Path(__file__).parent.parent
LONGEST_REQUEST = 1 << 20
PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL


class Perks:
    """A command that runs; what it is asked is what `subprocess.Popen` is asked."""

    def __init__(
        self,
        *arguments: str | Path,
        folder: Path,
        environment: Mapping[str, str],
        stdout: int = PIPE,
        stderr: int = PIPE,
    ) -> None:
        self.stdout, out = _stream(stdout)
        self.stderr, err = _stream(stderr)
        self._told, telling = os.pipe()
        request = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(folder),
            "environment": dict(environment),
        }
        socket.send_fds(_nursery(), [json.dumps(request).encode()], [out, err, telling])
        for opened in (telling, out if self.stdout else None, err if self.stderr else None):
            if opened is not None:
                os.close(opened)
        self.pid = int(os.read(self._told, 20).split()[0])
        self.returncode: int | None = None

    def wait(self, timeout: float = 60) -> int:
        until = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > until:
                raise TimeoutError(f"perks still runs after {timeout} seconds")
            time.sleep(0.005)
        assert self.returncode is not None
        return self.returncode

    def poll(self) -> int | None:
        if self.returncode is None:
            os.set_blocking(self._told, False)
            try:
                self.returncode = int(os.read(self._told, 20))
            except BlockingIOError:
                return None
            os.close(self._told)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """What stood on its streams, once it has ended."""
        with ThreadPoolExecutor(2) as pool:
            reading = [pool.submit(_read_to_its_end, stream) for stream in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except TimeoutError:
                self.kill()  # else nobody would ever close what is being read
                raise
            out, err = (each.result(timeout) for each in reading)
        return out, err


def _stream(wanted: int) -> tuple[IO[str] | None, int]:
    """Our end of the stream, if we have one, and that of the command."""
    if wanted == PIPE:
        ours, theirs = os.pipe()
        return open(ours, encoding="utf-8", errors="replace"), theirs
    return (None, os.open(os.devnull, os.O_WRONLY) if wanted == DEVNULL else wanted)


def _read_to_its_end(stream: IO[str] | None) -> str:
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


@cache
def _nursery() -> socket.socket:
    """Started once for a worker; it ends with it, when this end of the socket is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.warm_start", str(theirs.fileno())]
    nursery = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdout=DEVNULL)
    theirs.close()

    def close() -> None:
        ours.close()
        nursery.wait(10)

    atexit.register(close)
    return ours


def _serve(requests: socket.socket) -> None:
    """Forks for each request, and comes back in the process of the command alone, with all ready for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        data, opened, _, _ = socket.recv_fds(requests, LONGEST_REQUEST, 3)
        if not data:
            os._exit(0)
        if os.fork() == 0:
            requests.close()
            _watched(opened[2])
            _become(json.loads(data), opened)
            return
        for number in opened:
            os.close(number)


def _watched(telling: int) -> None:
    """Forks once more, and comes back in the child alone: the other tells its id, and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        return
    os.closerange(0, telling)
    os.closerange(telling + 1, 256)
    os.write(telling, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(telling, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: dict[str, object], opened: list[int]) -> None:
    for number, theirs in enumerate(opened[:2], start=1):
        os.dup2(theirs, number)
    for number in opened:
        os.close(number)
    # The nursery's own have looked at what they wrote to.
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    os.chdir(str(request["folder"]))
    environment, arguments = request["environment"], request["arguments"]
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["perks", *arguments]
    atexit.register(branches.leave)


def _import_all() -> None:
    commands = import_module("perks_engine.cli.main").COMMANDS
    for place in commands.values():
        import_module(f"perks_engine.cli.{place.partition(':')[0]}")
    import_module("perks_engine.web.app")
    # Else each process that ends would look through all of this for garbage, which takes half a second.
    gc.freeze()


if __name__ == "__main__":
    branches.begin()
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module("perks_engine", run_name="__main__", alter_sys=True)
