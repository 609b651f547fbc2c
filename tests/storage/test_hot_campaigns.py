"""A hot campaign grants as any other does, and its claims do not wait for each other."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from perks_engine.bootstrap import Application
from tests.engine_room import PHONE, Room, in_brooklyn

CONNECTIONS = 16
HOT, COLD = "{0}\n  hot: true", "{0}"
FREELY = "[{same_point: {at_most: 50}}]"


def opened(room: Room, units: int, kind: str = HOT) -> None:
    room.campaign(quantity=kind.format(units), guards=FREELY)


def free_units(room: Room) -> int:
    return int(room.engine.campaigning.show(PHONE)["free_units"])


def claimed_at_once(room: Room, asked: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """People and keys, sixteen at a time, each with a connection of its own."""
    settings = room.engine.settings.model_copy(update={"pool_size": CONNECTIONS})
    engine = Application(settings, room.clock, room.engine.rules)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(lambda one: dict(engine.claiming.claim(one[0], PHONE, one[1])), asked))
    engine.close()
    return answers


@pytest.mark.parametrize("kind", [HOT, COLD])
def test_sixteen_connections_are_granted_exactly_the_stock(room: Room, kind: str) -> None:
    opened(room, 23, kind)
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(48)]
    first = claimed_at_once(room, [(person, "first") for person in people for _ in range(2)])
    by_person = {person: first[2 * place : 2 * place + 2] for place, person in enumerate(people)}
    assert all(one == other for one, other in by_person.values()), "one key, two answers"
    outcomes = Counter(one["outcome"] for one, _ in by_person.values())
    assert outcomes == {"granted": 23, "refused": 25}
    assert free_units(room) == 0
    again = claimed_at_once(room, [(person, "again") for person in people])
    assert Counter(one["reasons"][0]["code"] for one in again) == {"limit.reached": 23, "stock.exhausted": 25}


def test_what_expires_or_is_cancelled_can_be_claimed_by_somebody_else(room: Room) -> None:
    opened(room, 3)
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(6)]
    claims = [str(one["claim"]) for one in claimed_at_once(room, [(one, "k") for one in people[:3]])]
    assert room.claim(people[3])["reasons"][0]["code"] == "stock.exhausted"
    room.engine.own_word.cancel(people[0], claims[0], "cancel")
    assert free_units(room) == 1
    assert room.claim(people[3], "later")["outcome"] == "granted"
    room.clock.move(hours=49)
    assert room.engine.fulfilling.expire_reservations() == 3
    assert free_units(room) == 3
    assert room.claim(people[4])["verdict"] == "unknown", "their location is two days old"


def test_a_quantity_and_the_heat_can_be_changed_while_units_are_out(room: Room) -> None:
    def loaded(units: int, kind: str) -> int:
        room.campaign(quantity=kind.format(units), guards=FREELY)
        return free_units(room)

    assert loaded(5, COLD) == 5
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(4)]
    claims = [str(room.claim(person)["claim"]) for person in people[:2]]
    assert loaded(5, HOT) == 3
    assert room.claim(people[2])["outcome"] == "granted"
    assert loaded(9, HOT) == 6
    assert loaded(4, HOT) == 1
    room.engine.own_word.cancel(people[0], claims[0], "cancel")
    assert loaded(4, COLD) == 2
    room.engine.own_word.cancel(people[1], claims[1], "cancel")
    assert free_units(room) == 3
    assert loaded(4, HOT) == 3
    assert room.claim(people[3])["outcome"] == "granted"


def _is_late(asked: Any) -> bool:
    try:
        asked.result(1.0)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize(("kind", "expected"), [(HOT, False), (COLD, True)])
def test_claims_wait_for_the_one_row_of_a_stock_that_is_not_hot(
    room: Room, kind: str, expected: bool
) -> None:
    """Another claim has taken its unit and is not done yet. SQLite lets one writer in at a time, anyway."""
    opened(room, 5, kind)
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(2)]
    room.claim(people[0])
    with room.engine.engine.execution_options(perks_writes=True).connect() as other:
        other.execute(text("UPDATE stock SET units = units WHERE NOT hot"))
        other.execute(text("DELETE FROM slot WHERE slot_id = (SELECT min(slot_id) FROM slot)"))
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(room.claim, people[1])
            waits = _is_late(asked)
            other.rollback()
    assert asked.result()["outcome"] == "granted"
    assert waits is (expected or room.engine.engine.dialect.name == "sqlite")


def test_the_last_slot_on_its_way_to_somebody_is_waited_for(room: Room) -> None:
    """It may come back; were it not waited for, somebody would be refused though a unit is left."""
    opened(room, 1)
    ana = room.person("ana")
    with (
        room.engine.engine.execution_options(perks_writes=True).connect() as other,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute(text("DELETE FROM slot"))
        asked = pool.submit(room.claim, ana)
        assert _is_late(asked)
        other.rollback()
    assert asked.result()["outcome"] == "granted"
