"""Feedback and judgements that come at the same moment as an erasure: no word of them is left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from perks_engine.domain.disclosing_failures import Failure
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.errors import ServiceError
from perks_engine.services.feedback import Own
from perks_engine.services.judgement_records import Outcome
from perks_engine.services.judging import Seen
from tests.engine_room import Room
from tests.pictures import plain
from tests.story.rich_life import dumped
from tests.web.feedback_room import asker, ready_to_ask

COMPLIANCE = Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,), holder="mara")


def tried(what: Callable[[], Any]) -> str:
    """What came of it, in a word."""
    try:
        what()
    except ServiceError as error:
        return error.code
    return "done"


@pytest.mark.parametrize("turn", range(3))
def test_what_is_said_with_the_erasure_leaves_nothing(room: Room, turn: int) -> None:
    ready_to_ask(room)
    room.campaign()
    claim = room.received(asker(room))
    engine, own = room.engine, Own("ana", claim)
    engine.instructing.report("ana", claim, "https://example.com/p/1", None, "post")
    judging = engine.recipients.judging
    [post] = judging.posts(COMPLIANCE, None, None, None, None, 5)
    seen = Seen(Outcome.FAIL, (Failure.OTHER,), "Unforgettable note")
    acts: list[Callable[[], Any]] = [
        *(
            lambda number=number: engine.recipients.feedback.say(own, None, f"Unforgettable {number}")
            for number in range(4)
        ),
        *(
            lambda number=number: engine.recipients.judging.judge(
                COMPLIANCE, post["post"], seen, f"k{number}"
            )
            for number in range(2)
        ),
        lambda: engine.recipients.feedback.give_picture(own, plain()),
    ]
    acts.insert(1 + turn * 2, lambda: engine.records.erasing.erase_own("ana"))
    with ThreadPoolExecutor(len(acts)) as pool:
        results = list(pool.map(tried, acts))
    assert results[1 + turn * 2] == "done"
    assert set(results) <= {"done", "claim.unknown", "post.unknown", "picture.unknown"}, results
    places = [place for place, data in dumped(room) if b"Unforgettable" in data]
    assert [one for one in places if not one.startswith("perks.db")] == []
    assert [*(room.folder / "files" / "pictures").glob("*")] == []
