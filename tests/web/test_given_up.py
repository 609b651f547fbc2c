"""Where PostgreSQL gives a write up for another (40001), it is done again, a few times and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from perks_engine.services.access import Role
from perks_engine.services.once import MOST_TRIES
from perks_engine.storage.engine import make_engine
from tests.engine_room import Client, Room, make_room, served
from tests.postgres_server import drop_database, fresh_database


@pytest.fixture
def room(
    postgres: str, migrated_postgres: str, worker_id: str, tmp_path: Path, cache: Path
) -> Iterator[Room]:
    name = f"perks_given_up_{worker_id}"
    made = make_room(fresh_database(postgres, name, migrated_postgres), tmp_path, cache)
    yield made
    made.engine.close()
    drop_database(postgres, name)


def give_up(room: Room, table: str, times: int) -> None:
    """Every write to the table fails so often, as when another transaction went first. A sequence counts,
    for it is not rolled back."""
    told = f"""
        CREATE SEQUENCE given_up;
        CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('given_up') <= {times} THEN
            RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
          END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER give_up BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION give_up();
    """
    with room.engine.engine.connect() as connection:
        connection.execute(text(told))
        connection.commit()


def tried(room: Room) -> int:
    with room.engine.engine.connect() as connection:
        return int(connection.execute(text("SELECT last_value FROM given_up")).scalar_one())


def test_a_claim_is_done_again(room: Room) -> None:
    room.campaign()
    give_up(room, "claim", MOST_TRIES - 1)
    with served(room.engine) as base:
        ana = Client(base, room.token(Role.INFLUENCER, room.person("ana")))
        claimed = ana.claim("key")
        assert (claimed.status_code, claimed.json()["outcome"]) == (201, "granted")
        assert ana.claim("key").json() == claimed.json()
    assert tried(room) == MOST_TRIES


@pytest.mark.parametrize("table", ["claim", "idempotency"])
def test_and_not_for_ever(room: Room, table: str) -> None:
    """The caller is told that nothing was done, and may send the same again."""
    room.campaign()
    give_up(room, table, 1_000)
    with served(room.engine) as base:
        ana = Client(base, room.token(Role.INFLUENCER, room.person("ana")))
        refused = ana.claim("key")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
        assert refused.json()["code"] == "database.unavailable"
        assert tried(room) == MOST_TRIES
        with room.engine.engine.connect() as connection:
            connection.execute(text(f"DROP TRIGGER give_up ON {table}"))
            connection.commit()
        assert ana.claim("key").status_code == 201


def test_who_finds_no_free_connection_waits_for_as_long_as_is_set(room: Room) -> None:
    engine = make_engine(room.engine.settings.database_url, pool_size=1, pool_wait_s=0.1)
    with engine.connect(), pytest.raises(Exception, match=r"QueuePool limit of size 1 .* timeout 0\.10"):
        engine.connect()
    engine.dispose()
