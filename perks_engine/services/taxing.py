"""What each person received in a calendar year, in value, and where that reaches the reporting threshold.

The value of a unit is its fair market value, in the year in which it was received. What was returned or
voided by the instant of the report counts in no year; what is disputed is told apart. Amounts in different
currencies are never added: there is no rate that everybody would take.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from perks_engine.domain.disclosure import Section, Standing
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import phrase
from perks_engine.domain.tax import TaxYears, Threshold
from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.disclosing import Disclosing, DisclosureLine, require_on_record
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.list_records import Chosen, Order
from perks_engine.services.ports import Store, Transaction

ALL = "all brands"


@dataclass(frozen=True, slots=True)
class YearValue:
    """What a person received in a year and a currency, from a brand or, where `brand` is `ALL`, from all of
    them. `reaches` says whether the payer reports it: None where there is none, or none in that currency."""

    person: str
    handle: str | None
    legal_name: str | None
    brand: str
    units: int
    value: Money
    disputed: Money
    reaches: bool | None


@dataclass(frozen=True, slots=True)
class TaxReport:
    """`rows` are by person, then by brand, streamed; `threshold` is for what one brand gave one person."""

    year: int
    zone: str
    instant: datetime
    threshold: Threshold | None
    rows: Iterator[YearValue]


EARLIEST = 1900


@dataclass(frozen=True, slots=True)
class Taxing:
    store: Store
    disclosing: Disclosing
    years: TaxYears

    @contextmanager
    def report(
        self, actor: Actor, year: int, brand: str | None = None, as_of: datetime | None = None
    ) -> Generator[TaxReport]:
        """The values of a calendar year by what the ledger held at an instant, now if None; of one brand, or
        of all that the actor reaches.

        Raises `ForbiddenError`, `NotFoundError` for a brand that is not on record, and `InvalidInputError`
        for a year that has not begun or is no year of this calendar's, or an instant that no list could have.
        """
        actor.require(Permission.EXPORT_TAX, brand)
        now = self.disclosing.clock()
        if year < EARLIEST:
            raise InvalidInputError(
                "tax.year",
                phrase(
                    "there are no values of the year {year}; expected one from {first} on",
                    year=str(year),
                    first=str(EARLIEST),
                ),
            )
        if year > self.years.year_of(now):
            raise InvalidInputError(
                "tax.year",
                phrase(
                    "the year {year} has no values: it has not begun in {zone}",
                    year=str(year),
                    zone=self.years.zone,
                ),
            )
        with self.store.read() as tx:
            require_on_record(tx, Chosen(brand), actor.reach)
        brands = [brand] if brand is not None else None if ALL_BRANDS in actor.brands else list(actor.brands)
        instant = self.disclosing.closed(brands, as_of)
        threshold = self.years.threshold(year)
        with self.store.read() as tx:
            lines = self._lines(tx, year, brands, instant)
            rows = _rows(lines, threshold, with_all=brand is None)
            yield TaxReport(year, self.years.zone, instant, threshold, rows)

    def _lines(
        self, tx: Transaction, year: int, brands: list[str] | None, instant: datetime
    ) -> Iterator[DisclosureLine]:
        start, end = self.years.span(year)
        chosen = Chosen(received_from=start, received_before=end)
        receipts = tx.lists.receipts(chosen, brands, Section.RECEIVED, instant, Order.PERSON)
        lines = (self.disclosing.line_of(tx, receipt) for receipt in receipts)
        return (line for line in lines if chosen.covers(line.received_at))


def _rows(
    lines: Iterator[DisclosureLine], threshold: Threshold | None, with_all: bool
) -> Iterator[YearValue]:
    for _, group in groupby(lines, key=lambda line: line.person):
        sums: dict[tuple[bool, str, str], list[int]] = {}
        last: DisclosureLine | None = None
        for last in group:
            money = last.fair_market_value
            for is_all, brand in ((False, last.brand), (True, ALL)) if with_all else ((False, last.brand),):
                found = sums.setdefault((is_all, brand, money.currency), [0, 0, 0])
                found[0] += 1
                found[2 if last.standing is Standing.DISPUTED else 1] += money.amount_minor
        if last is None:
            continue
        for (is_all, brand, currency), (units, value, disputed) in sorted(sums.items()):
            money = Money(value, currency)
            yield YearValue(
                person=last.person,
                handle=last.handle,
                legal_name=last.legal_name,
                brand=brand,
                units=units,
                value=money,
                disputed=Money(disputed, currency),
                reaches=None if is_all else reaches(money, threshold),
            )


def reaches(value: Money, threshold: Threshold | None) -> bool | None:
    """Whether a value is to be reported; None where no threshold is in its currency."""
    if threshold is None or threshold.amount.currency != value.currency:
        return None
    return value.amount_minor >= threshold.amount.amount_minor
