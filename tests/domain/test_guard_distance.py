"""How far a guard is from its limit: 0 is where one more of the worst kind pauses the campaign."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.guard_distance import distance
from perks_engine.domain.guards import EligibleShare, GrantRate, Guard, SamePoint, Share, Tally, UnknownShare

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("guard", "tally", "far"),
    [
        (SamePoint(4), Tally(1, 1), 0.75),
        (SamePoint(4), Tally(4, 4), 0.0),
        (SamePoint(4), Tally(6, 6), -0.5),
        (GrantRate(0, HOUR), Tally(1, 1), -1.0),
        (UnknownShare(Share(at_most=0.1)), Tally(19, 19), 1.0),
        (UnknownShare(Share(at_most=0.1)), Tally(5, 100), 0.5),
        (UnknownShare(Share(at_most=0.1)), Tally(50, 100), -1.0),
        (EligibleShare(Share(at_least=0.5)), Tally(75, 100), 0.5),
        (EligibleShare(Share(off_preview=0.1)), Tally(50, 100), 1 / 6),
    ],
)
def test_what_is_left_of_the_way(guard: Guard, tally: Tally, far: float) -> None:
    assert distance(guard, tally, Tally(1, 2)) == pytest.approx(far)


SHARES = st.integers(1, 99).map(lambda part: part / 100)


@given(SHARES, st.integers(20, 500), st.integers(0, 500), st.booleans())
def test_below_zero_is_what_pauses(bound: float, total: int, hits: int, from_below: bool) -> None:
    share = Share(at_least=bound) if from_below else Share(at_most=bound)
    guard, tally = UnknownShare(share), Tally(min(hits, total), total)
    far = distance(guard, tally)
    if abs(far) > 1e-9:
        assert (far < 0) is guard.is_left(tally)
