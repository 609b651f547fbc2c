"""Small words of the services: counted nouns, and what they say of keys, rows and people."""

from __future__ import annotations

import pytest

from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.services.errors import ConflictError, InvalidInputError, RefusedError
from perks_engine.services.views import counted
from tests.engine_room import STAFF, Room


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("line",), "0 lines"),
        (1, ("line",), "1 line"),
        (2, ("line",), "2 lines"),
        (1, ("person", "people"), "1 person"),
        (11, ("person", "people"), "11 people"),
        (1, ("unit is free", "units are free"), "1 unit is free"),
        (0, ("unit is free", "units are free"), "0 units are free"),
    ],
)
def test_a_noun_goes_with_its_number(count: int, words: tuple[str, ...], said: str) -> None:
    assert counted(count, *words) == said


def test_one_row_and_several(sqlite_room: Room) -> None:
    rows = [Fulfillment(f"clm_{number}", MoveKind.SHIP, sqlite_room.clock()) for number in range(2)]
    with pytest.raises(InvalidInputError, match=r"^1 of 1 row cannot be recorded, so none was$"):
        sqlite_room.engine.fulfilling.record(rows[:1], STAFF)
    with pytest.raises(InvalidInputError, match=r"^2 of 2 rows cannot be recorded, so none was$"):
        sqlite_room.engine.fulfilling.record(rows, STAFF)


def test_a_key_is_spoken_of_in_words_that_suit_every_face(sqlite_room: Room) -> None:
    """HTTP has a header for it, the command line an option."""
    sqlite_room.campaign()
    sqlite_room.person("ana")
    sqlite_room.claim("ana", "k")
    said = "^this idempotency key was used for a different request; use a new key for a new request$"
    with pytest.raises(ConflictError, match=said):
        sqlite_room.claim("ana", "k", "another-campaign")


def test_stock_that_is_not_there_cannot_be_withdrawn(sqlite_room: Room) -> None:
    sqlite_room.campaign(quantity="3")
    for person in ("ana", "bo"):
        sqlite_room.person(person)
        sqlite_room.claim(person)
    with pytest.raises(
        RefusedError, match=r"^1 unit is free, so 2 cannot be withdrawn; raise perk.quantity$"
    ):
        sqlite_room.campaign(quantity="1")
