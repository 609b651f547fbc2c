"""What claims that come together rest on is read at once, and is what each would have read by itself."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from perks_engine.services.claim_ports import Question
from perks_engine.storage.claim_facts import questions_statement, questions_values
from tests.engine_room import PHONE, Room, in_brooklyn


def test_each_of_several_is_told_what_it_would_be_told_alone(room: Room) -> None:
    room.campaign()
    room.campaign(campaign="other-launch")
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(5)]
    for person in people[:3]:
        room.claim(person, key="first")
    room.claim(people[0], "second", "other-launch")
    questions = [
        *(Question(person, PHONE, f"person:{person}", "first") for person in reversed(people)),
        Question(people[0], "other-launch", f"person:{people[0]}", "second"),
        Question(people[1], "no-such-launch", f"person:{people[1]}", "k"),
        Question("nobody “at” \\ all", PHONE, "person:nobody", "k"),
    ]
    with room.engine.store.look() as look:
        alone = [look.facts(*one) for one in questions]
        assert look.facts_about(questions) == alone
        assert look.facts_about(questions[2:3]) == alone[2:3]
    answered = [facts.answer is not None for facts in alone]
    assert answered == [False, False, True, True, True, True, False, False]
    assert [facts.campaign is None for facts in alone[-2:]] == [True, False]
    assert alone[-1].card is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_table_is_read_through_for_it_however_few_rows_there_are(room: Room) -> None:
    """Where PostgreSQL knows neither how many are asked about nor how large the tables are."""
    room.campaign()
    for number in range(40):
        room.claim(room.person(f"p{number}", in_brooklyn(number)))
    questions = [Question(f"p{number}", PHONE, f"person:p{number}", "k") for number in range(8)]
    asked = json.dumps(questions_values(questions)["questions"])
    with room.engine.engine.begin() as connection:
        connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(b"PREPARE facts AS " + questions_statement().on_wire.text)
        plan = [row[0] for row in driver.execute(f"EXPLAIN EXECUTE facts ('{asked}')")]
        driver.execute("DEALLOCATE facts")
    read_through = [line.strip() for line in plan if "Seq Scan" in line]
    assert read_through == []
