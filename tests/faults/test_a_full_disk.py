"""The disk of a SQLite database is full: nothing is kept by half, all are told, and with room it goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event, text

from tests.engine_room import Room, make_room, served
from tests.faults.claimants import Claimants, books, everybody, health

SIZE = 6 << 20


@dataclass
class Disk:
    """A small disk; `fill` leaves no room on it, and `free` takes away what filled it."""

    folder: Path
    fill: Callable[[Room], None]
    free: Callable[[Room], None]


@contextmanager
def _mounted(folder: Path) -> Generator[Disk | None]:
    """A file system of a few megabytes in memory, where we may mount one."""
    told = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(told, capture_output=True, check=False).returncode != 0:
        yield None
        return
    filler = folder / "filler"

    def fill(_room: Room) -> None:
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4_096)
            except OSError:
                return

    try:
        yield Disk(folder, fill, lambda _room: filler.unlink())
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _limited(folder: Path) -> Disk:
    """SQLite itself says that the disk is full, where no other may be made."""
    limit = 0

    def connected(connection: object, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit or 1_000_000_000}")  # type: ignore[attr-defined]

    def set_to(room: Room, pages: int) -> None:
        nonlocal limit
        limit = pages
        if not event.contains(room.engine.engine, "connect", connected):
            event.listen(room.engine.engine, "connect", connected)
        room.engine.engine.dispose()

    def fill(room: Room) -> None:
        with room.engine.engine.connect() as connection:
            pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        set_to(room, pages)

    return Disk(folder, fill, lambda room: set_to(room, 0))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "small"
    folder.mkdir()
    with _mounted(folder) as mounted:
        yield mounted or _limited(folder)


def test_claims_on_a_full_disk(disk: Disk, tmp_path: Path, migrated_sqlite: Path, cache: Path) -> None:
    shutil.copyfile(migrated_sqlite, disk.folder / "perks.db")
    room = make_room(f"sqlite:///{disk.folder / 'perks.db'}", tmp_path, cache)
    is_mounted = (disk.folder / "perks.db").stat().st_dev != tmp_path.stat().st_dev
    room.engine.settings = room.engine.settings.model_copy(update={"min_free_bytes": 65_536})
    room.campaign()
    with served(room.engine) as base:
        told = Claimants([base], everybody(room, 40))
        told.claim_all([f"p{number}" for number in range(5)])
        disk.fill(room)
        refused = [told.post(f"p{number}") for number in range(5, 40)]
        # What fits into pages that the files hold already is kept, and then nothing more.
        last = refused[-1]
        assert (last.status_code, last.json()["code"]) == (503, "database.unavailable"), last.text
        assert {one.status_code for one in refused} <= {201, 503}
        if is_mounted:
            assert health(base) == (200, 503)
        acknowledged = [f"p{number}" for number, one in enumerate(refused, 5) if one.status_code == 201]
        disk.free(room)
        for person in acknowledged:
            told.claim(person)
        told.claim_all(list(told.tokens))
        assert {one["outcome"] for one in told.acknowledged.values()} == {"granted"}
        books(room, told)
        assert health(base) == (200, 200)
    with room.engine.engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    room.engine.close()
