"""Statements that go straight to libpq: what is refused is raised, the connection stays fit for use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from psycopg.errors import CheckViolation, InvalidTextRepresentation
from sqlalchemy import Integer, bindparam, func, literal_column, select, text
from sqlalchemy.exc import OperationalError

from perks_engine.storage.claim_facts import facts_statement
from perks_engine.storage.prepared import Prepared
from perks_engine.storage.types import JsonData
from perks_engine.storage.wire import Known, Wire
from tests.engine_room import PHONE, Room, in_brooklyn

ECHO = Prepared(select(func.jsonb_build_array(bindparam("data", type_=JsonData))))
DOUBLED = Prepared(select(bindparam("number", type_=Integer) * literal_column("2")))
NO_STOCK = Prepared(text("UPDATE stock SET units = -1"))


pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.mark.parametrize("data", [{"name": "Zoë “Z” \\ \n", "none": None, "list": [1, 2.5, True]}, [], None])
def test_values_come_back_as_they_went(room: Room, data: object) -> None:
    lent = room.engine.engine.raw_connection()
    driver: Any = lent.driver_connection
    wire = Wire(driver, Known())
    try:
        for _ in range(2):
            assert json.loads(wire.ask(ECHO, {"data": data}) or b"") == [data]
    finally:
        lent.close()


def test_what_is_refused_is_raised_and_nothing_of_the_transaction_stays(room: Room) -> None:
    room.campaign(quantity="3")
    lent = room.engine.engine.raw_connection()
    driver: Any = lent.driver_connection
    wire = Wire(driver, Known())
    wire.send(DOUBLED, {"number": 1})
    wire.send(NO_STOCK, {})
    wire.send(DOUBLED, {"number": 2})
    with pytest.raises(CheckViolation, match="stock_not_below_zero"):
        wire.commit()
    wire.close()
    lent.rollback()
    with pytest.raises(InvalidTextRepresentation, match="many"):
        wire.ask(DOUBLED, {"number": "many"})
    assert wire.ask(DOUBLED, {"number": 4}) == b"8"
    lent.close()
    assert room.engine.campaigning.show(PHONE)["free_units"] == 3


def test_claims_go_on_when_the_connection_forgets_its_statements(room: Room) -> None:
    room.campaign()
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(4)]
    assert room.claim(people[0])["outcome"] == room.claim(people[1])["outcome"] == "granted"
    _forget(room)
    assert room.claim(people[2])["outcome"] == room.claim(people[3])["outcome"] == "granted"


def test_what_was_prepared_before_the_forgetting_and_what_after_is_told_apart(room: Room) -> None:
    room.campaign()
    person = room.person("ada", in_brooklyn(1))
    room.engine.claiming.perk(person, PHONE)
    _forget(room)
    with room.engine.store.look() as look:
        for _ in range(2):
            assert look.token("tok_of_nobody") is None  # prepared after the forgetting …
            assert look.facts(person, PHONE).card is not None  # … and this one before it


def test_a_claim_is_done_again_when_only_its_writing_was_forgotten(room: Room) -> None:
    """The reading was prepared anew since, and goes well; the first that is written finds nothing."""
    room.campaign()
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(2)]
    assert room.claim(people[0])["outcome"] == "granted"
    _forget(room, facts_statement("postgresql"))
    assert room.claim(people[1])["outcome"] == "granted"


def _forget(room: Room, but: Prepared | None = None) -> None:
    """All that the only connection has prepared for claims, as when psycopg rolls back, or all but one."""
    lent = room.engine.engine.raw_connection()
    driver: Any = lent.driver_connection
    forgotten = driver.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'perks%'").fetchall()
    kept = but.on_wire.name.decode() if but else ""
    assert forgotten
    for (name,) in forgotten:
        if name != kept:
            driver.execute(f'DEALLOCATE "{name}"')
    lent.commit()
    lent.close()


def test_a_lost_connection_is_said_and_the_next_claim_has_another(room: Room) -> None:
    room.campaign()
    person = room.person("ada", in_brooklyn(1))
    room.engine.engine.dispose()
    lose = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def interrupted() -> None:
        with room.engine.store.look() as look:
            look.facts(person, PHONE, "s", "k")
            with room.engine.engine.connect() as other:
                other.execute(lose)
            look.facts(person, PHONE, "s", "k")

    with pytest.raises(OperationalError, match="terminat"):
        interrupted()
    assert room.claim(person)["outcome"] == "granted"
