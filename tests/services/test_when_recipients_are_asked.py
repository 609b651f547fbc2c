"""When recipients are asked how they like it, by which decision, and that an incident counts who was asked
wrongly."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select, text

from perks_engine.services.incident_correction import Corrected, Distrust
from perks_engine.services.incident_records import Scope
from perks_engine.storage import tables
from tests.engine_room import PHONE, Room, in_brooklyn
from tests.services.test_incident_runs import LOOSE, MARA
from tests.web.feedback_room import agree, ask, letters, ready_to_ask

SOON = "{allowed: true}\nfeedback: {after: 3d}"
LATE = "{allowed: true}\nfeedback: {after: 100d}"


def has(room: Room, person: str, campaign: str) -> str:
    claim = str(room.claim(person, f"{person} {campaign}", campaign)["claim"])
    room.record(claim, "ship", "deliver")
    return claim


def decisions(room: Room) -> list[Any]:
    query = select(tables.decision).where(tables.decision.c.purpose == "survey")
    with room.engine.engine.connect() as connection:
        return list(connection.execute(query))


def test_each_campaign_says_when_and_else_the_engine_does(room: Room) -> None:
    ready_to_ask(room)
    room.campaign(guards=LOOSE)
    room.campaign(campaign="soon", promotion=SOON, guards=LOOSE)
    room.campaign(campaign="late", promotion=LATE, guards=LOOSE)
    room.person("ana", email="ana@mail.example")
    agree(room, "ana")
    for campaign in (PHONE, "soon", "late"):
        has(room, "ana", campaign)
    asked: list[tuple[int, list[str]]] = []
    for day in range(1, 200):
        room.clock.move(days=1)
        if ask(room):
            asked.append((day, [one.campaign for one in letters(room, "ana")]))
    assert asked == [
        (3, ["soon"]),
        (10, ["soon", PHONE]),
        (100, ["soon", PHONE, "late"]),  # later than the engine would ask at all by its own delay
    ]


def test_what_somebody_is_asked_rests_on_a_decision_that_says_why(room: Room) -> None:
    ready_to_ask(room)
    room.campaign(guards=LOOSE)
    for person, agrees in (("ana", True), ("bo", False)):
        room.person(person, email=f"{person}@mail.example")
        agree(room, person, agrees)
        has(room, person, PHONE)
    assert ask(room, days=10) == 1
    [decision] = decisions(room)
    assert (decision.person_id, decision.campaign, decision.verdict) == ("ana", PHONE, "eligible")
    told = json.dumps(decision.reason)
    for code in ("survey.received", "survey.undisputed", "opted_in"):
        assert code in told
    with room.engine.engine.connect() as connection:
        [rests_on] = connection.execute(text("SELECT decision_id FROM feedback_request")).scalars()
    assert rests_on == decision.decision_id
    room.engine.records.erasing.erase_own("ana")
    [kept] = decisions(room)
    assert kept.person_id != "ana"
    assert kept.decision_id == rests_on


def test_an_incident_counts_who_was_asked_about_what_they_should_not_have_had(room: Room) -> None:
    ready_to_ask(room)
    room.campaign(guards=LOOSE)
    for number, person in enumerate(("ana", "bo", "cy")):
        room.person(person, in_brooklyn(number), email=f"{person}@mail.example")
        agree(room, person, person != "cy")
        has(room, person, PHONE)
    assert ask(room, days=10) == 2
    with room.engine.engine.begin() as connection:
        connection.execute(text("DELETE FROM message"))  # letters are kept for some time only
    incident = str(room.engine.incidents.open(MARA, Scope(campaign=PHONE), "The phones lied.")["incident"])
    corrected = Corrected(distrust=(Distrust("device"),))
    room.engine.incident_jobs.ask_replay(MARA, incident, corrected)
    room.engine.incident_jobs.work()
    replayed = room.engine.incidents.show(MARA, incident)["history"][-1]["numbers"]
    assert (replayed["decisions"], replayed["not_as_recorded"]) == (3, 0), "no rule judges who may be asked"
    assert (replayed["kinds"]["granted_wrongly"], replayed["kinds"]["solicited_wrongly"]) == (3, 2)
    assert [
        line["person"]
        for line in room.engine.incidents.lines(MARA, incident, 0, 9)
        if "solicited_wrongly" in line["kinds"]
    ] == ["ana", "bo"]
