"""What every contender is asked: one rule of six conditions at one moment, in plain numbers.

Nothing of the engine is imported here, so that a contender's process holds only what is its own.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
SEED = 20120601
PURPOSE = "perks"
YOUNGEST, OLDEST = 18, 130
LOWEST, HIGHEST = 50, 100
SCORE_AGE = timedelta(days=30)
LAT, LON, RADIUS_M = 40.7128, -74.0060, 40_000.0
LOCATION_AGE = timedelta(days=1)
LARGEST_RADIUS_M = 2_000_000.0
EARTH_M = 6_371_008.8
TOPICS = ("technology", "mobile")
FOLLOWERS = 10_000
FOLLOWERS_AGE = timedelta(days=90)
BORN_BY = NOW.date().replace(year=NOW.year - YOUNGEST)
BORN_AFTER = NOW.date().replace(year=NOW.year - OLDEST - 1)

Counts = dict[str, int]


def measure(ask: Callable[[], Counts], times: int = 3) -> None:
    """Asks `times` times and prints the best time, the counts, and the peak memory of this process."""
    best, counts = float("inf"), Counts()
    for _ in range(times):
        start = time.perf_counter()
        counts = ask()
        best = min(best, time.perf_counter() - start)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": best, "peak_mb": peak_mb, "counts": counts}))


def verdict_name(met: bool | None) -> str:
    return "unknown" if met is None else "eligible" if met else "ineligible"
