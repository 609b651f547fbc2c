"""What a person received in a calendar year, and from which value on that is reported (IRC 6041, 6041A)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from perks_engine.domain.money import Money


@dataclass(frozen=True, slots=True)
class Threshold:
    """What one payer gives one person in a calendar year is reported from `amount` on, in years from
    `from_year` on. After `indexed_after` the amount is adjusted each year and has to be looked up."""

    from_year: int
    amount: Money
    source: str
    indexed_after: int | None = None

    def is_certain(self, year: int) -> bool:
        return self.indexed_after is None or year <= self.indexed_after


@dataclass(frozen=True, slots=True)
class TaxYears:
    """Calendar years in the zone of who reports, and the thresholds, the oldest first."""

    zone: str
    thresholds: Sequence[Threshold]

    def year_of(self, moment: datetime) -> int:
        return moment.astimezone(ZoneInfo(self.zone)).year

    def span(self, year: int) -> tuple[datetime, datetime]:
        """The first instant of a year and that of the next, in UTC."""
        zone = ZoneInfo(self.zone)
        return (
            datetime(year, 1, 1, tzinfo=zone).astimezone(UTC),
            datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC),
        )

    def threshold(self, year: int) -> Threshold | None:
        return next((one for one in reversed(self.thresholds) if one.from_year <= year), None)
