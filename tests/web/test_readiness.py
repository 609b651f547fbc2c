"""Readiness tells the truth, and says what is wrong; what is late is no reason to send requests elsewhere."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from perks_engine.bootstrap import Application
from tests.engine_room import Room, make_room, served, with_log_key


def ready(base: str) -> tuple[int, str, list[tuple[str, bool]]]:
    """The status, what it is called, and what is wrong with whether it stops."""
    answer = httpx.get(f"{base}/readyz", timeout=60)
    told: dict[str, Any] = answer.json()
    wrong = [(one["what"], one["stops"]) for one in told.get("troubles", [])]
    assert all(one["reason"] in str(told) for one in told.get("troubles", []))
    return answer.status_code, told["status"], wrong


def setting(room: Room, **changes: Any) -> None:
    room.engine.settings = room.engine.settings.model_copy(update=changes)


def test_a_schema_that_is_not_the_newest(room: Room, base: str) -> None:
    assert ready(base) == (200, "ready", [])
    with room.engine.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        connection.commit()
    assert ready(base) == (503, "not ready", [("schema", True)])


def test_a_database_that_is_not_there(room: Room) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    url = f"postgresql+psycopg://nobody@127.0.0.1:{port}/perks"
    away = Application(
        room.engine.settings.model_copy(update={"database_url": url}), room.clock, room.engine.rules
    )
    with served(away) as base:
        assert ready(base) == (503, "not ready", [("database", True)])
    away.close()


def test_a_database_file_that_was_taken_away(sqlite_room: Room, sqlite_base: str) -> None:
    (sqlite_room.folder / "perks.db").rename(sqlite_room.folder / "elsewhere.db")
    assert ready(sqlite_base) == (503, "not ready", [("schema", True)])
    (sqlite_room.folder / "elsewhere.db").rename(sqlite_room.folder / "perks.db")
    assert ready(sqlite_base) == (200, "ready", [])


def test_a_disk_that_is_full(sqlite_room: Room, sqlite_base: str) -> None:
    setting(sqlite_room, min_free_bytes=1 << 60)
    assert ready(sqlite_base) == (503, "not ready", [("disk", True)])
    sqlite_room.engine.settings.files.mkdir()
    assert ready(sqlite_base)[2] == [("disk", False), ("disk", True)]


def test_a_sealer_that_does_not_run(room: Room, base: str) -> None:
    with_log_key(room)
    room.campaign()
    room.clock.move(minutes=9)
    assert ready(base)[1] == "ready"
    room.clock.move(minutes=2)
    assert ready(base) == (200, "degraded", [("seal", False)])
    room.engine.sealing.seal()
    room.clock.move(seconds=10)
    assert ready(base)[1] == "ready"


def test_letters_that_do_not_go_out(room: Room, base: str) -> None:
    room.campaign()
    room.claim(room.person("ana", email="ana@mail.example"))
    room.clock.move(hours=2)
    assert ready(base)[1] == "ready", "a deployment without a mail server sends none"
    setting(room, smtp_url="smtp://127.0.0.1:9", mail_from="perks@shop.example")
    assert ready(base) == (200, "degraded", [("messages", False)])


def test_a_key_that_cannot_be_read(sqlite_room: Room) -> None:
    room = make_room(
        sqlite_room.engine.settings.database_url,
        sqlite_room.folder,
        sqlite_room.engine.settings.cache or sqlite_room.folder,
    )
    setting(room, log_key=room.folder / "no.key")
    with served(room.engine) as base:
        assert ready(base) == (200, "degraded", [("seal", False)])
    room.engine.close()


@pytest.fixture(autouse=True)
def _room_on_the_disk(request: pytest.FixtureRequest) -> None:
    for name in ("room", "sqlite_room"):
        if name in request.fixturenames:
            setting(request.getfixturevalue(name), min_free_bytes=0)
