"""Those who wait at the same moment share one piece of work (flat combining, group commit).

A transaction costs the database a commit, a flush to disk and its turns at the locks, however little it
writes; a question costs it a plan to be set up, however little it asks; and threads of a process that compute
wait for each other. Whoever comes while nobody of this process is at work begins at once and alone, so that a
single one never waits. Who comes meanwhile waits; the first of them does the next piece of work, for itself
and for those behind it. So the more come at once, the less each costs.

Those who were done together often come again together, as soon as each has told what came of it. The first of
them would go alone, and every other piece of work would be one of one; so it waits for as many as there were
before, though for no longer than a small part of what that work took, and never longer than anybody notices.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
PATIENCE = 0.1
"""For what part of the time that a piece of work took those who come after it are waited for."""
LONGEST_S = 0.01
"""No longer than this, for work that hung says nothing about who comes."""


class Together(Generic[Item, Result]):
    """`work` does all of the items given, and returns what came of each, in their order: a result, or the
    error that it is told. At most `most` go together, and none that have the same `key`: these would stand in
    each other's way for certain. What `work` raises is about all of them. What `refusals` name is raised
    because of some item of several, nobody knows which: then each is done once more, by itself."""

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        key: Callable[[Item], Hashable],
        most: int,
        refusals: tuple[type[Exception], ...],
    ) -> None:
        self._work = work
        self._key = key
        self._most = most
        self._refusals = refusals
        self._lock = Lock()
        self._waiting: deque[_Place[Item, Result]] = deque()
        self._is_led = False
        self._expected = 1
        self._expected_until = 0.0
        self._gathering: _Place[Item, Result] | None = None

    def do(self, item: Item) -> Result:
        """What came of the item; raises the error of its own, or what was raised of all."""
        place = _Place[Item, Result](item)
        with self._lock:
            self._waiting.append(place)
            if not self._is_led:
                self._is_led = True
                place.turn.release()
            elif self._gathering is not None and len(self._waiting) >= self._expected:
                self._gathering.turn.release()
                self._gathering = None
        place.turn.acquire()
        if not place.is_over:
            self._lead(place)
        if place.is_refused:
            (place.outcome,) = self._work([item])
        if isinstance(place.outcome, Exception):
            raise place.outcome
        return place.outcome

    def _lead(self, mine: _Place[Item, Result]) -> None:
        self._gather(mine)
        group = self._take(mine)
        began = monotonic()
        outcomes: Sequence[Result | Exception] = [_CutShortError()] * len(group)
        is_refused = len(group) > 1  # as long as it did not go well; alone, one is told why
        try:
            done = self._work([one.item for one in group])
            outcomes = [one for _, one in zip(group, done, strict=True)]
            is_refused = False
        except self._refusals as refusal:
            outcomes = [refusal] * len(group)
        except Exception as failure:  # noqa: BLE001 - it is raised by each of them
            outcomes, is_refused = [failure] * len(group), False
        finally:
            for one, outcome in zip(group, outcomes, strict=True):
                one.outcome, one.is_refused, one.is_over = outcome, is_refused, True
                if one is not mine:
                    one.turn.release()
            self._pass_on(len(group), began)

    def _gather(self, mine: _Place[Item, Result]) -> None:
        """Wait for as many as went together before, if it was a moment ago."""
        with self._lock:
            left = self._expected_until - monotonic()
            if left <= 0 or len(self._waiting) >= self._expected:
                return
            self._gathering = mine
        if not mine.turn.acquire(timeout=left):
            with self._lock:
                self._gathering = None

    def _take(self, mine: _Place[Item, Result]) -> list[_Place[Item, Result]]:
        """Who leads, and those that wait behind and go well with it; the others keep their places."""
        with self._lock:
            self._waiting.remove(mine)
            group, keys = [mine], {self._key(mine.item)}
            for place in tuple(self._waiting):
                if len(group) == self._most:
                    break
                key = self._key(place.item)
                if key not in keys:
                    keys.add(key)
                    group.append(place)
                    self._waiting.remove(place)
        return group

    def _pass_on(self, size: int, began: float) -> None:
        with self._lock:
            ended = monotonic()
            self._expected = size
            self._expected_until = ended + min(PATIENCE * (ended - began), LONGEST_S)
            if self._waiting:
                self._waiting[0].turn.release()
            else:
                self._is_led = False


class _CutShortError(Exception):
    """Whoever led was told to stop. The others do theirs again; nobody sees this."""


class _Place(Generic[Item, Result]):
    """Where an item stands. Its `turn` comes when it leads or when another has led it, and once more where it
    leads and those that it waited for have come: a bare lock that is let go, for an `Event` costs a condition
    and several times as much."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn = Lock()
        self.turn.acquire()
        self.is_over = False
        self.is_refused = False
        self.outcome: Result | Exception = _CutShortError()
