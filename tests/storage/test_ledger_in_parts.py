"""The ledger on PostgreSQL lies in parts by the numbers of its entries, made ahead, and is one ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perks_engine.bootstrap.database_metrics import database_text
from perks_engine.bootstrap.standing import LITTLE_ROOM, troubles
from perks_engine.services.access import Role
from perks_engine.storage.migrations.partitions_0001 import ENTRIES_IN_A_PART, MADE_AHEAD
from tests.engine_room import PHONE, Client, Room, in_brooklyn, served, with_log_key


def parts(room: Room) -> dict[str, int]:
    """Each part and how many entries lie in it."""
    told = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'entry'::regclass ORDER BY 1"
    with room.engine.engine.connect() as connection:
        names = list(connection.execute(text(told)).scalars())
        return {
            name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()) for name in names
        }


def go_on_at(room: Room, entry_id: int) -> None:
    """As if so many entries had been recorded before."""
    told = f"SELECT setval(pg_get_serial_sequence('entry', 'entry_id'), {entry_id})"
    with room.engine.engine.begin() as connection:
        connection.execute(text(told))


@pytest.fixture
def in_parts(postgres_room: Room) -> Room:
    with_log_key(postgres_room)
    postgres_room.campaign(per_person="2")
    return postgres_room


def test_sqlite_keeps_it_in_one(sqlite_room: Room) -> None:
    assert sqlite_room.engine.chores.run("room") == 0


def test_claims_go_on_over_the_end_of_a_part(in_parts: Room) -> None:
    room = in_parts
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(8)]
    go_on_at(room, ENTRIES_IN_A_PART - 4)
    with served(room.engine) as base, ThreadPoolExecutor(4) as pool:
        claims = list(
            pool.map(lambda person: Client(base, room.token(Role.INFLUENCER, person)).claim("key"), people)
        )
        assert {one.json()["outcome"] for one in claims} == {"granted"}
        again = [Client(base, room.token(Role.INFLUENCER, person)).claim("key").json() for person in people]
        assert again == [one.json() for one in claims]
        ana = Client(base, room.token(Role.INFLUENCER, people[0]))
        assert ana.claim("another").json()["outcome"] == "granted"
        assert ana.claim("a third").json()["code"] == "claim.refused", "two units a person, over all parts"
    first, second, *rest = parts(room).values()
    assert (first, second, sum(rest)) == (1 + 3, 6, 0)
    for one in claims:
        room.record(one.json()["claim"], "ship", "deliver")
    room.clock.move(seconds=1)
    assert room.listed() == people
    assert room.engine.sealing.seal() == 2 + 8 * 3
    assert list(room.engine.auditing.audit(room.engine.sealing.keys).findings) == []
    # A correction in the second part names an entry of the first.
    room.record(claims[0].json()["claim"], "return", note="it was too large")
    room.clock.move(seconds=1)
    assert len(room.listed()) == 7


def test_parts_are_made_ahead_by_a_chore(in_parts: Room) -> None:
    room = in_parts
    assert len(parts(room)) == 1 + MADE_AHEAD
    assert room.engine.chores.run("room") == 0
    go_on_at(room, ENTRIES_IN_A_PART)
    room.claim(room.person("ana"))
    assert room.engine.chores.run("room") == 1
    assert room.engine.chores.run("room") == 0
    assert list(parts(room)) == [f"entry_{number:06}" for number in range(2 + MADE_AHEAD)]


def test_who_watches_is_told_long_before_there_is_no_part(in_parts: Room) -> None:
    """Without a worker, or with one that does not own the tables, nobody makes the next part."""
    room = in_parts
    whole = (1 + MADE_AHEAD) * ENTRIES_IN_A_PART
    first = room.engine.measuring.now().numbers.ledger_room
    assert first == whole - 1 - 1, "after the one entry that puts units in stock"
    assert LITTLE_ROOM == ENTRIES_IN_A_PART
    assert troubles(room.engine) == []
    go_on_at(room, whole - LITTLE_ROOM + 10)
    room.claim(room.person("ana"))
    room.clock.move(minutes=1)
    room.engine.sealing.seal()
    [told] = troubles(room.engine)
    assert (told.what, told.stops) == ("room", False)
    assert told.words.startswith("there is room for 19,999,9")
    assert b"perks_ledger_room_entries 1.99999" in database_text(room.engine.measuring.now())
    assert room.engine.chores.run("room") == MADE_AHEAD
    room.clock.move(minutes=1)
    assert troubles(room.engine) == []


def test_an_entry_beyond_the_last_part_is_written_all_the_same(in_parts: Room) -> None:
    """Nobody made parts ahead: whoever finds none makes it, several at once too, and is granted."""
    room = in_parts
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(4)]
    go_on_at(room, (1 + MADE_AHEAD) * ENTRIES_IN_A_PART)
    with served(room.engine) as base, ThreadPoolExecutor(4) as pool:
        claims = list(
            pool.map(lambda person: Client(base, room.token(Role.INFLUENCER, person)).claim("key"), people)
        )
    assert [(one.status_code, one.json()["outcome"]) for one in claims] == [(201, "granted")] * 4
    assert list(parts(room)) == [f"entry_{number:06}" for number in range(2 * (1 + MADE_AHEAD))]
    go_on_at(room, 2 * (1 + MADE_AHEAD) * ENTRIES_IN_A_PART)
    for one in claims:
        room.record(one.json()["claim"], "ship", "deliver")
    filled = {name: many for name, many in parts(room).items() if many}
    assert filled == {"entry_000000": 1, "entry_000003": 4, "entry_000006": 8}
    room.clock.move(seconds=1)
    assert room.listed() == people
    assert room.engine.sealing.seal() == 1 + 4 * 3
    assert list(room.engine.auditing.audit(room.engine.sealing.keys).findings) == []


def test_whoever_writes_entries_may_make_room_for_them(in_parts: Room) -> None:
    """A server's own user, who does not own the tables."""
    room = in_parts
    go_on_at(room, ENTRIES_IN_A_PART)
    with room.engine.engine.connect() as connection:
        connection.execute(text("CREATE ROLE clerk_of_parts"))
        connection.execute(text("SET LOCAL ROLE clerk_of_parts"))
        assert connection.execute(text("SELECT make_room_for_entries()")).scalar_one() == 1
        connection.rollback()


def test_where_no_part_can_be_made_the_write_may_be_sent_again(
    in_parts: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room = in_parts
    ana = room.person("ana")
    go_on_at(room, (1 + MADE_AHEAD) * ENTRIES_IN_A_PART)
    with room.engine.engine.begin() as connection:
        connection.execute(text("ALTER FUNCTION make_room_for_entries RENAME TO mislaid"))
    with served(room.engine) as base:
        client = Client(base, room.token(Role.INFLUENCER, ana))
        refused = client.claim("key")
        assert (refused.status_code, refused.json()["code"]) == (503, "database.unavailable")
        assert "no part could be made for the next entry" in caplog.text
        with room.engine.engine.begin() as connection:
            connection.execute(text("ALTER FUNCTION mislaid RENAME TO make_room_for_entries"))
        assert client.claim("key").json()["outcome"] == "granted"


@pytest.mark.parametrize("change", ["UPDATE {0} SET note = ''", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_no_part_can_be_changed_past_the_ledger(in_parts: Room, change: str) -> None:
    room = in_parts
    room.claim(room.person("ana"))
    go_on_at(room, ENTRIES_IN_A_PART)
    room.claim(room.person("ben", in_brooklyn(3)))
    room.engine.chores.run("room")
    for name in parts(room):
        if change.startswith("TRUNCATE") or parts(room)[name]:
            with (
                pytest.raises(IntegrityError, match="is only ever appended to"),
                room.engine.engine.begin() as connection,
            ):
                connection.execute(text(change.format(name)))


def test_a_claim_is_reserved_once_over_all_parts(in_parts: Room) -> None:
    room = in_parts
    claim = room.claim(room.person("ana"))["claim"]
    go_on_at(room, ENTRIES_IN_A_PART)
    columns = "campaign, claim_id, person_id, move, source, target, units, evidence, reference, note"
    columns += ", occurred_at, recorded_at, recorded_by"
    told = f"INSERT INTO entry ({columns}) SELECT {columns} FROM entry WHERE claim_id = :claim"
    with pytest.raises(IntegrityError, match="pk_holding"), room.engine.engine.begin() as connection:
        connection.execute(text(told), {"claim": claim})
    assert room.engine.campaigning.show(PHONE)["free_units"] == 499
