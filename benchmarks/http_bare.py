"""What `make bench-http` holds the service against: `python -m benchmarks.http_bare PORT PROCESSES`."""

from __future__ import annotations

import os
import sys

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import select

from perks_engine.cli.serving import STARTING_S, listen, run_processes
from perks_engine.storage import tables
from perks_engine.storage.engine import make_engine


def bare() -> FastAPI:
    """One route with one indexed SELECT: what FastAPI and the database cost alone."""
    engine = make_engine(os.environ["PERKS_DATABASE_URL"])
    app = FastAPI()

    @app.get("/people/{person}")
    def read(person: str) -> JSONResponse:
        with engine.connect() as connection:
            row = connection.execute(
                select(tables.person.c.handle, tables.person.c.language).where(
                    tables.person.c.person_id == person
                )
            ).one()
            return JSONResponse({"handle": row.handle, "language": row.language})

    return app


if __name__ == "__main__":
    listener = listen("127.0.0.1", int(sys.argv[1]))
    made = uvicorn.Config(
        "benchmarks.http_bare:bare",
        factory=True,
        workers=int(sys.argv[2]),
        access_log=False,
        timeout_worker_healthcheck=STARTING_S,
    )
    run_processes(made, listener)
