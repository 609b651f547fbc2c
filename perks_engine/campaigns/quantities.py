"""Values with units as people write them: `48h`, `25 mi`, `449.00 USD`, `5%`, instants with a zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from perks_engine.campaigns.problems import meant
from perks_engine.domain.currencies import CURRENCIES, meant_currency
from perks_engine.domain.money import Money, minor_digits
from perks_engine.domain.phrase import Phrase, Verbatim, phrase, said

_SPAN_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
SPAN_PATTERN = r"^[1-9][0-9]{0,6} ?[smhdw]$"
SPAN_EXPECTED = phrase("a span such as 30m, 48h, 30d or 2w")

LONGEST_SPAN = timedelta(days=36_500)

_DISTANCE_UNITS = {"m": 1.0, "km": 1_000.0, "mi": 1_609.344, "ft": 0.3048}
DISTANCE_PATTERN = r"^[0-9]{1,7}(\.[0-9]{1,3})? ?(m|km|mi|ft)$"
DISTANCE_EXPECTED = phrase("a distance such as 30 m, 2.5 km or 25 mi")

_AMOUNT = r"[0-9]{1,12}(?:\.[0-9]{1,4})?"
MONEY_SHAPE = f"^{_AMOUNT} ({'|'.join(sorted(CURRENCIES))})$"


def _money_pattern() -> str:
    """No more decimals than the currency has, but for zeros."""
    fractions = {0: r"\.0{1,4}", 2: r"\.[0-9]{1,2}0{0,2}", 3: r"\.[0-9]{1,3}0?", 4: r"\.[0-9]{1,4}"}
    kinds = (
        f"(?:{fraction})? (?:{'|'.join(sorted(one for one, has in CURRENCIES.items() if has == digits))})"
        for digits, fraction in fractions.items()
    )
    return f"^[0-9]{{1,12}}(?:{'|'.join(kinds)})$"


MONEY_PATTERN = _money_pattern()
MONEY_EXPECTED = phrase("an amount with its currency, such as 449.00 USD")

SHARE_PATTERN = r"^[0-9]{1,3}(\.[0-9]{1,3})? ?%$"
SHARE_EXPECTED = phrase("a share such as 5%")

POINTS_PATTERN = r"^[0-9]{1,3}(\.[0-9]{1,3})? ?points?$"
POINTS_EXPECTED = phrase("percentage points such as 15 points")

INSTANT_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
INSTANT_EXPECTED = phrase("a date and time with a zone, such as 2026-12-01T09:00-05:00")

DAY_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DAY_EXPECTED = phrase("a date such as 1990-04-01")


class QuantityError(ValueError):
    """The text is not such a quantity; `words` say what is wrong with it, and `suggestion` what was probably
    meant."""

    def __init__(self, words: str | Phrase, suggestion: str | Phrase = "") -> None:
        super().__init__(str(words))
        self.words = words
        self.suggestion = suggestion


def _wrong(template: str, text: str, **values: Phrase | str | float) -> Phrase:
    """What is wrong with `text`, which the template has in quotes."""
    return Phrase(template, {"text": Verbatim(text), **values})


def span(text: str) -> timedelta:
    number, unit = _number_and_unit(text, SPAN_PATTERN, phrase("a span"))
    if (found := timedelta(seconds=int(number) * _SPAN_UNITS[unit])) > LONGEST_SPAN:
        raise QuantityError(
            _wrong(said("'{text}' is longer than {days} days"), text, days=float(LONGEST_SPAN.days))
        )
    return found


def distance_m(text: str) -> float:
    """Metres; a mile is 1,609.344 m, a foot 0.3048 m (international, 1959)."""
    number, unit = _number_and_unit(text, DISTANCE_PATTERN, phrase("a distance"))
    return float(Decimal(number) * Decimal(str(_DISTANCE_UNITS[unit])))


def money(text: str) -> Money:
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", text):
        raise QuantityError(_wrong(said("'{text}' has no currency"), text))
    if re.fullmatch(r"-.*", text):
        raise QuantityError(_wrong(said("'{text}' is less than nothing"), text))
    found = re.fullmatch(f"({_AMOUNT}) ([A-Za-z]{{3}})", text)
    if found is None:
        raise QuantityError(_wrong(said("'{text}' is not an amount of money"), text))
    amount_text, currency = found.groups()
    if currency not in CURRENCIES:
        hint = meant(meant_currency(currency))
        raise QuantityError(_wrong(said("'{text}' is no currency in use (ISO 4217)"), currency), hint)
    minor = Decimal(amount_text).scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        has: dict[str, str | int] = {"currency": Verbatim(currency), "digits": minor_digits(currency)}
        raise QuantityError(
            _wrong(said("'{text}' has more decimals than {currency} has ({digits})"), text, **has)
        )
    return Money(int(minor), currency)


def share(text: str) -> float:
    number, _ = _number_and_unit(text, SHARE_PATTERN, phrase("a share"))
    if Decimal(number) > 100:
        raise QuantityError(_wrong(said("'{text}' is more than the whole"), text))
    return float(Decimal(number) / 100)


def points(text: str) -> float:
    """A difference of two shares, from 0 to 1: from 40 % to 55 % are 15 points."""
    if re.fullmatch(SHARE_PATTERN, text):
        hint = meant(f"{text.rstrip(' %')} points")
        raise QuantityError(_wrong(said("'{text}' is a share and no difference of two"), text), hint)
    number, _ = _number_and_unit(text, POINTS_PATTERN, phrase("a difference in percentage points"))
    if not 0 < Decimal(number) <= 100:
        raise QuantityError(_wrong(said("'{text}' is no difference that two shares can have"), text))
    return float(Decimal(number) / 100)


def instant(text: str) -> datetime:
    """An aware instant, in UTC."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise QuantityError(_wrong(said("'{text}' is not a date and time"), text)) from error
    if moment.tzinfo is None:
        raise QuantityError(_wrong(said("'{text}' has no zone"), text))
    if not re.fullmatch(INSTANT_PATTERN, text):
        raise QuantityError(_wrong(said("'{text}' is not a date and time written in full"), text))
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise QuantityError(_wrong(said("'{text}' lies outside of the calendar"), text)) from error


def day(text: str) -> date:
    if not re.fullmatch(DAY_PATTERN, text):
        raise QuantityError(_wrong(said("'{text}' is not a date"), text))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QuantityError(_wrong(said("'{text}' is not a day of the calendar"), text)) from error


def _number_and_unit(text: str, pattern: str, what: Phrase) -> tuple[str, str]:
    found = re.match(r"[0-9.]+", text)
    if found is None or not re.fullmatch(pattern, text):
        raise QuantityError(_wrong(said("'{text}' is not {what}"), text, what=what))
    return found.group(), text[found.end() :].strip()
