"""Who waits at the same moment is done in one piece of work, and each learns what became of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from perks_engine.services import together as together_module
from perks_engine.services.together import Together

Item = tuple[str, int]
"""Whose it is, and its number."""


class RefusedError(Exception):
    pass


class AwayError(Exception):
    pass


class OddError(Exception):
    pass


@dataclass
class Desk:
    """Writes down what it is given, and says it doubled. The first time it waits until the others have come;
    what is `bad` it refuses, what is `odd` is told so by itself, and while it is `away` all."""

    bad: frozenset[int] = frozenset()
    odd: frozenset[int] = frozenset()
    is_away: bool = False
    groups: list[list[int]] = field(default_factory=list[list[int]])
    written: list[int] = field(default_factory=list[int])
    begun: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def work(self, items: Sequence[Item]) -> list[int | Exception]:
        self.groups.append([number for _, number in items])
        if not self.begun.is_set():
            self.begun.set()
            assert self.may_go_on.wait(30)
        if self.is_away:
            raise AwayError
        if any(number in self.bad for _, number in items):
            raise RefusedError
        self.written += [number for _, number in items if number not in self.odd]
        return [OddError() if number in self.odd else 2 * number for _, number in items]


def brought(
    desk: Desk, items: Sequence[Item], together: Together[Item, int] | None = None
) -> list[Future[int]]:
    """The first is at the desk before the others come, which then wait behind it, in their order."""
    together = together or Together(desk.work, lambda item: item[0], 4, (RefusedError,))
    pool = ThreadPoolExecutor(len(items))
    first = pool.submit(together.do, items[0])
    assert desk.begun.wait(30)
    others: list[Future[int]] = []
    for place, item in enumerate(items[1:], start=1):
        others.append(pool.submit(together.do, item))
        _until(lambda place=place: len(together._waiting) == place)
    desk.may_go_on.set()
    pool.shutdown()
    return [first, *others]


def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if is_so():
            return
        threading.Event().wait(0.001)
    raise AssertionError("it never came to that")


def test_the_first_goes_alone_and_those_who_came_meanwhile_go_together() -> None:
    desk = Desk()
    outcomes = brought(desk, [(f"p{number}", number) for number in range(8)])
    assert [one.result() for one in outcomes] == [2 * number for number in range(8)]
    assert desk.groups == [[0], [1, 2, 3, 4], [5, 6, 7]]
    assert desk.written == list(range(8))


def test_who_went_together_is_waited_for_when_the_first_of_them_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together_module, "PATIENCE", 1e9)
    monkeypatch.setattr(together_module, "LONGEST_S", 60)
    desk = Desk()
    together: Together[Item, int] = Together(desk.work, lambda item: item[0], 4, (RefusedError,))
    brought(desk, [(f"p{number}", number) for number in range(4)], together)
    with ThreadPoolExecutor(3) as pool:
        pool.submit(together.do, ("p1", 4))
        _until(lambda: together._gathering is not None)
        pool.submit(together.do, ("p2", 5))
        _until(lambda: len(together._waiting) == 2)
        pool.submit(together.do, ("p3", 6))
    assert desk.groups == [[0], [1, 2, 3], [4, 5, 6]]


def test_after_work_that_hung_nobody_is_waited_for_longer_than_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together_module, "PATIENCE", 1e9)
    desk = Desk()
    together: Together[Item, int] = Together(desk.work, lambda item: item[0], 4, (RefusedError,))
    brought(desk, [(f"p{number}", number) for number in range(4)], together)
    assert together._expected_until < time.monotonic() + together_module.LONGEST_S
    assert together.do(("p1", 4)) == 8


def test_nobody_waits_for_those_who_do_not_come_again() -> None:
    desk = Desk()
    together: Together[Item, int] = Together(desk.work, lambda item: item[0], 4, (RefusedError,))
    brought(desk, [(f"p{number}", number) for number in range(4)], together)
    until = together._expected_until = time.monotonic() + 0.05
    assert together.do(("p1", 4)) == 8
    assert time.monotonic() >= until
    assert together._gathering is None
    assert together.do(("p2", 5)) == 10, "alone, for the last one was, too"
    assert desk.groups == [[0], [1, 2, 3], [4], [5]]


def test_two_of_the_same_person_never_go_together() -> None:
    desk = Desk()
    brought(desk, [("ada", 0), ("ada", 1), ("ada", 2), ("bob", 3), ("bob", 4)])
    assert desk.groups == [[0], [1, 3], [2, 4]]


def test_where_a_group_is_refused_each_is_written_by_itself_and_only_the_bad_one_is_told() -> None:
    desk = Desk(bad=frozenset({2}))
    outcomes = brought(desk, [(f"p{number}", number) for number in range(4)])
    assert [type(one.exception()) for one in outcomes] == [type(None), type(None), RefusedError, type(None)]
    assert desk.groups[:2] == [[0], [1, 2, 3]]
    assert sorted(desk.groups[2:]) == [[1], [2], [3]]
    assert sorted(desk.written) == [0, 1, 3]


def test_one_that_is_refused_alone_is_not_written_twice() -> None:
    desk = Desk(bad=frozenset({0}))
    (outcome,) = brought(desk, [("ada", 0)])
    with pytest.raises(RefusedError):
        outcome.result()
    assert desk.groups == [[0]]


def test_where_the_database_is_away_nobody_tries_again_and_the_next_ones_go_on() -> None:
    desk = Desk(is_away=True)
    together: Together[Item, int] = Together(desk.work, lambda item: item[0], 4, (RefusedError,))
    desk.begun.set()
    for number in range(2):
        with pytest.raises(AwayError):
            together.do(("ada", number))
    desk.is_away = False
    together.do(("ada", 2))
    assert (desk.groups, desk.written) == ([[0], [1], [2]], [2])


def test_all_of_a_group_are_told_that_the_database_is_away() -> None:
    desk = Desk(is_away=True)
    outcomes = brought(desk, [(f"p{number}", number) for number in range(3)])
    assert {type(one.exception()) for one in outcomes} == {AwayError}
    assert desk.groups == [[0], [1, 2]]


def test_what_is_wrong_with_one_is_told_to_that_one_and_stands_in_nobody_elses_way() -> None:
    desk = Desk(odd=frozenset({2}))
    outcomes = brought(desk, [(f"p{number}", number) for number in range(4)])
    assert [type(one.exception()) for one in outcomes] == [type(None), type(None), OddError, type(None)]
    assert (desk.groups, desk.written) == ([[0], [1, 2, 3]], [0, 1, 3])


def test_where_work_answers_for_too_few_all_are_told_and_nobody_waits_for_ever() -> None:
    together: Together[Item, int] = Together(lambda _: [], lambda item: item[0], 4, (RefusedError,))
    for _ in range(2):
        with pytest.raises(ValueError, match="shorter"):
            together.do(("ada", 0))


class StoppedError(BaseException):
    pass


def test_where_the_one_who_leads_is_stopped_the_others_do_theirs_themselves() -> None:
    desk = Desk()

    def work(items: Sequence[Item]) -> list[int | Exception]:
        done = desk.work(items)
        if len(items) > 1:
            raise StoppedError
        return done

    together: Together[Item, int] = Together(work, lambda item: item[0], 4, (RefusedError,))
    outcomes = brought(desk, [(f"p{number}", number) for number in range(4)], together=together)
    assert [type(one.exception()) for one in outcomes] == [type(None), StoppedError, type(None), type(None)]
    assert sorted(desk.groups[2:]) == [[2], [3]]
