"""Age is completed years on the UTC day of the decision; who was born on a leap day waits for 1 March."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.evidence import Evidence
from perks_engine.domain.judge_values import OLDEST_AGE, completed_years
from perks_engine.domain.rules import About, AgeIn
from perks_engine.domain.verdict import Mark
from tests.domain.asking import ask, fact

BORN = About("born_on", "age")
ADULT = AgeIn(BORN, 18)
LEAP_DAY = date(2008, 2, 29)
DAY = timedelta(days=1)

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def told(born_on: date) -> Evidence:
    """A birth date as it was given two years before noon."""
    return fact("born_on", born_on, age=731 * DAY)


def age_on(born_on: date, now: datetime) -> str:
    return str(ask(AgeIn(BORN, 0), told(born_on), now=now).actual)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "mark"),
    [
        (date(2026, 2, 28), Mark.NOT_MET),
        (date(2026, 3, 1), Mark.MET),
    ],
)
def test_born_on_a_leap_day_one_comes_of_age_on_the_first_of_march(today: date, mark: Mark) -> None:
    assert ask(ADULT, told(LEAP_DAY), now=at(today)).mark is mark


def test_in_a_leap_year_one_has_birthday_on_the_leap_day() -> None:
    assert age_on(LEAP_DAY, at(date(2028, 2, 28))) == "19"
    assert age_on(LEAP_DAY, at(date(2028, 2, 29))) == "20"


def test_the_day_of_the_decision_is_that_of_utc() -> None:
    """Half past nine in the evening of 28 February in New York is 1 March by UTC."""
    evening = datetime(2026, 2, 28, 21, 30, tzinfo=timezone(timedelta(hours=-5)))
    morning = datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=9)))  # in Tokyo; still 28 by UTC
    assert age_on(LEAP_DAY, evening) == "18"
    assert age_on(LEAP_DAY, morning) == "17"


def test_somebody_comes_of_age_between_two_decisions() -> None:
    born = told(date(2008, 12, 3))
    last_second = datetime(2026, 12, 2, 23, 59, 59, tzinfo=UTC)
    before, after = (
        ask(ADULT, born, now=last_second),
        ask(ADULT, born, now=last_second + timedelta(seconds=1)),
    )
    assert (before.code, str(before.actual), str(before.change)) == (
        "born_on.below",
        "17",
        "At least 18 is needed.",
    )
    assert (after.mark, str(after.actual)) == (Mark.MET, "18")


def test_both_bounds_are_included() -> None:
    born = told(date(2000, 1, 1))
    now = at(date(2026, 6, 1))
    assert ask(AgeIn(BORN, 26, 26), born, now=now).mark is Mark.MET
    assert ask(AgeIn(BORN, None, 25), born, now=now).code == "born_on.above"


@pytest.mark.parametrize("born_on", [date(2026, 12, 3), date(1895, 12, 2), datetime(1990, 4, 1, tzinfo=UTC)])
def test_a_birth_date_that_cannot_be_right_is_unknown(born_on: date) -> None:
    reason = ask(ADULT, told(born_on))
    assert (reason.mark, reason.code) == (Mark.UNKNOWN, "born_on.invalid")
    assert str(reason.actual) == "a value that cannot be right"
    assert str(reason.change) == "Give your age again."


def test_the_oldest_are_believed() -> None:
    now = at(date(2026, 12, 2))
    assert age_on(date(1896, 12, 2), now) == str(OLDEST_AGE)
    assert age_on(date(1895, 12, 3), now) == str(OLDEST_AGE)


@given(days, days)
def test_the_age_is_the_count_of_birthdays_since_birth(born_on: date, today: date) -> None:
    def birthday(year: int) -> date:
        is_common = (born_on.month, born_on.day) == (2, 29) and (year % 4 or (year % 100 == 0 and year % 400))
        return date(year, 3, 1) if is_common else born_on.replace(year=year)

    if today >= born_on:
        birthdays = [year for year in range(born_on.year + 1, today.year + 1) if birthday(year) <= today]
        assert completed_years(born_on, today) == len(birthdays)


@given(days, days)
def test_nobody_grows_younger_nor_older_by_more_than_a_year_in_a_day(born_on: date, today: date) -> None:
    assert completed_years(born_on, today + DAY) - completed_years(born_on, today) in (0, 1)
