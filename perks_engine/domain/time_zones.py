"""The time zones that people can live by: the names of the IANA time zone database."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NOWHERE = "Factory"
"""Of a clock that nobody has set."""
EXPECTED = "a time zone such as America/New_York"


@cache
def zone_names() -> frozenset[str]:
    """Source: `zones` of the IANA database (public domain), as the package tzdata has it."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {_NOWHERE}


def is_zone(name: str) -> bool:
    return name in zone_names()


def zone_named(name: str) -> ZoneInfo | None:
    """None for what is no zone, or none any more."""
    try:
        return ZoneInfo(name) if is_zone(name) else None
    except ZoneInfoNotFoundError:
        return None


def near_zone(word: str) -> str:
    """The zone that was probably meant, by its whole name or its city's; empty where none is near."""
    wanted = word.strip().replace(" ", "_").lower()
    by_name = {name.lower(): name for name in sorted(zone_names())}
    by_city = {name.rpartition("/")[2].lower(): name for name in sorted(zone_names(), reverse=True)}
    for known in (by_name, by_city):
        if wanted in known:
            return known[wanted]
    for known in (by_name, by_city):
        near = get_close_matches(wanted, known, n=1, cutoff=0.75)
        if near:
            return known[near[0]]
    return ""


def why_no_zone(name: str) -> str:
    """What is wrong with it and what was probably meant; empty for a zone."""
    if is_zone(name):
        return ""
    near = near_zone(name)
    return f"expected {EXPECTED}" + (f"; did you mean '{near}'?" if near else "")
