"""How far what a guard counted is from where it pauses its campaign: one number for every kind of guard."""

from __future__ import annotations

from perks_engine.domain.guards import GrantRate, Guard, SamePoint, Tally


def distance(guard: Guard, tally: Tally, preview: Tally | None = None) -> float:
    """1 where nothing speaks against the run, 0 at the limit, below 0 (to -1) beyond it; between them the
    part of the way that is left. Before a share counts enough people to say anything it is 1."""
    if isinstance(guard, SamePoint | GrantRate):
        left = guard.at_most - tally.total
        return _between(left / guard.at_most if guard.at_most else left)
    if tally.total < guard.healthy.after:
        return 1.0
    low, high = (float(bound) for bound in guard.healthy.bounds(preview))
    ways = [1.0]
    if high < 1:
        ways.append((high - tally.share) / high if high > 0 else -tally.share)
    if low > 0:
        ways.append((tally.share - low) / (1 - low) if low < 1 else tally.share - 1)
    return _between(min(ways))


def _between(value: float) -> float:
    return max(-1.0, min(1.0, value))
