"""What another version of a campaign means, in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from perks_engine.domain.campaign import Campaign, Connection, PerkKind
from perks_engine.domain.change_meaning import change_meaning
from perks_engine.domain.guards import SamePoint
from perks_engine.domain.money import Money
from perks_engine.domain.rules import AllOf
from tests.domain.test_changes import OLDER, PHONE, SCORE

SAME_RULE = "Who may claim stays as it is: nothing is different in the rule."
PERK, DAYS, DUTY = PHONE.perk, PHONE.window, PHONE.disclosure


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (replace(PHONE, perk=replace(PERK, quantity=600)), "Units: 600 in place of 500, 100 more."),
        (replace(PHONE, perk=replace(PERK, quantity=450)), "Units: 450 in place of 500, 50 fewer."),
        (replace(PHONE, perk=replace(PERK, per_person=2)), "One person may have 2, in place of 1."),
        (
            replace(PHONE, perk=replace(PERK, reservation=timedelta(hours=12))),
            "A granted unit is kept for 12 hours, in place of 2 days, before it is free again.",
        ),
        (
            replace(PHONE, window=replace(DAYS, opens_at=DAYS.opens_at + timedelta(hours=3))),
            "It opens 3 hours later: 2026-12-01, 17:00 UTC, in place of 2026-12-01, 14:00 UTC.",
        ),
        (
            replace(PHONE, window=replace(DAYS, closes_at=DAYS.closes_at - timedelta(days=2))),
            "It closes 2 days earlier: 2026-12-13, 00:00 UTC, in place of 2026-12-15, 00:00 UTC.",
        ),
        (replace(PHONE, title="Phones"), "People see another title: “Phones”, in place of “The new phone”."),
        (
            replace(PHONE, perk=replace(PERK, name="Two", kind=PerkKind.CODE)),
            "They receive “Two”, in place of “Northwind One”. It is of another kind: a code, in place of an",
        ),
        (
            replace(PHONE, perk=replace(PERK, fair_market_value=Money(39_900, "USD"))),
            "Its value is 399.00 USD, in place of 449.00 USD, as it is told to people",
        ),
        (
            replace(PHONE, disclosure=replace(DUTY, connection=Connection.PRIZE, acknowledge_first=True)),
            "People disclose something else: that they won a prize, in place of that they received an item. ",
        ),
        (
            replace(PHONE, disclosure=replace(DUTY, instruct="other")),
            "They are told how to disclose by",
        ),
        (replace(PHONE, promotion_allowed=False), "Promotions that show people are no longer allowed."),
        (replace(PHONE, approval_required=True), "Each granted claim is looked at by the brand"),
        (
            replace(PHONE, feedback_after=timedelta(days=3)),
            "They are asked how they like it 3 days after receipt.",
        ),
        (replace(PHONE, guards=()), "A guard is gone: at most 5 people granted on one point."),
        (
            replace(PHONE, guards=(SamePoint(3), SamePoint(5))),
            "A guard is there that was not: at most 3 people granted on one point.",
        ),
    ],
)
def test_each_thing_has_its_sentence(new: Campaign, said: str) -> None:
    told = " ".join(map(str, change_meaning(PHONE, new)))
    assert told.startswith(said)
    assert told.endswith(SAME_RULE)
    back = " ".join(map(str, change_meaning(new, PHONE)))
    assert back.endswith(SAME_RULE)
    assert back not in (told, SAME_RULE)


def test_another_rule_is_told_last() -> None:
    [told] = change_meaning(PHONE, replace(PHONE, eligibility=AllOf((OLDER, SCORE))))
    assert str(told) == "Who may claim can change: the rule is different."
