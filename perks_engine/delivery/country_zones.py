"""Which time zones a country has: the table that travels with the IANA time zone database."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """By ISO 3166-1 code. Source: `zone.tab` of the IANA database (public domain)."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            names[country].append(zone)
    return {country: tuple(zones) for country, zones in names.items()}


def zones_of_country(country: str) -> tuple[ZoneInfo, ...]:
    """Empty for what is no country with zones of its own."""
    return tuple(ZoneInfo(name) for name in _names().get(country, ()))
