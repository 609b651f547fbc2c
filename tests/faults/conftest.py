"""Engines behind a connection that fails."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import make_url

from perks_engine.bootstrap import Application
from tests.engine_room import Room, served
from tests.faults.claimants import Claimants, everybody
from tests.toxic_proxy import Dial, ToxicProxy, to_port, to_socket_file, toxic_proxy


@dataclass
class Behind:
    """`room` has a connection of its own to the database; what is served at `base` goes through the proxy."""

    room: Room
    engine: Application
    proxy: ToxicProxy
    base: str

    def claimants(self, many: int) -> Claimants:
        self.room.campaign(quantity=str(many))
        return Claimants([self.base], everybody(self.room, many))


@contextmanager
def behind(room: Room, **changes: Any) -> Generator[Behind]:
    """The engine of the room, served once more through a proxy, with short patience."""
    url = make_url(room.engine.settings.database_url)
    with toxic_proxy(_dial(url.query.get("host"), url.host, url.port)) as proxy:
        through = url.set(host="127.0.0.1", port=proxy.port).difference_update_query(["host"])
        short = {"pool_size": 4, "pool_wait_s": 2.0, "database_connect_s": 2.0, "database_answer_s": 1.0}
        settings = room.engine.settings.model_copy(
            update={"database_url": through.render_as_string(hide_password=False)} | short | changes
        )
        engine = Application(settings, room.clock, room.engine.rules)
        with served(engine) as base:
            yield Behind(room, engine, proxy, base)
        engine.close()


def _dial(folder: Any, host: str | None, port: int | None) -> Dial:
    if folder or not host:
        return to_socket_file(f"{folder or '/tmp'}/.s.PGSQL.{port or 5432}")
    return to_port(port or 5432)


@pytest.fixture
def faulty(postgres_room: Room) -> Iterator[Behind]:
    with behind(postgres_room) as made:
        yield made
