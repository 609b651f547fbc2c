"""A process that serves nothing else shows what it counts, to who has the token."""

from __future__ import annotations

import httpx
import pytest

from perks_engine.cli.worker_metrics import metrics_shown
from perks_engine.jobs import turn_of
from tests.engine_room import Room


def shown(room: Room, **settings: str) -> None:
    room.engine.settings = room.engine.settings.model_copy(update=settings)


def test_a_worker_shows_its_chores(sqlite_room: Room) -> None:
    shown(sqlite_room, metrics_listen="127.0.0.1:0", metrics_token="of the monitor")
    turn_of(sqlite_room.engine, "expiry")()
    with metrics_shown(sqlite_room.engine) as url:
        told = httpx.get(url, headers={"Authorization": "Bearer of the monitor"}, timeout=30)
        assert 'perks_chore_runs_total{chore="expiry",outcome="done"} 1.0' in told.text
        for sent in ({}, {"Authorization": "Bearer of another"}):
            assert httpx.get(url, headers=sent, timeout=30).status_code == 401
        assert httpx.get(url.replace("/metrics", "/"), timeout=30).status_code == 404
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, timeout=30)


def test_nothing_is_shown_until_it_is_asked_for(sqlite_room: Room) -> None:
    with metrics_shown(sqlite_room.engine) as url:
        assert url == ""
    shown(sqlite_room, metrics_listen="127.0.0.1:0")
    with metrics_shown(sqlite_room.engine) as url:
        assert httpx.get(url, headers={"Authorization": "Bearer"}, timeout=30).status_code == 404


@pytest.mark.parametrize("where", ["9464", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:99999"])
def test_an_address_that_is_none(sqlite_room: Room, where: str) -> None:
    shown(sqlite_room, metrics_listen=where)
    with (
        pytest.raises(ValueError, match=r"write it such as 127\.0\.0\.1:9464"),
        metrics_shown(sqlite_room.engine),
    ):
        pass
