"""Where the work stands: what waits, what is left, and how far a run is from being paused. Asked every few
seconds, so that it is read by few queries, none of which grows with what was ever recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.guard_distance import distance
from perks_engine.services.guards import Guarding
from perks_engine.services.ports import Clock, Store
from perks_engine.services.sealing import Sealing
from perks_engine.services.versions import Versions

KEPT = timedelta(seconds=5)
"""So long one reading serves all who ask."""
MOST_COUNTED = 100_000
"""What waits is counted so far and no further."""
_RUNNING = (CampaignState.OPEN, CampaignState.PAUSED)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits to be done: how much, and since when the oldest of it could have been; `dead` is what was
    given up."""

    waiting: int = 0
    due_since: datetime | None = None
    dead: int = 0

    def lag_s(self, now: datetime) -> float:
        return max(0.0, (now - self.due_since).total_seconds()) if self.due_since else 0.0


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the database holds at one moment. `stock` are the free units of campaigns that are not over."""

    stock: tuple[tuple[str, int], ...]
    messages: Queue
    events: Queue
    unsealed: Queue
    ledger_room: int | None = None
    """How many entries there is room for in the parts that were made; None where the ledger needs none."""


class Gauges(Protocol):
    def numbers(self, now: datetime, most: int) -> Numbers: ...


@dataclass(frozen=True, slots=True)
class GuardDistance:
    """`place` tells guards of one kind apart, by their order in the campaign's file."""

    campaign: str
    guard: str
    place: int
    distance: float


@dataclass(frozen=True, slots=True)
class Measured:
    at: datetime
    numbers: Numbers
    guards: tuple[GuardDistance, ...]
    seals: bool
    """Whether this deployment has a key to seal its log with; else nothing is late."""


@dataclass(slots=True)
class Measuring:
    store: Store
    gauges: Gauges
    versions: Versions
    guarding: Guarding
    sealing: Sealing
    clock: Clock
    _last: Measured | None = field(default=None, init=False)

    def now(self) -> Measured:
        """The latest reading, at most `KEPT` old."""
        now, last = self.clock(), self._last
        if last is not None and last.at <= now < last.at + KEPT:
            return last
        numbers = self.gauges.numbers(now, MOST_COUNTED)
        found = Measured(now, numbers, tuple(self._guards(now)), self.sealing.has_keys)
        self._last = found
        return found

    def _guards(self, now: datetime) -> Sequence[GuardDistance]:
        found: list[GuardDistance] = []
        with self.store.read() as tx:
            for record in tx.campaigns.all(_RUNNING):
                if record.version is None:
                    continue
                campaign = self.versions.get(record.version, tx)
                if not campaign.guards:
                    continue
                tallies = tx.guards.tallies(campaign.name, campaign.guards, now)
                before = self.guarding.approved(tx, record.version, campaign)
                for place, guard in enumerate(campaign.guards):
                    left = distance(guard, tallies[place][1], before[place])
                    found.append(GuardDistance(campaign.name, guard.kind, place, left))
        return found
