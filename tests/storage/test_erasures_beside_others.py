"""An erasure beside everything else that the person does at the same moment: nothing of them is left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.errors import ServiceError
from perks_engine.services.ports import ContentionError
from perks_engine.services.records import Message
from tests.engine_room import Room
from tests.story.rich_life import dumped

COMPLIANCE = Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,))
PERSON = "somebody-to-be-erased"


def tried(what: Callable[[], Any]) -> str:
    """What came of it, in a word."""
    try:
        what()
    except ServiceError as error:
        return error.code
    return "done"


@pytest.mark.parametrize("turn", range(3))
def test_claims_and_objections_that_come_with_the_erasure_leave_nothing(room: Room, turn: int) -> None:
    room.campaign(per_person="30", guards="[{same_point: {at_most: 500}}]")
    room.person(PERSON, email="somebody@mail.example")
    claim = room.received(PERSON)
    engine = room.engine
    acts: list[Callable[[], Any]] = [
        *((lambda key=f"key {number}": room.claim(PERSON, key)) for number in range(6)),
        lambda: engine.own_word.deny(PERSON, claim, "never", "deny"),
        lambda: engine.instructing.acknowledge(PERSON, claim, "read", "read it"),
        lambda: engine.instructing.report(PERSON, claim, "https://example.com/p/1", None, "post"),
    ]
    acts.insert(2 + turn * 2, lambda: engine.records.erasing.erase_own(PERSON))
    with ThreadPoolExecutor(len(acts)) as pool:
        results = list(pool.map(tried, acts))
    assert results[2 + turn * 2] == "done"
    assert set(results) <= {"done", "person.unknown", "claim.unknown", "limit.reached"}, results
    places = [place for place, data in dumped(room) if PERSON.encode() in data]
    assert [one for one in places if not one.startswith("perks.db")] == []
    assert engine.records.erasing.erase_for(COMPLIANCE, PERSON)["already"] is True


def test_nothing_is_written_about_who_is_not_on_record(room: Room) -> None:
    message = Message(
        *("msg_1", PERSON, None, "", None, "test", "account", "email", "Hello", "text", "html"),
        room.clock(),
    )
    with pytest.raises(ContentionError, match="claim_of_nobody"), room.engine.store.write() as tx:
        tx.outbox.queue(message)
