"""When tokens were used is written down now and then, and never many at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from perks_engine.services.last_used import EVERY, MANY, LastUsed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Book:
    def __init__(self) -> None:
        self.written: list[Mapping[str, datetime]] = []

    def write(self, uses: Mapping[str, datetime]) -> None:
        self.written.append(uses)


def test_the_first_is_written_at_once_and_others_with_the_next_that_comes_later() -> None:
    book = Book()
    used = LastUsed(book.write)
    used.note("a", NOON)
    used.note("b", NOON + timedelta(seconds=1))
    used.note("a", NOON + timedelta(seconds=2))
    assert book.written == [{"a": NOON}]
    used.note("c", NOON + EVERY)
    assert book.written[1:] == [
        {"b": NOON + timedelta(seconds=1), "a": NOON + timedelta(seconds=2), "c": NOON + EVERY}
    ]


def test_where_very_many_come_at_once_they_are_written_in_portions_and_none_is_left() -> None:
    book = Book()
    used = LastUsed(book.write)
    for number in range(3 * MANY):
        used.note(f"token {number}", NOON)
    used.flush()
    assert max(map(len, book.written)) == MANY
    assert {token for one in book.written for token in one} == {f"token {n}" for n in range(3 * MANY)}
