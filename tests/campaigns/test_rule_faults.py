"""A rule that cannot mean what its writer meant is refused when it is loaded."""

from __future__ import annotations

import pytest

from tests.campaigns.reading import Faults, ruled

KEYS = (
    "expected one of all, any, not, at_least, opted_in, age, location, score, country, language, topics, "
    "platforms, followers, relation_to_brand, blocked_by, earlier_receipts, verified_creator, "
    "completed_campaigns, creator_tier"
)
NOBODY_KNOWN = "the rule would grant to somebody of whom nothing is known"
TOO_COARSE = "cannot place anybody in something smaller than a country; expected device or verified_address"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        pytest.param(
            "scroe: {at_least: 50}",
            "box.yaml:15:3: eligibility.scroe: unknown condition or attribute 'scroe'; "
            f"{KEYS}; did you mean 'score'?",
            id="unknown attribute",
        ),
        pytest.param(
            "shoe_size: {at_least: 43}",
            "box.yaml:15:3: eligibility.shoe_size: unknown condition or attribute 'shoe_size'; " + KEYS,
            id="unknown attribute that is like no other",
        ),
        pytest.param(
            "at_least 2 of: [{opted_in: perks}, {country: US}]",
            "box.yaml:15:3: eligibility.at_least 2 of: unknown condition or attribute 'at_least 2 of'; "
            f"{KEYS}; write at_least: 2, and the list below of:",
            id="at_least as it is spoken",
        ),
        pytest.param(
            "at_least: 3\nof: [{opted_in: perks}, {country: US}]",
            "box.yaml:15:13: eligibility.at_least: found the number 3; "
            "expected a whole number from 1 to 2, as many as `of` has at most",
            id="three of two",
        ),
        pytest.param(
            "at_least: 2",
            "box.yaml:15:3: eligibility: has at_least without of; expected of: with a list of conditions",
            id="at_least of nothing",
        ),
        pytest.param(
            "opted_in: perks\ncountry: US",
            "box.yaml:16:3: eligibility: several keys in one condition: opted_in, country; "
            "expected one condition in each list item; put them below `all:`, each with a leading '- '",
            id="two conditions without all",
        ),
        pytest.param(
            "all: []",
            "box.yaml:15:8: eligibility.all: the list is empty; expected at least one condition",
            id="all of nothing",
        ),
        pytest.param(
            "any: {opted_in: perks}",
            "box.yaml:15:8: eligibility.any: found a mapping; expected a list of conditions",
            id="any of a mapping",
        ),
        pytest.param(
            "score: {between: [80, 20]}",
            "box.yaml:15:10: eligibility.score: the range from 80 to 20 is empty; "
            "expected the lower value first",
            id="empty range",
        ),
        pytest.param(
            "score: {at_least: 120}",
            "box.yaml:15:21: eligibility.score.at_least: 120 is out of range; "
            "expected a number from 0 to 100",
            id="a score that there is not",
        ),
        pytest.param(
            "age: {}",
            "box.yaml:15:8: eligibility.age: asks for nothing; "
            "expected at least one of at_least, at_most, between",
            id="any age",
        ),
        pytest.param(
            "followers: {at_least: 100}",
            "box.yaml:15:14: eligibility.followers: the key 'platform' is missing; "
            "expected the platform that is asked about",
            id="followers of no platform",
        ),
        pytest.param(
            "creator_tier: [silver, glod]",
            "box.yaml:15:26: eligibility.creator_tier[1]: found 'glod'; "
            "expected one of bronze, silver, gold; did you mean 'gold'?",
            id="a value that there is not",
        ),
        pytest.param(
            "creator_tier: {any_of: gold, max_age: {partner_dsek: 30d}}",
            "box.yaml:15:42: eligibility.creator_tier.max_age.partner_dsek: found 'partner_dsek'; "
            "expected one of partner_desk; did you mean 'partner_desk'?",
            id="a misspelt source in max_age",
        ),
        pytest.param(
            "location: {country: US, max_age: {verified_adress: 30d}}",
            "box.yaml:15:37: eligibility.location.max_age.verified_adress: found 'verified_adress'; "
            "expected one of device, verified_address, ip, claimed; did you mean 'verified_address'?",
            id="a misspelt source in the max_age of a location",
        ),
        pytest.param(
            "location: {country: US, accept: [gps]}",
            "box.yaml:15:36: eligibility.location.accept[0]: found 'gps'; "
            "expected one of device, verified_address, ip, claimed",
            id="a source that there is not",
        ),
    ],
)
def test_a_condition(faults: Faults, rule: str, message: str) -> None:
    assert faults(ruled(rule)) == [message]


@pytest.mark.parametrize(
    "rule",
    [
        "not: {relation_to_brand: [employee, kin]}",
        "earlier_receipts: {from: this_brand, at_most: 0}",
        "any: [{opted_in: perks}, {not: {blocked_by: brand}}]",
        "not: {all: [{topics: [food]}, {blocked_by: brand}]}",
        "at_least: 2\nof: [{opted_in: perks}, {not: {blocked_by: brand}}, {not: {blocked_by: engine}}]",
    ],
)
def test_a_rule_that_grants_on_missing_evidence(faults: Faults, rule: str) -> None:
    """The engine's own registers know what is not in them; a rule of nothing else lets everybody in."""
    assert faults(ruled(rule)) == [
        (
            f"box.yaml:15:3: eligibility: {NOBODY_KNOWN}; "
            "expected at least one condition that evidence must meet, such as opted_in: perks"
        )
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "opted_in: perks",
        "not: {topics: [food]}",
        "all: [{country: US}, {not: {blocked_by: brand}}]",
        "any: [{country: US}, {not: {score: {at_most: 20}}}]",
    ],
)
def test_a_rule_that_waits_for_evidence(faults: Faults, rule: str) -> None:
    assert faults(ruled(rule)) == []


@pytest.mark.parametrize(
    ("rule", "place", "weak"),
    [
        ("{inside: areas/nyc_boroughs, accept: [device, claimed]}", "15:50", "claimed"),
        ("{within: 25 mi, of: 'Albany, NY', accept: ip}", "15:55", "ip"),
        ("{region: US-NY, accept: [claimed, ip]}", "15:37", "claimed and ip"),
        ("{postal_code: 100*, accept: [ip]}", "15:41", "ip"),
    ],
)
def test_a_weak_source_for_a_small_area(faults: Faults, rule: str, place: str, weak: str) -> None:
    """What somebody says, or their IP address, does not place them in a city."""
    assert faults(ruled(f"location: {rule}")) == [
        f"box.yaml:{place}: eligibility.location.accept: {weak} {TOO_COARSE}"
    ]


def test_an_ip_address_is_good_enough_for_a_country(faults: Faults) -> None:
    assert faults(ruled("location: {country: [US, CA], accept: [ip, claimed]}")) == []


def nested(depth: int) -> str:
    return "{not: " * (depth - 1) + "{opted_in: perks}" + "}" * (depth - 1)


def test_a_rule_is_nested_up_to_32_deep(faults: Faults) -> None:
    assert faults(ruled(f"any: [{nested(31)}]")) == []


@pytest.mark.parametrize("depth", [33, 60, 90])
def test_a_rule_nested_too_deep(faults: Faults, depth: int) -> None:
    [found] = faults(ruled(f"any: [{nested(depth)}]"))
    assert found.startswith("box.yaml:15:195: eligibility.any[0].not.not.")
    assert found.endswith(".not: the rule is nested more than 32 deep; expected a flatter rule")


def test_more_examples_than_a_large_rule_may_be_tried_with(faults: Faults) -> None:
    """Each condition is tried for each example, also while somebody writes."""
    conditions = ", ".join(f"{{opted_in: p{number}}}" for number in range(400))
    lines = [
        f"  - {{name: e{number}, person: {{opted_in: [p1]}}, verdict: unknown}}\n" for number in range(26)
    ]
    text = ruled(f"all: [{conditions}]") + "examples:\n"
    assert faults(text + "".join(lines[:25])) == []
    [found] = faults(text + "".join(lines))
    assert found.endswith(
        ": examples: 26 examples of a rule of 400 conditions; "
        "expected at most 10,000 of both multiplied: a smaller rule, or fewer examples"
    )


def test_a_rule_nested_by_aliases(faults: Faults) -> None:
    """Flat to look at, and as deep as the file has lines."""
    layers = "".join(f"\n  - &n{n} {{not: *n{n - 1}}}" for n in range(1, 41))
    found = faults(ruled("all:\n  - &n0 {opted_in: perks}" + layers))
    assert [one.split(": ", 2)[2] for one in found] == [
        "the rule is nested more than 32 deep; expected a flatter rule"
    ] * len(found)
    assert len(found) == 10


def test_a_rule_of_too_many_nodes(faults: Faults) -> None:
    """Said once, at the node that is one too many: `all` is the first, each condition another."""
    conditions = [f"{{opted_in: p{number}}}" for number in range(999)]
    assert faults(ruled(f"all: [{', '.join(conditions)}]")) == []

    lines = "\n".join(f"  - opted_in: p{number}" for number in range(1_500))
    assert faults(ruled(f"all:\n{lines}")) == [
        "box.yaml:1015:7: eligibility.all[999]: the rule has more than 1,000 nodes; expected a smaller rule"
    ]
