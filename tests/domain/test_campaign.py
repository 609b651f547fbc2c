"""When a campaign is open, and which perks travel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from perks_engine.domain.campaign import PerkKind, Window


def test_a_window_is_open_from_its_first_moment_to_just_before_its_last() -> None:
    opens, closes = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 15, tzinfo=UTC)
    window = Window(opens, closes)
    tick = timedelta(microseconds=1)
    assert [window.has_begun(moment) for moment in (opens - tick, opens, closes)] == [False, True, True]
    assert [window.is_over(moment) for moment in (opens, closes - tick, closes)] == [False, False, True]


def test_only_things_are_shipped() -> None:
    """What is not a thing is handed over: attended, used or redeemed."""
    assert [kind.value for kind in PerkKind if kind.is_shipped] == ["item", "bundle"]
