"""Money as whole minor units with a currency; never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from perks_engine.domain.currencies import CURRENCIES


def minor_digits(currency: str) -> int:
    """How many decimals the currency has (ISO 4217).

    Two where it is not in use any more: what was recorded in it stays readable.
    """
    return CURRENCIES.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` is in the currency's smallest unit (cents); `currency` is ISO 4217."""

    amount_minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        return Decimal(self.amount_minor).scaleb(-minor_digits(self.currency))

    def __str__(self) -> str:
        return f"{self.amount:.{minor_digits(self.currency)}f} {self.currency}"
