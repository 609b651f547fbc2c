"""Writers that wait at the same moment share one transaction (group commit).

A transaction costs the database a commit, a flush to disk and its turns at the locks, however little it
writes. Whoever comes while nobody of this process writes, writes at once and alone, so that a single one
never waits. Who comes meanwhile waits; the first of them writes next, for itself and for those behind it. So
the more come at once, the less each costs, with no timer and nothing to tune.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Together(Generic[Item]):
    """`write` is one transaction over the items given, whole or not at all. At most `most` go together, and
    none that have the same `key`: these would stand in each other's way for certain. What `refusals` name is
    said of some item of several, nobody knows of which: then each is written once more, by itself."""

    def __init__(
        self,
        write: Callable[[Sequence[Item]], None],
        key: Callable[[Item], Hashable],
        most: int,
        refusals: tuple[type[Exception], ...],
    ) -> None:
        self._write = write
        self._key = key
        self._most = most
        self._refusals = refusals
        self._lock = Lock()
        self._waiting: deque[_Place[Item]] = deque()
        self._is_led = False

    def write(self, item: Item) -> None:
        """Returns when the item is written; raises what its transaction raised, upon which it is not."""
        place = _Place(item)
        with self._lock:
            self._waiting.append(place)
            if not self._is_led:
                self._is_led = True
                place.turn.release()
        place.turn.acquire()
        if not place.is_over:
            self._lead(place)
        if place.is_refused:
            self._write([item])
        elif place.error is not None:
            raise place.error

    def _lead(self, mine: _Place[Item]) -> None:
        group = self._take(mine)
        error: Exception | None = None
        is_refused = len(group) > 1  # as long as it did not go well; alone, one is told why
        try:
            self._write([one.item for one in group])
            is_refused = False
        except self._refusals as refusal:
            error = refusal
        except Exception as failure:  # noqa: BLE001 - it is raised by each of them
            error, is_refused = failure, False
        finally:
            for one in group:
                one.error, one.is_refused, one.is_over = error, is_refused, True
                if one is not mine:
                    one.turn.release()
            self._pass_on()

    def _take(self, mine: _Place[Item]) -> list[_Place[Item]]:
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

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].turn.release()
            else:
                self._is_led = False


class _Place(Generic[Item]):
    """Where an item stands. Its `turn` comes once, when it leads or when another has led it: a bare lock that
    is let go, for an `Event` costs a condition and several times as much."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn = Lock()
        self.turn.acquire()
        self.is_over = False
        self.is_refused = False
        self.error: Exception | None = None
