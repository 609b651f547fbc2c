"""The clock is set forth and back: what was acknowledged stays, and the work goes on in both directions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perks_engine.services import incident_lease, telling
from perks_engine.services.access import Role
from perks_engine.services.chores import Chores
from perks_engine.services.sending import BATCH, LEASE
from perks_engine.storage.leases import LONGEST
from tests.engine_room import ALABAMA, Client, Room, in_brooklyn, served, with_log_key


@pytest.fixture(autouse=True)
def _campaign(room: Room) -> None:
    with_log_key(room)
    room.campaign()


def audited(room: Room) -> None:
    """The ledger and its log hold together, looked through as `perks ledger verify` does."""
    found = room.engine.auditing.audit(room.engine.sealing.keys)
    assert list(found.findings) == []


def test_an_hour_back_and_forth_between_claims(room: Room) -> None:
    with served(room.engine) as base:
        told: dict[str, dict[str, object]] = {}
        for number, hours in enumerate((0, -1, 2, -3, 2)):
            room.clock.move(hours=hours)
            person = room.person(f"p{number}", in_brooklyn(number))
            answer = Client(base, room.token(Role.INFLUENCER, person)).claim(f"key {number}")
            assert (answer.status_code, answer.json()["outcome"]) == (201, "granted"), answer.text
            told[person] = answer.json()
            assert room.engine.sealing.seal() >= 1
        for number, person in enumerate(told):
            again = Client(base, room.token(Role.INFLUENCER, person)).claim(f"key {number}")
            assert again.json() == told[person]
    audited(room)


def test_a_chore_is_done_after_a_clock_that_was_a_day_ahead(room: Room) -> None:
    """A lease of tomorrow would keep everybody from working until then."""
    room.clock.move(days=1)
    assert room.engine.chores.run("seal") is not None
    room.clock.move(days=-1)
    other = _another(room)
    assert other.run("seal") is not None
    assert room.engine.chores.run("seal") is None, "the lease is the other's now"
    room.clock.move(seconds=61)
    assert room.engine.chores.run("seal") is not None


def test_what_a_process_leased_that_died_with_a_clock_ahead_is_done_by_another(room: Room) -> None:
    room.claim(room.person("ana", email="ana@mail.example"))
    room.clock.move(days=1)
    letters = leased(room, "one that dies")
    assert letters
    room.clock.move(days=-1)
    assert leased(room, "another") == letters
    assert leased(room, "a third") == []


def leased(room: Room, holder: str) -> list[str]:
    now = room.clock()
    with room.engine.store.write() as tx:
        return list(tx.sending.take(holder, now, now + LEASE, BATCH, None))


def test_what_has_had_its_time_goes_after_a_clock_that_was_two_years_ahead(room: Room) -> None:
    room.clock.move(days=731)
    assert room.engine.chores.run("retention") == 0
    room.clock.move(days=-731)
    assert room.claim(room.person("ana", ALABAMA))["outcome"] == "refused"
    room.clock.move(days=366)
    assert room.engine.chores.run("retention")


def test_two_machines_whose_clocks_differ_a_little_do_not_take_it_from_each_other(room: Room) -> None:
    room.clock.move(seconds=30)
    assert room.engine.chores.run("seal") is not None
    room.clock.move(seconds=-30)
    assert _another(room).run("seal") is None


def test_a_list_of_a_clock_that_was_ahead_stays_as_it_was(room: Room) -> None:
    """Entries that come after it was set back are dated after that list, or wait: the list never changes."""
    room.received(room.person("ana"))
    room.clock.move(hours=1)
    ahead = room.clock()
    assert room.listed() == ["ana"]
    room.clock.move(hours=-1)
    ben = room.person("ben", in_brooklyn(7))
    with served(room.engine) as base:
        answer = Client(base, room.token(Role.INFLUENCER, ben)).claim("key of ben")
        assert answer.status_code in (201, 503), answer.text
        room.clock.move(hours=1, seconds=1)
        again = Client(base, room.token(Role.INFLUENCER, ben)).claim("key of ben")
        assert (again.status_code, again.json()["outcome"]) == (201, "granted")
        assert answer.status_code == 503 or answer.json() == again.json()
    room.record(again.json()["claim"], "ship", "deliver")
    room.clock.move(seconds=1)
    assert room.listed(ahead) == ["ana"]
    assert sorted(room.listed()) == ["ana", "ben"]
    room.engine.sealing.seal()
    audited(room)


def test_what_is_leased_for_longer_than_anybody_leases_was_leased_by_a_wrong_clock() -> None:
    assert max(LEASE, telling.LEASE, incident_lease.LEASE) < LONGEST


def _another(room: Room) -> Chores:
    return replace(room.engine.chores, holder="another process")
