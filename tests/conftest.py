"""Fixtures: real databases, a real server, a clock that can be set."""

from __future__ import annotations

import gc
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from importlib import import_module
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

import perks_client
from perks_engine.places.gazetteer import Gazetteer
from perks_engine.services.access import Role
from perks_engine.storage.engine import make_engine
from perks_engine.storage.migrate import upgrade
from tests.engine_room import NO_AUTHORITIES, Client, Room, make_room, served
from tests.postgres_server import drop_database, fresh_database, running_postgres
from tests.s3_server import KEYS, Bucket, bucket_at_work

# The same examples each time, so that a change is judged by what it changed; `nightly` looks for new ones.
settings.register_profile("default", max_examples=100, deadline=None, derandomize=True)
settings.register_profile(
    "nightly", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

if settings.get_current_profile_name() == "default":
    # A small compiler starts sooner and is enough for hundreds of queries; thousands pay for the full one.
    os.environ.setdefault("SPARK_CONF_DIR", str(Path(__file__).parent / "spark"))


def pytest_collection_finish() -> None:
    """What is imported and collected stays; looking for garbage in it took an eighth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def _in_memory() -> str | None:
    """A folder whose files are in memory, with room for all that the tests write, else None: most of them
    wait for the disk otherwise, and none of them is about a power cut."""
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK) or shutil.disk_usage(folder).free < ROOM:
        return None
    return str(folder)


def _authorities_once() -> None:
    """Has httpx read the authorities of the world once, and not for each of thousands of clients."""
    transports: Any = import_module("httpx._transports.default")
    read, everywhere = transports.create_ssl_context, httpx.create_ssl_context()

    def context(verify: Any = True, *rest: Any, **more: Any) -> Any:
        return everywhere if verify is True else read(verify, *rest, **more)

    transports.create_ssl_context = context


class _Statements(LRUCache[Any, Any]):
    """What statements came to as SQL, for all engines of one dialect: SQLAlchemy keeps that for each engine,
    and with one for each test half of all statements were put into words anew."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


def _statements_once() -> None:
    """The key of a statement begins with the dialect itself; here its name stands for it."""
    engines: Any = import_module("perks_engine.storage.engine")
    create_engine = engines.create_engine
    kept: dict[str, _Statements] = defaultdict(lambda: _Statements(2_000))

    def created(url: str, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        engine._compiled_cache = kept[engine.dialect.name]
        return engine

    engines.create_engine = created


_authorities_once()
_statements_once()
ROOM = 3 << 30
IN_MEMORY = _in_memory()
if IN_MEMORY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", IN_MEMORY)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the gazetteer is built, once for all workers, which takes ten seconds."""
    folder = tmp_path_factory.getbasetemp().parent / "gazetteer"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        gazetteer = Gazetteer(folder)
        gazetteer.about()
        gazetteer.close()
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server.

    Its data do not lie below pytest's own folder: another run of pytest closes that to all but its user,
    and a server that runs as somebody else would lose its files.
    """
    with (
        TemporaryDirectory(prefix="perks-postgres-", dir=IN_MEMORY) as folder,
        running_postgres(Path(folder)) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, to be copied."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str, worker_id: str) -> str:
    """The name of a migrated, empty database on the server, to be copied."""
    name = f"perks_template_{worker_id}"
    engine = make_engine(fresh_database(postgres, name))
    upgrade(engine)
    engine.dispose()
    return name


_numbers = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[str]:
    """A migrated, empty database: every test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "perks.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgres")
    name = f"perks_{worker_id}_{next(_numbers)}"
    yield fresh_database(server, name, request.getfixturevalue("migrated_postgres"))
    drop_database(server, name)


@pytest.fixture
def room(database_url: str, tmp_path: Path, cache: Path) -> Iterator[Room]:
    """A whole engine on each database, at noon of the phone campaign's second day."""
    made = make_room(database_url, tmp_path, cache)
    yield made
    made.engine.close()


@pytest.fixture
def sqlite_room(tmp_path: Path, cache: Path, migrated_sqlite: Path) -> Iterator[Room]:
    """A whole engine on SQLite, where the database makes no difference to what is tested."""
    file = tmp_path / "perks.db"
    shutil.copyfile(migrated_sqlite, file)
    made = make_room(f"sqlite:///{file}", tmp_path, cache)
    yield made
    made.engine.close()


@pytest.fixture
def postgres_room(
    postgres: str, migrated_postgres: str, worker_id: str, tmp_path: Path, cache: Path
) -> Iterator[Room]:
    """A whole engine on PostgreSQL, where that is what is tested."""
    name = f"perks_{worker_id}_{next(_numbers)}"
    made = make_room(fresh_database(postgres, name, migrated_postgres), tmp_path, cache)
    yield made
    made.engine.close()
    drop_database(postgres, name)


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    """The engine of `room`, served: the URL it answers on."""
    with served(room.engine) as url:
        yield url


@pytest.fixture
def sqlite_base(sqlite_room: Room) -> Iterator[str]:
    """The engine of `sqlite_room`, served."""
    with served(sqlite_room.engine) as url:
        yield url


@pytest.fixture
def client_of(room: Room, base: str) -> Callable[[str], Client]:
    """The HTTP client of an influencer."""
    return lambda person: Client(base, room.token(Role.INFLUENCER, person))


@pytest.fixture
def staff_of(room: Room, base: str) -> Callable[[Role], Client]:
    """The HTTP client of a member of the brand's staff."""
    return lambda role: Client(base, room.token(role))


@pytest.fixture
def perks_of(room: Room, base: str) -> Iterator[Callable[[str], perks_client.Client]]:
    """The generated client in the hands of an influencer, or of staff where a role is named."""
    opened: dict[str, perks_client.Client] = {}

    def client(who: str) -> perks_client.Client:
        if who not in opened:
            is_staff = who in {role.value for role in Role}
            token = room.token(Role(who)) if is_staff else room.token(Role.INFLUENCER, who)
            http = httpx.Client(base_url=base, timeout=30, verify=NO_AUTHORITIES)
            opened[who] = perks_client.Client(base, token, http)
        return opened[who]

    yield client
    for one in opened.values():
        one.close()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with bucket_at_work() as made:
        yield made
