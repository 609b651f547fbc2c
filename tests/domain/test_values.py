"""One value against one condition: bounds are included, and what cannot be right is unknown."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.evidence import REGISTER, EarlierReceipt, Evidence, Location, Value
from perks_engine.domain.reasons import Reason
from perks_engine.domain.rules import (
    About,
    Accept,
    Condition,
    DayIn,
    FlagIs,
    NumberIn,
    ReceiptsIn,
    WordIn,
    WordsMatch,
)
from perks_engine.domain.verdict import Mark
from tests.domain.asking import NOON, ask, fact
from tests.strategies import BRAND, CAMPAIGN, TICK

SCORE = NumberIn(About("score", "score"), 50, 100)
SIGNED = DayIn(About("signed_on", "signing"), date(2026, 1, 1), date(2026, 6, 30))
COUNTRY = WordIn(About("country", "country"), ("US", "CA"))
TOPICS = About("topics", "topics")
FLAG = FlagIs(About("verified", "verified"), True)
RECEIPTS = About("earlier_receipts", "earlier receipts", accept=Accept((REGISTER,)))
YEAR = timedelta(days=365)


def said(condition: Condition, value: Value) -> Reason:
    return ask(condition, fact(condition.about.attribute, value))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (50.0, "in_range"),
        (50, "in_range"),
        (100.0, "in_range"),
        (math.nextafter(50.0, 0), "below"),
        (math.nextafter(100.0, 200), "above"),
        (math.nan, "invalid"),
        (math.inf, "invalid"),
        (True, "invalid"),
        ("71", "invalid"),
        (Location(), "invalid"),
    ],
)
def test_a_number_in_a_range(value: Value, code: str) -> None:
    assert said(SCORE, value).code == f"score.{code}"


@given(st.floats(), st.floats(0, 100), st.floats(0, 100))
def test_a_number_is_met_exactly_between_its_bounds(value: float, one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    reason = said(NumberIn(About("score", "score"), low, high), value)
    if math.isfinite(value):
        assert (reason.mark is Mark.MET) is (low <= value <= high)
        assert reason.mark is not Mark.UNKNOWN
    else:
        assert reason.mark is Mark.UNKNOWN


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (date(2026, 1, 1), "in_range"),
        (date(2026, 6, 30), "in_range"),
        (date(2025, 12, 31), "before"),
        (date(2026, 7, 1), "after"),
        (NOON, "invalid"),
        ("2026-03-01", "invalid"),
    ],
)
def test_a_day_in_a_range(value: Value, code: str) -> None:
    assert said(SIGNED, value).code == f"signed_on.{code}"


@pytest.mark.parametrize(
    ("value", "code"), [("US", "has"), ("us", "lacks"), ("", "invalid"), (frozenset({"US"}), "invalid")]
)
def test_a_word_among_others(value: Value, code: str) -> None:
    assert said(COUNTRY, value).code == f"country.{code}"


@pytest.mark.parametrize(
    ("topics", "some", "every"),
    [
        ({"música", "日本語"}, "has", "has"),
        ({"música"}, "has", "lacks"),
        ({"musica", "mu\u0301sica"}, "lacks", "lacks"),
        (set[str](), "lacks", "lacks"),
    ],
)
def test_words_of_any_script_one_of_them_or_all(topics: set[str], some: str, every: str) -> None:
    asked = ("música", "日本語")
    assert said(WordsMatch(TOPICS, asked), frozenset(topics)).code == f"topics.{some}"
    assert said(WordsMatch(TOPICS, asked, every=True), frozenset(topics)).code == f"topics.{every}"


@pytest.mark.parametrize(
    ("value", "code"), [(True, "has"), (False, "lacks"), (1, "invalid"), ("yes", "invalid")]
)
def test_a_flag_is_true_or_false_and_nothing_like_it(value: Value, code: str) -> None:
    assert said(FLAG, value).code == f"verified.{code}"


def received(ago: timedelta, brand: str = BRAND, campaign: str = CAMPAIGN) -> EarlierReceipt:
    return EarlierReceipt(brand, campaign, NOON - ago)


def count(condition: ReceiptsIn, *receipts: EarlierReceipt, now: datetime = NOON) -> str:
    line = Evidence("earlier_receipts", receipts, REGISTER, NOON)
    return str(ask(condition, line, now=now).actual)


def test_earlier_receipts_are_counted_by_brand_and_campaign() -> None:
    mine, sibling = received(YEAR), received(YEAR, campaign="case-launch")
    foreign = received(YEAR, brand="southwind-shoes", campaign="shoe-launch")
    three = (mine, sibling, foreign)
    assert count(ReceiptsIn(RECEIPTS, high=0), *three) == "3"
    assert count(ReceiptsIn(RECEIPTS, high=0, brand=BRAND), *three) == "2"
    assert count(ReceiptsIn(RECEIPTS, high=0, brand=BRAND, campaign=CAMPAIGN), *three) == "1"


def test_earlier_receipts_count_within_a_span_and_not_before_they_happen() -> None:
    last_year = ReceiptsIn(RECEIPTS, high=0, within=YEAR)
    assert count(last_year, received(YEAR)) == "1"
    assert count(last_year, received(YEAR + TICK)) == "0"
    assert count(last_year, received(-TICK)) == "0"


def test_somebody_who_never_received_anything_received_nothing() -> None:
    assert ask(ReceiptsIn(RECEIPTS, high=0)).mark is Mark.MET
    assert ask(ReceiptsIn(RECEIPTS, low=1)).code == "earlier_receipts.below"
