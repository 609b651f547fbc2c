"""Claims that come together: what is wrong with one of them is nobody else's trouble."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from perks_engine.services.claiming import Claiming
from perks_engine.services.errors import NotFoundError
from tests.engine_room import PHONE, Room, in_brooklyn


class AwayError(Exception):
    pass


@dataclass
class Door:
    """Lets the first claim wait until all others wait behind it."""

    work: Callable[[Sequence[Any]], Any]
    come: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)
    groups: list[int] = field(default_factory=list[int])

    def __call__(self, items: Sequence[Any]) -> Any:
        self.groups.append(len(items))
        if not self.come.is_set():
            self.come.set()
            assert self.open.wait(30)
        return self.work(items)


def together(
    room: Room, claims: Sequence[tuple[str, str]], before: Callable[[], None] | None = None
) -> list[Any]:
    """What each comes to, its outcome or its error; all but the first are one group."""
    crowd: Any = room.engine.claiming._together
    door = Door(crowd._work)
    crowd._work = door
    with ThreadPoolExecutor(len(claims)) as pool:
        asked: list[Future[dict[str, Any]]] = []
        for place, (person, campaign) in enumerate(claims):
            asked.append(pool.submit(room.claim, person, "", campaign))
            assert door.come.wait(30)
            while len(crowd._waiting) < place:
                threading.Event().wait(0.001)
        if before is not None:
            before()
        door.open.set()
    crowd._work = door.work
    assert door.groups[:2] == [1, len(claims) - 1]
    return [one.exception() or one.result()["outcome"] for one in asked]


def test_who_asks_for_what_is_unknown_is_told_so_alone(room: Room) -> None:
    room.campaign()
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(4)]
    again = room.claim(people[3])
    found = together(
        room, [*((one, PHONE) for one in people[:2]), (people[2], "no-such"), (people[3], PHONE)]
    )
    assert [found[0], found[1], found[3]] == ["granted", "granted", again["outcome"]]
    assert isinstance(found[2], NotFoundError)


def test_what_cannot_be_read_of_somebody_fails_their_claim_alone(room: Room) -> None:
    room.campaign()
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(5)]
    with room.engine.engine.begin() as connection:
        connection.execute(text("UPDATE evidence SET value = '[1, 2, 3]' WHERE person_id = 'p2'"))
    found = together(room, [(one, PHONE) for one in people])
    assert isinstance(found.pop(2), TypeError)
    assert found == ["granted"] * 4


def test_where_nothing_can_be_written_those_who_need_nothing_written_are_answered(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.campaign()
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(4)]
    room.claim(people[1])

    def away(*_: object) -> None:
        raise AwayError

    claims = [(people[0], PHONE), (people[1], PHONE), (people[2], PHONE), (people[3], "no-such")]
    found = together(room, claims, lambda: monkeypatch.setattr(Claiming, "_write", away))
    assert [type(one) for one in found] == [AwayError, str, AwayError, NotFoundError]
    monkeypatch.undo()
    assert room.claim(people[2])["outcome"] == "granted"
