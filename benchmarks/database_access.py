"""Synchronous or asynchronous database access: one SELECT and one small write behind FastAPI, five ways.

    make bench-access          ARGS="--seconds 10 --clients 16" for a longer run

Every way runs in a server process of its own (uvicorn, one process), one after the other, in two rounds of
opposite order. Read the ratios: the machine is shared, so a figure of one day is not one of another.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from random import Random
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.load import Load, drive, get, post
from perks_engine.storage.engine import make_engine
from tests.postgres_server import fresh_database, running_postgres

ROWS = 10_000
WAYS = ("sqlite inline", "sqlite threads", "sqlite async", "postgresql threads", "postgresql async")

metadata = MetaData()
people = Table("people", metadata, Column("id", Integer, primary_key=True), Column("handle", String(40)))
claims = Table("claims", metadata, Column("id", Integer, primary_key=True), Column("handle", String(40)))


def blocking(engine: Engine) -> tuple[Callable[[int], Any], Callable[[], Any]]:
    """A read and a write through the engine's own connections, as its repositories use them."""
    writing = engine.execution_options(perks_writes=True)

    def read(number: int) -> dict[str, Any]:
        with engine.connect() as connection:
            row = connection.execute(select(people).where(people.c.id == number)).one()
            return {"id": row.id, "handle": row.handle}

    def write() -> dict[str, Any]:
        with writing.begin() as connection:
            made = connection.execute(claims.insert().values(handle="somebody").returning(claims.c.id))
            return {"id": made.scalar_one()}

    return read, write


def awaiting(engine: AsyncEngine) -> tuple[Callable[[int], Any], Callable[[], Any]]:
    async def read(number: int) -> dict[str, Any]:
        async with engine.connect() as connection:
            row = (await connection.execute(select(people).where(people.c.id == number))).one()
            return {"id": row.id, "handle": row.handle}

    async def write() -> dict[str, Any]:
        async with engine.begin() as connection:
            made = await connection.execute(claims.insert().values(handle="somebody").returning(claims.c.id))
            return {"id": made.scalar_one()}

    return read, write


def application(way: str, url: str) -> FastAPI:
    app = FastAPI()
    if way.endswith("async"):
        asynchronous = url.replace("sqlite:", "sqlite+aiosqlite:")
        pings = url.startswith("postgresql")  # as the engine's own connections do
        engine = create_async_engine(asynchronous, pool_size=8, max_overflow=0, pool_pre_ping=pings)
        if url.startswith("sqlite"):
            event.listen(engine.sync_engine, "connect", _same_durability)
        read, write = awaiting(engine)

        @app.get("/people/{number}")
        async def _(number: int) -> JSONResponse:
            return JSONResponse(await read(number))

        @app.post("/claims")
        async def _() -> JSONResponse:
            return JSONResponse(await write())

        return app
    read, write = blocking(make_engine(url))
    if way.endswith("inline"):

        @app.get("/people/{number}")
        async def _(number: int) -> JSONResponse:
            return JSONResponse(read(number))

        @app.post("/claims")
        async def _() -> JSONResponse:
            return JSONResponse(write())
    else:

        @app.get("/people/{number}")
        def _(number: int) -> JSONResponse:
            return JSONResponse(read(number))

        @app.post("/claims")
        def _() -> JSONResponse:
            return JSONResponse(write())

    return app


def _same_durability(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


def prepare(url: str) -> None:
    engine = make_engine(url)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    with engine.execution_options(perks_writes=True).begin() as connection:
        connection.execute(people.insert(), [{"id": n, "handle": f"handle {n}"} for n in range(ROWS)])
    engine.dispose()


@contextlib.contextmanager
def serving(way: str, url: str) -> Generator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "benchmarks.database_access", "--serve", way, "--port", str(port)]
    process = subprocess.Popen([*command, "--url", url])
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def measure(way: str, url: str, clients: int, seconds: float) -> tuple[Load, Load]:
    prepare(url)
    random = Random(7)
    with serving(way, url) as port:
        drive(port, lambda: get(f"/people/{random.randrange(ROWS)}"), clients, 0.5)
        reads = drive(port, lambda: get(f"/people/{random.randrange(ROWS)}"), clients, seconds)
        writes = drive(port, lambda: post("/claims"), clients, seconds)
    return reads, writes


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--clients", type=int, default=16)
    options.add_argument("--serve", choices=WAYS)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--url", default="")
    chosen = options.parse_args()
    if chosen.serve:
        app = application(chosen.serve, chosen.url)
        uvicorn.run(app, port=chosen.port, log_level="error", access_log=False)
        return
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder) / "pg") as server:
        urls = {
            "sqlite": f"sqlite:///{folder}/bench.db",
            "postgresql": fresh_database(server, "bench_access"),
        }
        seen: dict[str, list[tuple[Load, Load]]] = {way: [] for way in WAYS}
        for order in (WAYS, tuple(reversed(WAYS))):
            for way in order:
                url = urls[way.split(maxsplit=1)[0]]
                seen[way].append(measure(way, url, chosen.clients, chosen.seconds))
    report(seen, chosen.clients)


def report(seen: dict[str, list[tuple[Load, Load]]], clients: int) -> None:
    """The better of the two rounds, and what share of `sqlite inline`'s reads and writes that is."""
    print(f"{clients} connections, one server process on {os.cpu_count()} cores, better of two rounds")
    print(
        f"{'':20} {'reads/s':>9} {'ratio':>6} {'p99 ms':>7} {'writes/s':>9} {'ratio':>6} {'p99 ms':>7} errors"
    )
    best = {
        way: tuple(max((one[i] for one in rounds), key=lambda load: load.per_second) for i in (0, 1))
        for way, rounds in seen.items()
    }
    bare = [load.per_second for load in best[WAYS[0]]]
    for way, loads in best.items():
        cells = [
            f"{load.per_second:9,.0f} {load.per_second / base:6.2f} {load.quantile(0.99) * 1e3:7.1f}"
            for load, base in zip(loads, bare, strict=True)
        ]
        wrong = sum(n for load in loads for status, n in load.statuses.items() if status != 200)
        print(f"{way:20} {' '.join(cells)} {wrong:6}")


if __name__ == "__main__":
    main()
