"""Nobody's telephone rings at night: the first moment that is quiet nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.delivery.country_zones import zones_of_country
from perks_engine.domain.quiet_hours import QuietHours, quiet_hours

NIGHT = QuietHours(time(21), time(8))
NEW_YORK = ZoneInfo("America/New_York")
_QUARTER = timedelta(minutes=15)


def test_the_night_is_over_in_the_morning_of_where_they_are() -> None:
    late = datetime(2026, 12, 3, 3, 10, 7, tzinfo=UTC)  # 22:10 the evening before
    assert NIGHT.over_at(late, [NEW_YORK]) == datetime(2026, 12, 3, 13, tzinfo=UTC)
    noon = datetime(2026, 12, 3, 17, tzinfo=UTC)
    assert NIGHT.over_at(noon, [NEW_YORK]) == noon


def test_the_clock_goes_forward_and_the_night_is_an_hour_shorter() -> None:
    before = datetime(2026, 3, 8, 2, tzinfo=UTC)  # 21:00, and at 02:00 the clocks say 03:00
    assert NIGHT.over_at(before, [NEW_YORK]) == datetime(2026, 3, 8, 12, tzinfo=UTC)


def test_a_country_of_many_zones_is_asleep_while_any_of_them_is() -> None:
    morning_in_new_york = datetime(2026, 12, 3, 14, tzinfo=UTC)
    found = NIGHT.over_at(morning_in_new_york, zones_of_country("US"))
    assert found == datetime(2026, 12, 3, 18, tzinfo=UTC)  # 08:00 in Honolulu and in Adak
    assert zones_of_country("FR") == (ZoneInfo("Europe/Paris"),)
    assert zones_of_country("nowhere") == ()


def test_there_may_be_no_moment_that_suits_everywhere() -> None:
    almost_always = QuietHours(time(9), time(8))
    where = [ZoneInfo("Pacific/Auckland"), NEW_YORK]
    assert almost_always.over_at(datetime(2026, 12, 3, tzinfo=UTC), where) is None


_MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_HOURS = st.times().map(lambda one: one.replace(second=0, microsecond=0))
_ZONES = st.sampled_from(
    [zone for country in ("US", "CA", "RU", "NP", "AU") for zone in zones_of_country(country)]
)


@given(_MOMENTS, st.builds(QuietHours, _HOURS, _HOURS), st.lists(_ZONES, min_size=1, max_size=4))
def test_it_is_never_quiet_then_and_always_quiet_somewhere_before(
    now: datetime, hours: QuietHours, zones: list[ZoneInfo]
) -> None:
    found = hours.over_at(now, zones)
    quarters = [now.replace(minute=0, second=0, microsecond=0) + _QUARTER * n for n in range(200)]
    before = [one for one in (now, *quarters) if now <= one < (found or quarters[-1])]
    assert all(any(hours.is_quiet(one, zone) for zone in zones) for one in before)
    if found is not None:
        assert not any(hours.is_quiet(found, zone) for zone in zones)


@pytest.mark.parametrize("words", ["", "21-8", "25:00-08:00", "21:00–08:00", "21:00-08:60"])
def test_hours_that_are_none_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"21:00-08:00|must be in"):
        quiet_hours(words)
