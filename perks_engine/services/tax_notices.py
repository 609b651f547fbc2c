"""The word to a person, before they claim, that what they get from a brand in a year will be reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.fulfillment import Account
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import phrase, said
from perks_engine.domain.tax import TaxYears
from perks_engine.services.records import Unit
from perks_engine.services.views import Say, View

_SURE = said(
    "With this perk you will have got {total} in value from {brand} in {year}, what is on its way included. "
    "From {threshold} in a calendar year on, it is reported to the tax authority, and may be income to you."
)
_ADJUSTED = said(
    "With this perk you will have got {total} in value from {brand} in {year}, what is on its way included. "
    "From {threshold}, which is adjusted each year, in a calendar year on, it is reported to the tax "
    "authority, and may be income to you."
)


@dataclass(frozen=True, slots=True)
class TaxNotices:
    years: TaxYears

    def about(
        self,
        units: Iterable[Unit],
        campaign: Campaign,
        now: datetime,
        version_of: Callable[[str], Campaign],
        say: Say = str,
    ) -> View:
        """`{"tax_notice": …}` where a unit of this campaign brings what the person got from its brand this
        year, with what is on its way, to the threshold; else nothing. `units` are all that the person has."""
        perk = campaign.perk.fair_market_value
        year = self.years.year_of(now)
        threshold = self.years.threshold(year)
        if threshold is None or threshold.amount.currency != perk.currency:
            return {}
        before = 0
        for unit in units:
            contents = unit.contents
            since = (contents.held_since if contents else None) or unit.since
            of_another_year = unit.account is Account.RECIPIENT and self.years.year_of(since) != year
            if unit.brand != campaign.brand or of_another_year:
                continue
            declared = version_of(unit.version).perk.fair_market_value
            value = contents.fair_market_value if contents else declared
            before += value.amount_minor if value.currency == perk.currency else 0
        total = Money(before + perk.amount_minor, perk.currency)
        if total.amount_minor < threshold.amount.amount_minor:
            return {}
        words = _SURE if threshold.is_certain(year) else _ADJUSTED
        values = {"total": str(total), "brand": campaign.brand, "threshold": str(threshold.amount)}
        return {
            "tax_notice": {
                "year": year,
                "brand": campaign.brand,
                "before": str(Money(before, perk.currency)),
                "with_this": str(total),
                "threshold": str(threshold.amount),
                "source": threshold.source,
                "text": say(phrase(words, year=str(year), **values)),
            }
        }
