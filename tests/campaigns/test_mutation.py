"""A slip in a rule is caught by an example, or it is named: which slips there are, and what catches them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from perks_engine.bootstrap import RuleBook, packaged
from perks_engine.campaigns.campaign_file import CampaignFile
from perks_engine.campaigns.mutation import mutants, run_mutants, survivors
from perks_engine.domain.compiled import compile_rule
from perks_engine.domain.explain import explain
from perks_engine.domain.rules import About, AllOf, DayIn, Rule, conditions
from tests.campaigns.reading import ruled
from tests.domain.zones import ATLAS
from tests.strategies import Case, cases

OF_AGE = ruled("all: [{opted_in: perks}, {age: {at_least: 18}}]")
EIGHTEEN_TODAY = "{name: eighteen today, person: {opted_in: [perks], born_on: 2009-03-01}, verdict: eligible}"
TOMORROW = "{name: tomorrow, person: {opted_in: [perks], born_on: 2009-03-02}, verdict: ineligible}"
THIRTY = "{name: thirty, person: {opted_in: [perks], born_on: 1997-03-01}, verdict: eligible}"
NO_OPT_IN = "{name: no opt-in, person: {born_on: 1997-03-01}, verdict: ineligible}"
SAMPLES = sorted((packaged("rules") / "campaigns").glob("*.yaml"))


def read(book: RuleBook, text: str, *examples: str) -> CampaignFile:
    lines = "".join(f"  - {one}\n" for one in examples)
    return book.reader.read((text + (f"examples:\n{lines}" if examples else "")).encode(), "box.yaml")


def left(book: RuleBook, text: str, *examples: str) -> list[str]:
    found = survivors(read(book, text, *examples), book.atlas, book.catalogue)
    return [mutant.description for mutant in found]


def slips(book: RuleBook, rule: str) -> list[str]:
    found = mutants(read(book, ruled(rule)).campaign.eligibility, book.catalogue)
    return [mutant.description for mutant in found]


def test_examples_on_the_bound_and_beside_it_catch_every_slip(book: RuleBook) -> None:
    file = read(book, OF_AGE, EIGHTEEN_TODAY, TOMORROW, NO_OPT_IN)
    caught = run_mutants(file, book.atlas, book.catalogue)
    assert [(result.mutant.description, result.caught_by) for result in caught] == [
        ("any one instead of all of: an opt-in to, age", "tomorrow"),
        ("without the condition: an opt-in to: perks", "no opt-in"),
        ("without the condition: age of at least 18", "tomorrow"),
        ("age: at least 17 instead of at least 18", "tomorrow"),
        ("age: at least 19 instead of at least 18", "eighteen today"),
    ]


def test_nobody_on_the_bound_leaves_one_slip(book: RuleBook) -> None:
    file = read(book, OF_AGE, THIRTY, TOMORROW, NO_OPT_IN)
    [survivor] = survivors(file, book.atlas, book.catalogue)
    assert survivor.description == "age: at least 19 instead of at least 18"
    assert survivor.condition == conditions(file.campaign.eligibility)[1]


def test_without_examples_every_slip_is_left(book: RuleBook) -> None:
    assert len(left(book, OF_AGE)) == 5


def test_an_example_catches_by_its_reason_too(book: RuleBook) -> None:
    """Without the age in the rule she stays ineligible, but not for her age."""
    child = "name: a child, person: {opted_in: [], born_on: 2017-03-01}, verdict: ineligible"
    forgotten = "without the condition: age of at least 18"
    assert forgotten in left(book, OF_AGE, f"{{{child}}}")
    assert forgotten not in left(book, OF_AGE, f"{{{child}, because: born_on.below}}")


def test_a_slip_that_would_be_refused_with_the_file_needs_no_example(book: RuleBook) -> None:
    """Without the opt-in, or with any one of the two, it would grant to somebody of whom nothing is known."""
    text = ruled("all: [{opted_in: perks}, {not: {relation_to_brand: employee}}]")
    assert left(book, text) == [
        "without the 'not' and the condition: relation to the brand: employee",
        "the 'not' removed from relation to the brand",
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            "score: {between: [50, 100], source: [reach], max_age: 30d}",
            [
                "score: more than 50 instead of at least 50",
                "score: less than 100 instead of at most 100",
                "score: also where it is only claimed",
                "score: from any source instead of from reach",
                "score: however old instead of at most 30 days old",
            ],
        ),
        (
            "score: {at_least: 50, max_age: {reach: 30d}}",
            [
                "score: more than 50 instead of at least 50",
                "score: from reach at most 90 days old instead of at most 30 days old",
                "score: however old instead of at most 90 days old",
            ],
        ),
        # Nobody can claim an age: the catalogue names its sources.
        (
            "age: {between: [0, 17], source: [profile, verified_document]}",
            [
                "age: at least 1 instead of at least 0",
                "age: at most 16 instead of at most 17",
                "age: at most 18 instead of at most 17",
                "age: no longer from profile",
                "age: no longer from verified document",
            ],
        ),
        (
            "earlier_receipts: {from: this_brand, at_least: 1, within: 180d}",
            [
                "earlier receipts: at least 0 instead of at least 1",
                "earlier receipts: at least 2 instead of at least 1",
                "earlier receipts: however long ago instead of within 180 days",
            ],
        ),
        (
            "topics: {any_of: [music, food]}",
            [
                "topics: music and food instead of music or food",
                "topics: without music",
                "topics: without food",
            ],
        ),
        (
            "creator_tier: [silver, gold]",
            [
                "creator tier: without silver",
                "creator tier: without gold",
                "creator tier: however old instead of at most 180 days old",
            ],
        ),
        (
            "verified_creator: true",
            [
                "verified creator: no instead of yes",
                "verified creator: from any source instead of from platform check",
                "verified creator: however old instead of at most 365 days old",
            ],
        ),
        # A claim places nobody in a circle, accepted or not: no slip to be caught.
        (
            "location: {within: 60 km, of: [38.7, -9.1], accept: [device], max_age: 3d}",
            [
                "location: a radius of 120 km instead of 60 km",
                "location: a radius of 30 km instead of 60 km",
                "location: from any source instead of from device",
                "location: however old instead of at most 3 days old",
            ],
        ),
        (
            "location: {country: [US, CA], accept: [ip], max_age: 1d}",
            [
                "location: without US",
                "location: without CA",
                "location: also where it is only claimed",
                "location: from any source instead of from ip",
                "location: however old instead of at most 1 day old",
            ],
        ),
        (
            "location: {postal_code: [606*, '60707', '60601'], accept: [verified_address], max_age: 90d}",
            [
                "location: without the postal code 60707",
                "location: without the postal codes 606*",
                "location: from any source instead of from verified address",
                "location: however old instead of at most 90 days old",
            ],
        ),
    ],
)
def test_the_slips_in_a_condition(book: RuleBook, condition: str, expected: list[str]) -> None:
    assert slips(book, condition) == expected


def test_the_slips_in_a_range_of_days(book: RuleBook) -> None:
    condition = DayIn(About("joined_on", "day of joining"), date(2026, 1, 1), date(2026, 6, 30))
    assert [
        one.description.removeprefix("day of joining: ") for one in mutants(condition, book.catalogue)
    ] == [
        "on or after 2025-12-31 instead of 2026-01-01",
        "on or after 2026-01-02 instead of 2026-01-01",
        "on or before 2026-06-29 instead of 2026-06-30",
        "on or before 2026-07-01 instead of 2026-06-30",
    ]


def test_the_slips_in_how_conditions_are_joined(book: RuleBook) -> None:
    rule = "at_least: 2\nof: [{opted_in: perks}, {topics: food}, {any: [{language: pt}, {platforms: x}]}]"
    assert slips(book, rule) == [
        "at least 1 instead of at least 2 of: an opt-in to, topics, language, platforms",
        "at least 3 instead of at least 2 of: an opt-in to, topics, language, platforms",
        "without the condition: an opt-in to: perks",
        "without the condition: topics: food",
        "without the group of: language, platforms",
        "all instead of any one of: language, platforms",
        "without the condition: language: pt",
        "without the condition: platforms: x",
    ]


@settings(max_examples=50)
@given(cases())
def test_every_slip_makes_another_rule_that_can_be_executed(book: RuleBook, case: Case) -> None:
    for mutant in mutants(case.rule, book.catalogue):
        assert mutant.rule != case.rule
        assert mutant.condition is None or mutant.condition in conditions(case.rule)
        assert _has_no_empty_group(mutant.rule), mutant.description
        verdict = compile_rule(mutant.rule, ATLAS).verdict(case.person, case.now)
        assert verdict is explain(mutant.rule, case.person, case.now, ATLAS).verdict


def _has_no_empty_group(rule: Rule) -> bool:
    inner: tuple[Rule, ...] | None = getattr(rule, "rules", None)
    return inner is None or (inner != () and all(map(_has_no_empty_group, inner)))


def test_a_slip_deep_in_a_rule_leaves_the_rest_as_it_is(book: RuleBook) -> None:
    rule = read(book, OF_AGE).campaign.eligibility
    assert isinstance(rule, AllOf)
    shifted = next(
        one for one in mutants(rule, book.catalogue) if one.description.startswith("age: at least 19")
    )
    assert isinstance(shifted.rule, AllOf)
    assert shifted.rule.rules[0] == rule.rules[0]
    assert [one.low for one in conditions(shifted.rule) if one.kind == "age_in"] == [19]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_catch_every_slip(book: RuleBook, sample: Path) -> None:
    """Each by an example of the file."""
    file = book.reader.read_file(sample)
    results = run_mutants(file, book.atlas, book.catalogue)
    names = {example.name for example in file.examples}
    assert results
    assert {result.caught_by for result in results} <= names


def test_three_examples_catch_the_loss_of_the_area_and_not_of_the_score(book: RuleBook) -> None:
    file = book.reader.read_file(packaged("rules") / "campaigns" / "phone-launch-nyc.yaml")
    file = replace(file, examples=file.examples[:3])
    results = run_mutants(file, book.atlas, book.catalogue)
    lost = {
        result.mutant.condition.about.attribute: result.caught_by
        for result in results
        if result.mutant.condition and result.mutant.description.startswith("without the condition: ")
    }
    assert (lost["location"], lost["score"]) == ("Birmingham, Alabama", "")
