"""The rule as a careful hand would write it in Python for one person, over the engine's own prebuilt row.

The same three-valued meaning: a source that is not accepted, stale, dated ahead or missing is unknown, and
sources that contradict each other are. Only the distance is simpler, by the haversine. It is one function,
for each call would cost it a tenth of its speed.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks import rules_question as asked

Row = tuple[Any, ...]


def ticks(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def day_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


NOW = ticks(asked.NOW - datetime(1970, 1, 1, tzinfo=UTC))
SCORE_AGE, LOCATION_AGE = ticks(asked.SCORE_AGE), ticks(asked.LOCATION_AGE)
FOLLOWERS_AGE = ticks(asked.FOLLOWERS_AGE)
BORN_BY, BORN_AFTER = day_number(asked.BORN_BY), day_number(asked.BORN_AFTER)
TODAY = day_number(asked.NOW.date())
TOPICS = frozenset(asked.TOPICS)
# Where the engine's row holds what is asked: all entries of an attribute, or the one of a source.
OPT_INS, BIRTHS, REACH, DEVICE, ALL_TOPICS, ALL_FOLLOWERS = 1, 4, 9, 13, 15, 18
PHI = math.radians(asked.LAT)
COSINE = math.cos(PHI)


def metres_to_centre(lat: float, lon: float) -> float:
    phi = math.radians(lat)
    half_lat = math.sin((phi - PHI) / 2)
    half_lon = math.sin(math.radians(lon - asked.LON) / 2)
    square = half_lat * half_lat + COSINE * math.cos(phi) * half_lon * half_lon
    return 2 * asked.EARTH_M * math.asin(min(1.0, math.sqrt(square)))


def verdict(row: Row) -> bool | None:
    """Met, not met (as soon as one condition is not) or None for unknown."""
    is_unknown = False

    for value, at, _, _ in row[OPT_INS]:
        if at <= NOW:
            if asked.PURPOSE not in value:
                return False
            break
    else:
        return False

    met = not_met = False
    for born, at, _, _ in row[BIRTHS]:
        if at <= NOW and BORN_AFTER < born <= TODAY:
            if born <= BORN_BY:
                met = True
            else:
                not_met = True
    if met is not_met:
        is_unknown = True
    elif not_met:
        return False

    entry = row[REACH]
    if entry is None:
        is_unknown = True
    else:
        score, at, _, _ = entry
        if at > NOW or NOW - at > SCORE_AGE:
            is_unknown = True
        elif not asked.LOWEST <= score <= asked.HIGHEST:
            return False

    entry = row[DEVICE]
    if entry is None:
        is_unknown = True
    else:
        place, at, _, _ = entry
        lat, lon, radius_m = place[:3]
        if at > NOW or NOW - at > LOCATION_AGE or lat is None:
            is_unknown = True
        else:
            metres = metres_to_centre(lat, lon)
            if metres - radius_m > asked.RADIUS_M:
                return False
            if metres + radius_m > asked.RADIUS_M:
                is_unknown = True

    met = not_met = False
    for topics, at, _, _ in row[ALL_TOPICS]:
        if at <= NOW:
            if TOPICS.isdisjoint(topics):
                not_met = True
            else:
                met = True
    if met is not_met:
        is_unknown = True
    elif not_met:
        return False

    met = not_met = False
    for followers, at, _, _ in row[ALL_FOLLOWERS]:
        if at <= NOW and NOW - at <= FOLLOWERS_AGE:
            if followers >= asked.FOLLOWERS:
                met = True
            else:
                not_met = True
    if met is not_met:
        is_unknown = True
    elif not_met:
        return False

    return None if is_unknown else True
