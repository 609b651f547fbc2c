"""Only a currency in use is money, and a slip of the keys is told which one was probably meant."""

from __future__ import annotations

import re

import pytest

from perks_engine.campaigns.quantities import MONEY_PATTERN, QuantityError, money
from perks_engine.domain.currencies import CURRENCIES, meant_currency
from perks_engine.domain.money import Money, minor_digits


def test_every_currency_in_use_is_read_with_all_its_digits() -> None:
    assert len(CURRENCIES) == 165
    for code, digits in CURRENCIES.items():
        smallest = f"{10**-digits:.{digits}f} {code}"
        assert money(smallest) == Money(1, code)
        assert str(money(smallest)) == smallest


@pytest.mark.parametrize(
    ("code", "digits"), [("JPY", 0), ("XOF", 0), ("USD", 2), ("XCG", 2), ("KWD", 3), ("CLF", 4), ("UYW", 4)]
)
def test_the_digits_of_the_minor_unit(code: str, digits: int) -> None:
    assert minor_digits(code) == digits


@pytest.mark.parametrize(
    ("code", "suggestion"),
    [
        pytest.param("USX", "did you mean 'USD'?", id="a letter wrong"),
        pytest.param("CHX", "did you mean 'CHF'?", id="the franc, not a unit of account"),
        pytest.param("UDS", "did you mean 'USD'?", id="two letters swapped"),
        pytest.param("ERU", "did you mean 'EUR'?", id="swapped, though ERN begins alike"),
        pytest.param("usd", "did you mean 'USD'?", id="small letters"),
        pytest.param("Eur", "did you mean 'EUR'?", id="one capital"),
        pytest.param("ZWL", "did you mean 'ZWG'?", id="withdrawn, with a successor in the same country"),
        pytest.param("BGN", "", id="withdrawn, and nothing alike"),
        pytest.param("VEF", "", id="two that could be meant"),
        pytest.param("XAU", "", id="gold is not the franc of Central Africa"),
        pytest.param("XXX", "", id="no currency"),
        pytest.param("QQQ", "", id="nothing alike"),
    ],
)
def test_a_currency_that_is_none_in_use(code: str, suggestion: str) -> None:
    with pytest.raises(QuantityError) as refused:
        money(f"20.00 {code}")
    assert str(refused.value) == f"'{code}' is no currency in use (ISO 4217)"
    assert str(refused.value.suggestion) == suggestion


@pytest.mark.parametrize(
    "amount", ["0", "5.", "5.0", "5.00", "5.0000", "5.1", "5.12", "5.1200", "5.123", "5.1234", "5.12345"]
)
def test_the_published_pattern_takes_what_is_read_and_nothing_else(amount: str) -> None:
    for code in CURRENCIES:
        text = f"{amount} {code}"
        try:
            is_read = bool(money(text))
        except QuantityError:
            is_read = False
        assert bool(re.fullmatch(MONEY_PATTERN, text)) == is_read, text


def test_a_currency_in_use_is_meant_by_itself() -> None:
    assert {code for code in CURRENCIES if meant_currency(code) != code} == set()


def test_an_amount_recorded_before_its_currency_was_withdrawn_stays_readable() -> None:
    assert str(Money(4_990, "BGN")) == "49.90 BGN"
