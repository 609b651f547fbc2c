"""The listener that the processes of a server share, and how they share what comes to it.

Left alone, one of them takes nearly everything: the kernel tells all of them of a connection, always in the
same order, and asyncio takes as many at once as it lets wait. So each takes one at a time, and lets another
that has fewer go first.
"""

from __future__ import annotations

import os
import socket
import weakref
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.reduction import DupFd
from time import sleep
from typing import Any

BACKLOG = 2048
PLACES = 64
"""Processes that can serve at once; further ones are not counted."""
GRACE_S = 0.000_2
"""So long does a process wait for one that has fewer connections: an idle one needs less to wake up. Where it
is at work, whoever waited takes the connection."""

_FREE, _TAKEN = 0, -1


class FairListener(socket.socket):
    """A listening socket; made in the first process, and handed to each that serves."""

    counts: Any = None
    """Of each place, the process that has it and how many connections it has open, one after the other."""
    _place: int | None = None
    _open: set[Any]

    def listen(self, _backlog: int = BACKLOG) -> None:
        """As many may wait as ever, however few a process takes at once."""
        super().listen(BACKLOG)

    def accept(self) -> tuple[socket.socket, Any]:
        if self._has_more_than_another():
            sleep(GRACE_S)
        connection, address = super().accept()
        if self._place is not None:
            self._open.add(weakref.ref(connection, self._ended))
            self._count(self._place)
        return connection, address

    def begin_counting(self) -> None:
        """To be called before the first process gets it."""
        self.counts = get_context("spawn").RawArray("i", 2 * PLACES)

    def __reduce__(self) -> tuple[Any, ...]:
        place = next(self._free_places(), None)
        if place is not None:
            self.counts[2 * place], self.counts[2 * place + 1] = _TAKEN, 0
        kept = DupFd(self.fileno()), self.family, self.type, self.proto
        return _in_this_process, (*kept, self.counts, place)

    def serve_at(self, counts: Any, place: int | None) -> None:
        self.counts, self._place, self._open = counts, place, set()
        if place is not None:
            counts[2 * place] = os.getpid()

    def _free_places(self) -> Iterator[int]:
        for place in range(PLACES):
            process = self.counts[2 * place]
            if process == _FREE or (process != _TAKEN and not _is_alive(process)):
                yield place

    def _has_more_than_another(self) -> bool:
        if self._place is None:
            return False
        mine = len(self._open)
        others = (place for place in range(PLACES) if self.counts[2 * place] > 0)
        return any(self.counts[2 * place + 1] < mine for place in others)

    def _ended(self, connection: Any) -> None:
        self._open.discard(connection)
        if self._place is not None:
            self._count(self._place)

    def _count(self, place: int) -> None:
        self.counts[2 * place + 1] = len(self._open)


def _in_this_process(
    held: Any, family: int, kind: int, proto: int, counts: Any, place: int | None
) -> FairListener:
    listener = FairListener(family, kind, proto, held.detach())
    listener.serve_at(counts, place)
    return listener


def _is_alive(process: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True
