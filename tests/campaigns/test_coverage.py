"""Each condition is to be seen met, not met and unknown; what no example shows is asked for in a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from perks_engine.bootstrap import RuleBook, packaged
from perks_engine.campaigns.coverage import Coverage, coverage, suggest
from perks_engine.campaigns.examples import run_examples
from perks_engine.domain.rules import About, DayIn, conditions
from perks_engine.domain.verdict import Mark
from tests.campaigns.reading import CAMPAIGN, ruled

IN_BROOKLYN = "location: {device: [40.6782, -73.9442], radius: 30 m}"
IN_ALABAMA = "location: {device: [33.5186, -86.8104], radius: 30 m}"


def covered(book: RuleBook, text: str, *people: str) -> Coverage:
    """What these people show of the rule; whether their verdicts are right is another question."""
    lines = [f"  - {{name: p{n}, person: {{{one}}}, verdict: unknown}}\n" for n, one in enumerate(people)]
    examples = "".join(["examples:\n", *lines]) if people else ""
    file = book.reader.read((text + examples).encode(), "box.yaml")
    return coverage(file.campaign.eligibility, run_examples(file, book.atlas), book.catalogue)


def asked(found: Coverage) -> list[str]:
    return [str(one.suggestion) for one in found.missing]


def test_without_examples_everything_is_missing(book: RuleBook) -> None:
    found = covered(book, CAMPAIGN)
    assert (found.seen, found.possible) == (0, 5)
    assert asked(found) == [
        "add somebody with an opt-in to: perks",
        "add somebody without an opt-in to: perks",
        (
            "add somebody with a location inside New York City (the five boroughs), "
            "from device (at most 1 day old)"
        ),
        (
            "add somebody with a location outside New York City (the five boroughs), "
            "from device (at most 1 day old)"
        ),
        "add somebody whose location nobody has measured",
    ]


def test_each_example_adds_the_marks_that_it_shows(book: RuleBook) -> None:
    one = covered(book, CAMPAIGN, f"opted_in: [perks], {IN_BROOKLYN}")
    assert [(mark.condition.about.attribute, mark.mark) for mark in one.missing] == [
        ("opted_in", Mark.NOT_MET),
        ("location", Mark.NOT_MET),
        ("location", Mark.UNKNOWN),
    ]
    three = covered(book, CAMPAIGN, f"opted_in: [perks], {IN_BROOKLYN}", "opted_in: []", IN_ALABAMA)
    assert (three.seen, three.missing) == (5, [])


def test_a_mark_is_that_of_the_condition_not_of_what_stands_around_it(book: RuleBook) -> None:
    text = ruled("all: [{opted_in: perks}, {not: {relation_to_brand: employee}}]")
    kin = covered(book, text, "opted_in: [perks], relation_to_brand: [employee]")
    assert asked(kin) == [
        "add somebody without an opt-in to: perks",
        "add somebody without relation to the brand: employee",
    ]


def test_two_conditions_on_one_attribute_are_told_apart(book: RuleBook) -> None:
    text = ruled("""
        all:
          - opted_in: perks
          - earlier_receipts: {from: this_campaign, at_most: 0}
          - earlier_receipts: {from: this_brand, at_most: 2, within: 180d}
    """)
    assert asked(covered(book, text, "opted_in: [perks]", "opted_in: []")) == [
        "add somebody with earlier receipts above 0, from the campaign spring-box",
        "add somebody with earlier receipts above 2 within 180 days, from the brand sample-brand",
    ]


@pytest.mark.parametrize(
    ("condition", "not_met", "unknown"),
    [
        (
            "score: {at_least: 50}",
            "add somebody with score below 50, at most 90 days old",
            "add somebody with no score on record",
        ),
        (
            "score: {between: [50, 90], source: [reach], max_age: 30d}",
            "add somebody with score below 50 or above 90, from reach (at most 30 days old)",
            "add somebody with no score on record",
        ),
        ("age: {at_most: 30}", "add somebody with age above 30", "add somebody with no age on record"),
        (
            "followers: {platform: instagram, at_least: 10000, max_age: 7d}",
            "add somebody with followers on instagram below 10000, at most 7 days old",
            "add somebody with no followers on instagram on record",
        ),
        (
            "topics: {any_of: [music, food]}",
            "add somebody without topics: music or food",
            "add somebody with no topics on record",
        ),
        (
            "topics: {all_of: [music, food]}",
            "add somebody without all of topics: music and food",
            "add somebody with no topics on record",
        ),
        (
            "verified_creator: true",
            "add somebody without verified creator: yes, from platform check (at most 365 days old)",
            "add somebody with no verified creator on record",
        ),
        (
            "location: {country: CA, accept: [ip], max_age: 1d}",
            "add somebody with a location outside CA, from ip (at most 1 day old)",
            "add somebody whose location nobody has measured",
        ),
        (
            "location: {postal_code: [606*, '60707'], accept: [verified_address], max_age: 90d}",
            (
                "add somebody with a postal code other than 60707 or 606* (US), "
                "from verified address (at most 90 days old)"
            ),
            "add somebody with no postal code on record",
        ),
    ],
)
def test_who_is_to_be_added(book: RuleBook, condition: str, not_met: str, unknown: str) -> None:
    assert asked(covered(book, ruled(condition)))[1:] == [not_met, unknown]


def test_a_day_has_a_before_and_an_after() -> None:
    condition = DayIn(About("joined_on", "day of joining"), date(2026, 1, 1), date(2026, 6, 30))
    assert str(suggest(condition, Mark.NOT_MET)) == (
        "add somebody with day of joining before 2026-01-01 or after 2026-06-30"
    )


@pytest.mark.parametrize("all_there_is", ["score: {between: [0, 100]}", "age: {at_least: 0}"])
def test_nobody_is_asked_for_who_cannot_be(book: RuleBook, all_there_is: str) -> None:
    [met, unknown] = covered(book, ruled(all_there_is)).missing
    assert (met.mark, unknown.mark) == (Mark.MET, Mark.UNKNOWN)


def test_three_examples_of_the_phone_campaign_show_nine_of_nineteen_marks(book: RuleBook) -> None:
    file = book.reader.read_file(packaged("rules") / "campaigns" / "phone-launch-nyc.yaml")
    file = replace(file, examples=file.examples[:3])
    rule = file.campaign.eligibility
    found = coverage(rule, run_examples(file, book.atlas), book.catalogue)
    assert [one.condition for one in found.conditions] == conditions(rule)
    assert (found.seen, found.possible) == (9, 19)
    complete = [one.condition.about.attribute for one in found.conditions if not one.missing]
    assert complete == ["location"]
