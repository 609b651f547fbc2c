"""When tokens were last used, written down without a write for each request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
MANY = 200
"""So many are written at once: whoever happens to come then waits no longer than for a write of their own."""
Write = Callable[[Mapping[str, datetime]], None]


@dataclass
class LastUsed:
    """Of one process. A use that comes `EVERY` or more after the last write is written at once; those in
    between wait, and are written together with the next one, when they are `MANY`, or when the process
    ends."""

    write: Write
    _waiting: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _written_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def note(self, token_id: str, now: datetime) -> None:
        with self._lock:
            self._waiting[token_id] = now
            # A clock that was set back must not keep it from being written.
            is_early = self._written_at is not None and abs(now - self._written_at) < EVERY
            if is_early and len(self._waiting) < MANY:
                return
            self._written_at = now
        self.flush()

    def flush(self) -> None:
        with self._lock:
            taken, self._waiting = self._waiting, {}
        if not taken:
            return
        try:
            self.write(taken)
        except Exception:  # whatever it is: nobody's request fails for a note about it
            log.warning("could not write down when tokens were used", exc_info=True)
            with self._lock:
                self._waiting = taken | self._waiting
