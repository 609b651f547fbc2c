"""Histories of campaigns with faults in them, on both databases: whatever happens, the ledger is right.

The whole of it, a thousand campaigns on each database, runs with `make nightly`; otherwise a few. The seed is
printed; PERKS_SIMULATION_SEED and PERKS_SIMULATION_CAMPAIGNS set it and their number.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from perks_engine.bootstrap import Application
from perks_engine.delivery.log_files import add_key
from perks_engine.storage.migrate import upgrade
from tests.engine_room import Room, SetClock, make_room
from tests.postgres_server import drop_database, fresh_database
from tests.simulation.checks import check, every_seal_verifies
from tests.simulation.histories import Simulation, opened, ready
from tests.simulation.outages import killable_server
from tests.simulation.worker import SECRET, Worker

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CAMPAIGNS = int(os.environ.get("PERKS_SIMULATION_CAMPAIGNS", "1000" if NIGHTLY else "6"))
SEED = int(os.environ.get("PERKS_SIMULATION_SEED", str(secrets.randbits(32) if NIGHTLY else 2012)))
IN_ONE_DATABASE = 20

Databases = Callable[[int], str]
Outage = Callable[[], None]


@contextmanager
def _on_sqlite(folder: Path, migrated: Path) -> Generator[tuple[Databases, Outage | None]]:
    def database(number: int) -> str:
        file = folder / f"simulated-{number}.db"
        shutil.copyfile(migrated, file)
        return f"sqlite:///{file}"

    yield database, None


@contextmanager
def _on_postgresql(random: Random) -> Generator[tuple[Databases, Outage | None]]:
    with (
        TemporaryDirectory(prefix="perks-killed-") as name,
        killable_server(Path(name), random) as (url, kill),
    ):

        def database(number: int) -> str:
            if number:
                drop_database(url, f"simulated_{number - 1}")
            return fresh_database(url, f"simulated_{number}")

        yield database, kill


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path
) -> Iterator[tuple[Databases, Outage | None]]:
    """Fresh databases by their number, and what makes them go away."""
    on = _on_sqlite(tmp_path, migrated_sqlite) if request.param == "sqlite" else _on_postgresql(Random(SEED))
    with on as made:
        yield made


def test_histories_with_faults(
    databases: tuple[Databases, Outage | None], tmp_path: Path, cache: Path
) -> None:
    sys.stdout.write(f"\nPERKS_SIMULATION_SEED={SEED} PERKS_SIMULATION_CAMPAIGNS={CAMPAIGNS}\n")
    random, faults, leaves = Random(SEED), dict[str, int](), 0
    for number, first in enumerate(range(0, CAMPAIGNS, IN_ONE_DATABASE)):
        names = [f"campaign-{one}" for one in range(first, min(first + IN_ONE_DATABASE, CAMPAIGNS))]
        room = _room(databases[0](number), tmp_path, cache)
        workers = (Worker(room.engine, room.clock), Worker(room.engine, room.clock))
        simulation = Simulation(room, random, workers, _followed_by_a_new_pool(room, databases[1]), faults)
        try:
            for name in names:
                history = opened(room, name, random)
                simulation.run(history)
                check(room, history)
                leaves += every_seal_verifies(room)
        finally:
            for worker in workers:
                worker.stop()
            room.engine.close()
    sys.stdout.write(f"{CAMPAIGNS} campaigns, {leaves} leaves audited, faults: {faults}\n")
    assert faults["a worker is killed"] > CAMPAIGNS / 2
    for fault in ("late", "stale", "twice at once", "of nothing"):
        assert faults[f"a webhook, {fault}"] > 0
    assert (databases[1] is None) or faults["the database goes away"] > 0


def _room(url: str, folder: Path, cache: Path) -> Room:
    made = make_room(url, folder, cache)
    upgrade(made.engine.engine)
    key = folder / "log.key"
    if not key.exists():
        add_key(key, "simulation.example/log")
    settings = made.engine.settings.model_copy(
        update={"log_key": key, "pool_size": 2, "shippo_secret": SECRET}
    )
    made.engine.close()
    room = Room(Application(settings, made.clock, made.engine.rules), made.clock, folder)
    ready(room)
    assert isinstance(room.clock, SetClock)
    return room


def _followed_by_a_new_pool(room: Room, outage: Outage | None) -> Outage | None:
    """The test's own connections do not outlive their server, either."""
    if outage is None:
        return None

    def goes_away() -> None:
        outage()
        room.engine.engine.dispose()

    return goes_away
