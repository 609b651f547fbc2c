"""Guards by themselves: what each counts, and when what it counted is no longer healthy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.geography import Territory
from perks_engine.domain.guards import (
    AreaShare,
    Claimed,
    EligibleShare,
    GrantRate,
    Guard,
    NearEdgeShare,
    SamePoint,
    Share,
    SourceShare,
    Tally,
    UnknownShare,
)
from perks_engine.domain.rules import About, Accept, LocatedIn, Rule
from perks_engine.domain.verdict import Mark, Verdict

HOUR = timedelta(hours=1)
QUEENS = LocatedIn(About("location", "location"), Territory(("US-NY",), "Queens"))
ADDRESSES = Accept(("verified_address",))
BY_ADDRESS = LocatedIn(About("location", "location", accept=ADDRESSES), Territory(("US",), "the US"))


def claimed(
    verdict: Verdict = Verdict.ELIGIBLE,
    granted: bool = True,
    edge_m: float | None = None,
    point: str | None = None,
    mark: Callable[[Rule], Mark] = lambda _: Mark.UNKNOWN,
) -> Claimed:
    return Claimed(verdict, granted, edge_m, point, mark)


@pytest.mark.parametrize(
    ("healthy", "hits", "total", "is_left"),
    [
        (Share(at_most=0.05), 1, 20, False),
        (Share(at_most=0.05), 2, 20, True),
        (Share(at_most=0.29), 29, 100, False),
        (Share(at_most=0.07), 7, 100, False),
        (Share(at_most=0.07), 8, 100, True),
        (Share(at_most=0.0), 1, 1_000_000, True),
        (Share(at_least=0.3), 6, 20, False),
        (Share(at_least=0.3), 5, 20, True),
        (Share(at_most=0.6, at_least=0.2), 13, 20, True),
        (Share(at_most=0.6, at_least=0.2), 3, 20, True),
        (Share(at_most=0.6, at_least=0.2), 12, 20, False),
        (Share(at_most=1e-05), 1, 100_000, False),
        (Share(at_most=1e-05), 2, 100_000, True),
    ],
)
def test_a_share_is_compared_exactly(healthy: Share, hits: int, total: int, is_left: bool) -> None:
    """29 of 100 is at most 29 %, though 0.29 * 100 is 28.999999999999996."""
    assert UnknownShare(healthy).is_left(Tally(hits, total)) is is_left


def test_too_few_people_say_nothing_yet() -> None:
    assert not UnknownShare(Share(at_most=0.05)).is_left(Tally(19, 19))
    assert UnknownShare(Share(at_most=0.05)).is_left(Tally(20, 20))
    assert not UnknownShare(Share(at_most=0.05, after=100)).is_left(Tally(99, 99))
    assert UnknownShare(Share(at_most=0.05, after=1)).is_left(Tally(1, 1))


def test_a_share_is_compared_with_the_preview_it_was_approved_by() -> None:
    guard = EligibleShare(Share(off_preview=0.15))
    before = Tally(400, 1_000)
    assert not guard.is_left(Tally(55, 100), before)
    assert guard.is_left(Tally(56, 100), before)
    assert not guard.is_left(Tally(25, 100), before)
    assert guard.is_left(Tally(24, 100), before)
    assert str(guard.found_words(Tally(56, 100), before)) == (
        "56 of 100 people decided are eligible (56%; 40% in the preview)"
    )


def test_people_on_one_point_and_within_a_span_are_counts_and_no_shares() -> None:
    assert not SamePoint(5).is_left(Tally(5, 5))
    assert SamePoint(5).is_left(Tally(6, 6))
    assert not GrantRate(100, HOUR).is_left(Tally(100, 100))
    assert GrantRate(100, HOUR).is_left(Tally(101, 101))
    assert GrantRate(100, HOUR).is_left(Tally(90, 90), others=11)


SHARES = st.one_of(st.none(), st.integers(0, 1000).map(lambda part: part / 1000))
GUARDS = st.builds(
    lambda low, high, off, after: EligibleShare(Share(high, low, off, after=after)),
    *(SHARES, SHARES, SHARES, st.integers(1, 40)),
) | st.builds(GrantRate, st.integers(1, 60), st.just(HOUR))
TALLIES = st.integers(0, 60).flatmap(lambda total: st.builds(Tally, st.integers(0, total), st.just(total)))


@given(GUARDS, TALLIES, TALLIES, st.lists(st.booleans(), max_size=15))
def test_what_others_could_not_leave_no_others_leave(
    guard: Guard, tally: Tally, preview: Tally, others: list[bool]
) -> None:
    """Claims that are counted side by side do not see each other. Each may go its way only where no set of
    the others could make a difference."""
    if guard.is_left(tally, preview, len(others)):
        return
    for seen in range(len(others) + 1):
        some = others[:seen]
        together = Tally(tally.hits + sum(some), tally.total + len(some))
        assert not guard.is_left(together, preview)


@given(GUARDS, TALLIES, TALLIES, st.integers(1, 15))
def test_what_is_left_already_could_be_left_with_others(
    guard: Guard, tally: Tally, preview: Tally, others: int
) -> None:
    if guard.is_left(tally, preview):
        assert guard.is_left(tally, preview, others)


def test_decisions_are_counted_by_their_verdict() -> None:
    unknown, eligible = UnknownShare(Share(at_most=0.1)), EligibleShare(Share(at_most=0.1))
    for verdict in Verdict:
        claim = claimed(verdict, granted=False)
        assert unknown.count(claim).is_hit is (verdict is Verdict.UNKNOWN)
        assert eligible.count(claim).is_hit is (verdict is Verdict.ELIGIBLE)


def test_near_the_edge_is_closer_than_the_distance() -> None:
    guard = NearEdgeShare(1_000, Share(at_most=0.1))
    assert [guard.count(claimed(edge_m=edge_m)).is_hit for edge_m in (999.9, 1_000.0, None)] == [
        True,
        False,
        False,
    ]


def test_an_area_is_asked_for_as_the_rule_asks_for_its_own() -> None:
    guard = AreaShare(QUEENS, Share(at_most=0.5))
    answers = {Mark.MET: True, Mark.NOT_MET: False, Mark.UNKNOWN: False}
    for mark, is_hit in answers.items():
        asked: list[Rule] = []

        def answer(rule: Rule, mark: Mark = mark, asked: list[Rule] = asked) -> Mark:
            asked.append(rule)
            return mark

        assert guard.count(claimed(mark=answer)).is_hit is is_hit
        assert asked == [QUEENS]


def test_evidence_from_a_source_and_from_it_alone() -> None:
    some = SourceShare(BY_ADDRESS, ("verified_address",), Share(at_least=0.3))
    alone = SourceShare(BY_ADDRESS, ("device",), Share(at_most=0.3), alone=True)
    for mark, has_an_address in ((Mark.MET, True), (Mark.NOT_MET, True), (Mark.UNKNOWN, False)):
        claim = claimed(mark=lambda _, mark=mark: mark)
        assert some.count(claim).is_hit is has_an_address
        assert alone.count(claim).is_hit is not has_an_address


def test_who_is_on_no_point_is_on_none_with_others() -> None:
    assert SamePoint(5).count(claimed(point=None)) is None
    found = SamePoint(5).count(claimed(point="40.0,-73.0"))
    assert found is not None
    assert (found.is_hit, found.key) == (True, "40.0,-73.0")


@pytest.mark.parametrize(
    ("guard", "healthy", "found"),
    [
        (
            UnknownShare(Share(at_most=0.05, over=HOUR)),
            "of those decided within 1 hour, at most 5% are unknown",
            "7 of 60 people decided within 1 hour are unknown (11.7%)",
        ),
        (
            EligibleShare(Share(0.6, 0.2, after=1_000)),
            "of those decided, from 20% to 60% are eligible, once 1,000 people are counted",
            "7 of 60 people decided are eligible (11.7%), too few to say before 1,000",
        ),
        (
            EligibleShare(Share(off_preview=0.01)),
            "of those decided, as many as in the preview, give or take 1 point, are eligible",
            "7 of 60 people decided are eligible (11.7%; 50% in the preview)",
        ),
        (
            NearEdgeShare(1_000, Share(0.1)),
            "of those granted, at most 10% are within 1 km of the edge",
            "7 of 60 people granted are within 1 km of the edge (11.7%)",
        ),
        (
            AreaShare(QUEENS, Share(at_least=0.125)),
            "of those granted, at least 12.5% are inside Queens",
            "7 of 60 people granted are inside Queens (11.7%)",
        ),
        (
            SourceShare(BY_ADDRESS, ("verified_address", "device"), Share(0.4), alone=True),
            "of those granted, at most 40% have their location from verified address or device only",
            "7 of 60 people granted have their location from verified address or device only (11.7%)",
        ),
        (SamePoint(5), "at most 5 people granted on one point", "60 people were granted on the point here"),
        (
            GrantRate(1_000, HOUR),
            "at most 1,000 people granted within 1 hour",
            "60 people were granted within 1 hour",
        ),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_the_words_have_the_numbers(guard: Guard, healthy: str, found: str) -> None:
    assert str(guard.healthy_words()) == healthy
    assert str(guard.found_words(Tally(7, 60), Tally(5, 10), "here")) == found


def test_before_anybody_was_counted() -> None:
    assert str(UnknownShare(Share(0.05)).found_words(Tally())) == "0 of 0 people decided are unknown"
    assert str(SamePoint(5).found_words(Tally())) == "0 people were granted on one point"
