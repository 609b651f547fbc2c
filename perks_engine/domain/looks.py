"""What a program asks of values that take more than a comparison: places, postal codes, receipts.

A test answers with 2 for inside, 0 for outside, 1 for too near to the edge, and 3 for anything else that
leaves it unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from perks_engine.domain.evidence import EarlierReceipt
from perks_engine.domain.geography import Atlas, Disc, Position, Territory, Zone
from perks_engine.domain.judge_location import lies_in
from perks_engine.domain.judge_values import counts
from perks_engine.domain.rules import PostalCodeIn, ReceiptsIn
from perks_engine.domain.screens import DOUBT

Test = Callable[[tuple[Any, ...]], int]

UNCLEAR = 3
_POSITIONS: Mapping[Position, int] = {Position.INSIDE: 2, Position.OUTSIDE: 0, Position.CROSSES: 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(microseconds: int) -> datetime:
    """The instant that is so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def receipts_counter(condition: ReceiptsIn) -> Callable[[tuple[EarlierReceipt, ...], datetime], int]:
    """How many receipts the condition counts at a moment."""

    def count(receipts: tuple[EarlierReceipt, ...], now: datetime) -> int:
        return sum(counts(receipt, condition, now) for receipt in receipts) if receipts else 0

    return count


def zone_test(zone: Zone, atlas: Atlas) -> Test:
    """Whether a location in a row lies in the zone: by its address where that names the territory, else by
    its disc."""
    relate = atlas.relate

    def measured(lat: float, lon: float, radius_m: float) -> int:
        return _POSITIONS.get(relate(Disc(lat, lon, radius_m), zone).position, UNCLEAR)

    if isinstance(zone, Territory):
        codes = zone.codes

        def of_address(value: tuple[Any, ...]) -> int:
            outcomes = {lies_in(code, value[3], value[4]) for code in codes}
            if True in outcomes:
                return 2
            if outcomes == {False}:
                return 0
            # The grid of a territory covers the earth: it pays for a population, not for one person.
            return UNCLEAR if value[0] is None else measured(*value[:3])

        return of_address
    look = atlas.screen(zone).look

    def of_disc(value: tuple[Any, ...]) -> int:
        lat, lon, radius_m, _, _, _ = value
        if lat is None:
            return UNCLEAR
        seen = look(lat, lon, radius_m)
        return measured(lat, lon, radius_m) if seen == DOUBT else seen

    return of_disc


def postal_test(condition: PostalCodeIn) -> Test:
    """Whether the address of a location in a row bears one of the codes."""
    codes, prefixes, wanted = frozenset(condition.codes), condition.prefixes, condition.country

    def look(value: tuple[Any, ...]) -> int:
        country, code = value[3], value[5]
        if country is not None and country != wanted:
            return 0
        if country is None or code is None:
            return UNCLEAR
        full = code[:5] if wanted == "US" else code
        return 2 if full in codes or code in codes or code.startswith(prefixes) else 0

    return look
