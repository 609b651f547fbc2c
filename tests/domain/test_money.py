"""Money is whole minor units of a currency: exact, whatever the amount and however many decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.campaigns.quantities import QuantityError, money
from perks_engine.domain.codec import canonical_json
from perks_engine.domain.money import Money, minor_digits

CURRENCIES = ("USD", "EUR", "CAD", "JPY", "KRW", "XOF", "KWD", "TND", "BHD")


@st.composite
def amounts(draw: st.DrawFn) -> Money:
    """As much as a file can say: twelve digits before the point."""
    currency = draw(st.sampled_from(CURRENCIES))
    return Money(draw(st.integers(0, 10 ** (12 + minor_digits(currency)) - 1)), currency)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("449.00 USD", 44_900),
        ("449 USD", 44_900),
        ("0.01 USD", 1),
        ("0.10 EUR", 10),
        ("19.99 CAD", 1_999),
        ("50000 JPY", 50_000),
        ("12.345 KWD", 12_345),
        ("0.001 TND", 1),
        ("999999999999.99 USD", 99_999_999_999_999),
    ],
)
def test_an_amount_in_a_file_is_kept_in_minor_units(text: str, minor: int) -> None:
    read = money(text)
    assert read.amount_minor == minor
    assert type(read.amount_minor) is int


@pytest.mark.parametrize(
    ("shown", "amount"),
    [
        ("449.00 USD", Money(44_900, "USD")),
        ("0.05 EUR", Money(5, "EUR")),
        ("50000 JPY", Money(50_000, "JPY")),
        ("0.005 KWD", Money(5, "KWD")),
        ("-0.05 USD", Money(-5, "USD")),
    ],
)
def test_an_amount_is_shown_with_all_decimals_of_its_currency(shown: str, amount: Money) -> None:
    assert str(amount) == shown


@given(amounts())
def test_what_is_shown_reads_back_as_the_same_amount(amount: Money) -> None:
    assert money(str(amount)) == amount


@given(amounts())
def test_amounts_are_decimals_and_never_rounded(amount: Money) -> None:
    assert isinstance(amount.amount, Decimal)
    assert amount.amount * 10 ** minor_digits(amount.currency) == amount.amount_minor


@given(amounts())
def test_no_float_stands_in_the_canonical_form(amount: Money) -> None:
    assert canonical_json(amount) == (
        f'{{"amount_minor":{amount.amount_minor},"currency":"{amount.currency}"}}'
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("449.00", "'449.00' has no currency"),
        ("-1.00 USD", "'-1.00 USD' is less than nothing"),
        ("1.005 USD", "'1.005 USD' has more decimals than USD has (2)"),
        ("50.5 JPY", "'50.5 JPY' has more decimals than JPY has (0)"),
        ("449,00 EUR", "'449,00 EUR' is not an amount of money"),
        ("1e3 USD", "'1e3 USD' is not an amount of money"),
    ],
)
def test_an_amount_that_is_none_is_refused_with_its_reason(text: str, complaint: str) -> None:
    with pytest.raises(QuantityError) as refused:
        money(text)
    assert str(refused.value) == complaint
