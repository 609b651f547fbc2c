"""What is different between two versions of a campaign, by path and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from perks_engine.domain.campaign import (
    Campaign,
    Connection,
    Disclosure,
    Perk,
    PerkKind,
    Window,
)
from perks_engine.domain.changes import Change, campaign_changes, example_changes, rule_changes
from perks_engine.domain.geography import AreaRef, Circle
from perks_engine.domain.guards import SamePoint, Share, UnknownShare
from perks_engine.domain.money import Money
from perks_engine.domain.rules import About, AgeIn, AllOf, AnyOf, LocatedIn, Not, NumberIn, Rule
from tests.strategies import rules

AGE = About("born_on", "age")
ADULT, OLDER = AgeIn(AGE, 18), AgeIn(AGE, 21)
SCORE, FOLLOWERS = NumberIn(About("score", "score"), 50.0), NumberIn(About("followers", "followers"), 1_000.0)
PHONE = Campaign(
    name="phone-launch",
    brand="northwind-phones",
    title="The new phone",
    perk=Perk(PerkKind.ITEM, "Northwind One", Money(44_900, "USD"), 500, 1, timedelta(hours=48)),
    window=Window(datetime(2026, 12, 1, 14, tzinfo=UTC), datetime(2026, 12, 15, tzinfo=UTC)),
    eligibility=AllOf((ADULT, SCORE)),
    disclosure=Disclosure(Connection.RECEIVED_ITEM, "templates/messages/disclosure_gift"),
    promotion_allowed=True,
    guards=(SamePoint(5),),
)


@pytest.mark.parametrize(
    ("changed", "path", "was", "now"),
    [
        ({"title": "A newer phone"}, "title", "The new phone", "A newer phone"),
        ({"perk": replace(PHONE.perk, quantity=1_300)}, "perk.quantity", "500", "1,300"),
        (
            {"perk": replace(PHONE.perk, fair_market_value=Money(39_900, "USD"))},
            *("perk.fair_market_value", "449.00 USD", "399.00 USD"),
        ),
        (
            {"perk": replace(PHONE.perk, reservation=timedelta(days=3))},
            "perk.reservation",
            "2 days",
            "3 days",
        ),
        (
            {"window": replace(PHONE.window, closes_at=datetime(2026, 12, 24, 9, 30, tzinfo=UTC))},
            *("window.closes", "2026-12-15 00:00 UTC", "2026-12-24 09:30 UTC"),
        ),
        ({"promotion_allowed": False}, "promotion.allowed", "yes", "no"),
        (
            {"disclosure": replace(PHONE.disclosure, connection=Connection.EARLY_ACCESS)},
            *("disclosure.connection", "received item", "early access"),
        ),
        (
            {"guards": (SamePoint(8),)},
            "guards.same_point",
            "at most 5 people granted on one point",
            "at most 8 people granted on one point",
        ),
    ],
)
def test_a_term_is_told_as_the_file_has_it(changed: dict[str, Any], path: str, was: str, now: str) -> None:
    assert campaign_changes(PHONE, replace(PHONE, **changed)) == [Change(path, was, now)]


def test_a_guard_that_goes_and_one_that_comes() -> None:
    other = replace(PHONE, guards=(UnknownShare(Share(at_most=0.05, over=timedelta(hours=1))),))
    assert campaign_changes(PHONE, other) == [
        Change("guards.same_point", "at most 5 people granted on one point", ""),
        Change("guards.unknown_share", "", "of those decided within 1 hour, at most 5% are unknown"),
    ]


def test_a_guard_that_begins_to_look_later() -> None:
    early, late = (replace(PHONE, guards=(UnknownShare(Share(0.05, after=few)),)) for few in (20, 50))
    was = "of those decided, at most 5% are unknown"
    assert campaign_changes(early, late) == [
        Change("guards.unknown_share", was, f"{was}, once 50 people are counted")
    ]


def test_conditions_by_their_place_in_the_rule() -> None:
    new = AllOf((AnyOf((SCORE, FOLLOWERS)), Not(OLDER)))
    assert rule_changes(AllOf((AnyOf((SCORE,)), Not(ADULT))), new) == [
        Change("eligibility.all[0].any[1]", "", "followers of at least 1,000"),
        Change("eligibility.all[1].not", "age of at least 18", "age of at least 21"),
    ]
    assert rule_changes(new, AllOf((AllOf((SCORE, FOLLOWERS)),))) == [
        Change("eligibility.all[0]", "any one of these", "all of these"),
        Change("eligibility.all[1]", "not: age of at least 21", ""),
    ]


def test_another_drawing_of_an_area_is_told_though_its_words_are_the_same() -> None:
    where = About("location", "location")
    old, new = (LocatedIn(where, AreaRef("areas/city", digit * 64, "the city")) for digit in "ab")
    [change] = rule_changes(old, new)
    assert change.old == "a location inside the city (zone.sha256 aaaaaaaaaaaa…)"
    assert change.new == "a location inside the city (zone.sha256 bbbbbbbbbbbb…)"
    here, there = (LocatedIn(where, Circle(40.0, lon, 100.0, "the square")) for lon in (-74.0, -75.0))
    [change] = rule_changes(here, there)
    assert (change.old, change.new) == (
        "a location inside the square (zone.lon -74)",
        "a location inside the square (zone.lon -75)",
    )


def test_another_order_is_a_difference_that_means_nothing() -> None:
    [change] = rule_changes(AllOf((ADULT, SCORE)), AllOf((SCORE, ADULT)))
    assert (change.old, change.new) == ("the same conditions", "in another order")


def test_examples_by_their_names() -> None:
    old, new = {"ana": "1", "ben": "2", "cleo": "3"}, {"ana": "1", "ben": "9", "dara": "4"}
    assert example_changes(old, new) == [
        Change("examples: ben", "there", "changed"),
        Change("examples: cleo", "there", ""),
        Change("examples: dara", "", "there"),
    ]


@given(rules(), rules())
def test_no_difference_of_two_rules_goes_untold(old: Rule, new: Rule) -> None:
    changes = rule_changes(old, new)
    assert bool(changes) == (old != new)
    assert all(one.old != one.new for one in changes)
