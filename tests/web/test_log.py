"""The log over HTTP: heads that anybody may read, and that it only ever grew."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from perks_engine.delivery.log_files import add_key
from perks_engine.domain.merkle import verify_consistency
from perks_engine.domain.notes import open_note, read_head, read_verifier_key
from tests.engine_room import Room


@pytest.fixture
def room(room: Room, tmp_path: Path) -> Room:
    """With a key to sign with."""
    add_key(tmp_path / "log.key", "shop.example/log")
    room.engine.settings.log_key = tmp_path / "log.key"
    return room


def test_anybody_can_follow_the_log(room: Room, base: str) -> None:
    room.campaign()
    empty = httpx.get(f"{base}/v1/log/head")
    assert (empty.status_code, empty.json()["code"]) == (404, "log.empty")

    room.claim(room.person("ana"))
    room.engine.chores.run("seal")
    room.claim(room.person("bo"))
    room.engine.chores.run("seal")

    told = httpx.get(f"{base}/v1/log/heads").json()
    key = read_verifier_key(told["keys"][0])
    after, before = (read_head(open_note(one["note"], [key])) for one in told["heads"])
    assert (before.size, after.size) == (2, 3)
    assert httpx.get(f"{base}/v1/log/head").text == told["heads"][0]["note"]

    found = httpx.get(f"{base}/v1/log/consistency", params={"first": 2, "second": 3}).json()
    path = [bytes.fromhex(one) for one in found["path"]]
    assert verify_consistency(before.size, after.size, before.root, after.root, path)


def test_a_size_that_the_log_never_had_is_refused(room: Room, base: str) -> None:
    found = httpx.get(f"{base}/v1/log/consistency", params={"first": 2, "second": 300})
    assert found.status_code == 422
    assert found.json()["detail"] == "the log has 0 leaves; ask for sizes from 1 to 0, the smaller first"


def test_nothing_in_a_head_is_about_a_person(room: Room, base: str) -> None:
    room.campaign()
    room.claim(room.person("ana"))
    room.engine.chores.run("seal")
    assert "ana" not in httpx.get(f"{base}/v1/log/heads").text.replace("signed", "")
