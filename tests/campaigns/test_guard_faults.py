"""What is wrong with a campaign's guards: where, what, what was expected, and what was probably meant."""

from __future__ import annotations

import pytest

from tests.campaigns.reading import CAMPAIGN, Faults, changed

KINDS = "one of unknown_share, eligible_share, near_edge_share, area_share, source_share, same_point, grants"
SHARE = "expected a share such as 5%"
POINTS = "expected percentage points such as 15 points"
ATTRIBUTES = (
    "one of born_on, location, score, country, language, topics, platforms, followers, verified_creator, "
    "completed_campaigns, creator_tier"
)

FAULTS = [
    (
        "unknown_share: {at_most: 0.05, over: 1h}",
        f"23:30: guards[0].unknown_share.at_most: found the number 0.05; {SHARE}",
    ),
    (
        "unknown_share: {at_most: 120%, over: 1h}",
        f"23:30: guards[0].unknown_share.at_most: '120%' is more than the whole; {SHARE}",
    ),
    (
        "unknown_share: {over: 1h}",
        "23:20: guards[0].unknown_share: asks for nothing; expected at least one of at_most, off_preview",
    ),
    (
        "unknown_share: {at_most: 5%, after: 0}",
        (
            "23:41: guards[0].unknown_share.after: 0 is out of range; "
            "expected a number of people from 1 to 1,000,000"
        ),
    ),
    (
        "unknown_share: {at_most: 100%}",
        "23:20: guards[0].unknown_share: every share is healthy; expected a share that it may not leave",
    ),
    (
        "eligible_share: {at_most: 20%, at_least: 60%}",
        (
            "23:46: guards[0].eligible_share.at_least: no share is both this large and that small; "
            "expected at_least below at_most"
        ),
    ),
    (
        "eligible_share: {off_preview: 15%}",
        (
            "23:35: guards[0].eligible_share.off_preview: '15%' is a share and no difference of two; "
            f"{POINTS}; did you mean '15 points'?"
        ),
    ),
    (
        "eligible_share: {off_preview: 0 points}",
        (
            "23:35: guards[0].eligible_share.off_preview: "
            f"'0 points' is no difference that two shares can have; {POINTS}"
        ),
    ),
    (
        "near_edge_share: {within: 1, at_most: 10%}",
        (
            "23:31: guards[0].near_edge_share.within: found the number 1; "
            "expected a distance such as 30 m, 2.5 km or 25 mi"
        ),
    ),
    (
        "near_edge_share: {within: 0 km, at_most: 10%}",
        (
            "23:31: guards[0].near_edge_share.within: nobody is that near; "
            "expected a distance above 0, such as 1 km"
        ),
    ),
    (
        "near_edge_share: {within: 1 km}",
        "23:22: guards[0].near_edge_share: the key 'at_most' is missing; expected the largest healthy share",
    ),
    (
        "area_share: {at_most: 10%}",
        (
            "23:17: guards[0].area_share: has none of inside, within, region, country, postal_code; "
            "expected exactly one of inside, within, region, country, postal_code"
        ),
    ),
    (
        "area_share: {inside: areas/nyc, at_most: 10%}",
        (
            "23:26: guards[0].area_share.inside: there is no area 'areas/nyc'; "
            "expected one of areas/nyc_boroughs; did you mean 'areas/nyc_boroughs'?"
        ),
    ),
    (
        "source_share: {from: ip, at_most: 10%}",
        (
            "23:26: guards[0].source_share.from: the campaign's rule does not accept 'ip' for location; "
            "expected one of device"
        ),
    ),
    (
        "source_share: {only_from: device, at_most: 10%}",
        (
            "23:31: guards[0].source_share.only_from: the rule accepts no other source; "
            "expected fewer sources here, or more in the rule"
        ),
    ),
    (
        "source_share: {of: scores, from: reach, at_most: 10%}",
        f"23:24: guards[0].source_share.of: found 'scores'; expected {ATTRIBUTES}; did you mean 'score'?",
    ),
    (
        "source_share: {of: score, from: reach, at_most: 10%}",
        "23:24: guards[0].source_share.of: the campaign asks nobody for 'score'; expected one of location",
    ),
    (
        "same_point: 5",
        "23:17: guards[0].same_point: found the number 5; expected a mapping with at_most",
    ),
    (
        "grants: {at_most: 100}",
        "23:13: guards[0].grants: the key 'over' is missing; expected the span that is looked at, such as 1h",
    ),
    (
        "same_pint: {at_most: 5}",
        f"23:5: guards[0]: unknown key 'same_pint'; expected {KINDS}; did you mean 'same_point'?",
    ),
]


@pytest.mark.parametrize(("guard", "message"), FAULTS, ids=[guard for guard, _ in FAULTS])
def test_a_fault(faults: Faults, guard: str, message: str) -> None:
    assert f"box.yaml:{message}" in faults(f"{CAMPAIGN}guards:\n  - {guard}\n")


def test_the_same_guard_twice(faults: Faults) -> None:
    [found] = faults(f"{CAMPAIGN}guards:\n  - same_point: {{at_most: 5}}\n  - same_point: {{at_most: 5}}\n")
    assert found.startswith("box.yaml:24:5: guards[1]: ")
    assert found.endswith("stands here twice; expected each once")


@pytest.mark.parametrize(
    "guard",
    [
        "same_point: {at_most: 5}",
        "near_edge_share: {within: 1 km, at_most: 5%}",
        "area_share: {country: US, at_most: 5%}",
    ],
)
def test_a_guard_on_a_location_that_nobody_is_asked_for(faults: Faults, guard: str) -> None:
    kind = guard.partition(":")[0]
    nowhere = changed("    - location: {inside: areas/nyc_boroughs, accept: [device]}\n", "")
    [found] = faults(f"{nowhere}guards:\n  - {guard}\n")
    assert found.endswith(
        f"guards[0].{kind}: the campaign asks nobody for a location; "
        f"expected a condition on location in eligibility, or no {kind}"
    )


def test_the_edge_of_a_country_is_not_measured(faults: Faults) -> None:
    abroad = changed("inside: areas/nyc_boroughs", "country: US")
    [found] = faults(f"{abroad}guards:\n  - near_edge_share: {{within: 1 km, at_most: 5%}}\n")
    assert "how far people are from the edge is measured for areas and circles only" in found


def test_a_sound_list(faults: Faults) -> None:
    guards = """guards:
  - unknown_share: {at_most: 5%, off_preview: 10 points, over: 1h, after: 50}
  - eligible_share: {at_least: 10%, at_most: 60.5%}
  - near_edge_share: {within: 1 km, at_most: 10%, over: 2d}
  - area_share: {within: 5 km, of: [40.7, -74.0], off_preview: 1 point}
  - area_share: {postal_code: [100*, "10301"], postal_country: US, at_least: 5%}
  - source_share: {from: [device], at_least: 5%}
  - same_point: {at_most: 5}
  - grants: {at_most: 100, over: 1h}
"""
    assert faults(CAMPAIGN + guards) == []
