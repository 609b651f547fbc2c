"""The tree as it follows from the leaves alone, in memory that does not grow with it.

Only the perfect subtrees that wait for their neighbour are kept, one at each level at most; what the log
keeps of a level is read beside them, a part at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from perks_engine.domain.merkle import EMPTY_ROOT, Hash, completed, node_hash

AT_ONCE = 500

StoredNodes = Callable[[int, int, int], Sequence[tuple[int, Hash]]]
"""The nodes (place, hash) of a level from a place on, at most so many."""


class GrowingTree:
    def __init__(self) -> None:
        self.size = 0
        self._waiting: dict[int, Hash] = {}

    def append(self, leaf: Hash) -> list[tuple[int, int, Hash]]:
        """The nodes (level, place, hash) above the leaf that it completes."""
        found = completed(self.size, leaf, lambda level, _place: self._waiting[level])
        for level in range(len(found) - 1):
            del self._waiting[level]
        self._waiting[len(found) - 1] = found[-1][2]
        self.size += 1
        return found[1:]

    def root(self) -> Hash:
        """The root of the leaves so far."""
        value: Hash | None = None
        for _, waiting in sorted(self._waiting.items()):
            value = waiting if value is None else node_hash(waiting, value)
        return value or EMPTY_ROOT


class StoredLevel:
    """The nodes of one level as the log keeps them, in their order."""

    def __init__(self, level: int, stored: StoredNodes) -> None:
        self._level = level
        self._stored = stored
        self._read: deque[tuple[int, Hash]] = deque()
        self._from = 0

    def at(self, place: int) -> Hash | None:
        """The hash at that place, None where the log has none there; places are asked for upwards."""
        self._fill()
        if self._read and self._read[0][0] == place:
            return bytes(self._read.popleft()[1])
        return None

    def left(self) -> Iterator[int]:
        """The places that nobody asked for."""
        while True:
            self._fill()
            if not self._read:
                return
            yield self._read.popleft()[0]

    def _fill(self) -> None:
        if not self._read:
            self._read.extend(self._stored(self._level, self._from, AT_ONCE))
            if self._read:
                self._from = self._read[-1][0] + 1
