"""Distances, spans, numbers and choices in words that need no explanation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.phrase import either
from perks_engine.domain.rules import About, NumberIn
from perks_engine.domain.words import age_in_words, distance_in_words
from perks_engine.services.views import reasons_view
from tests.domain.asking import ask, fact


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (30.0, "30 m"),
        (0.01, "0.01 m"),
        (999.0, "999 m"),
        (1_000.0, "1 km"),
        (1_609.344, "1.609 km"),
        (40_233.6, "40.23 km"),
        (1_234_567.0, "1,235 km"),
        (15_993_000.0, "15,990 km"),
        (1e-9, "0 m"),
    ],
)
def test_a_distance_is_told_in_metres_or_kilometres(metres: float, words: str) -> None:
    assert distance_in_words(metres) == words


@given(st.floats(0, 2.1e7))
def test_no_distance_on_earth_is_told_with_an_exponent(metres: float) -> None:
    assert "e" not in distance_in_words(metres)


@pytest.mark.parametrize(
    ("words", "text"), [((), ""), (("a",), "a"), (("a", "b"), "a or b"), (("a", "b", "c"), "a, b or c")]
)
def test_words_to_choose_from(words: tuple[str, ...], text: str) -> None:
    assert either(words) == text


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=30), "30 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=90), "90 seconds"),
    ],
)
def test_a_span_is_told_in_its_largest_whole_unit(span: timedelta, words: str) -> None:
    assert age_in_words(span) == words


def test_two_numbers_that_differ_are_not_told_alike() -> None:
    """Else a person reads that 0.3 is more than 0.3."""
    [told] = reasons_view(ask(NumberIn(About("share", "share"), high=0.3), fact("share", 0.1 + 0.2)))
    assert told["actual"] not in told["change"]
