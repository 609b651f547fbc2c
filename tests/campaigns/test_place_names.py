"""A place in a rule is one place with a boundary, or the file is refused and names what there is."""

from __future__ import annotations

import pytest

from tests.campaigns.reading import Faults, ruled

ONE_PLACE = "expected one place, with its state or country"


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ("{within: 25 mi, of: Springfield}", "box.yaml:15:33: eligibility.location.of"),
        ("{inside: Springfield}", "box.yaml:15:22: eligibility.location.inside"),
    ],
)
def test_a_name_of_several_places_lists_them(faults: Faults, rule: str, where: str) -> None:
    [found] = faults(ruled(f"location: {rule}"))
    assert found.startswith(f"{where}: 'Springfield' fits several places; {ONE_PLACE}; did you mean ")
    for candidate in ("'Springfield, US-MO'", "'Springfield, US-MA'", "'Springfield, US-IL'"):
        assert candidate in found
    assert found.endswith(" more?")


def test_what_it_suggests_is_accepted(faults: Faults) -> None:
    assert faults(ruled("location: {within: 25 mi, of: 'Springfield, US-IL'}")) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        pytest.param(
            "{inside: areas/nyc_borough}",
            "box.yaml:15:22: eligibility.location.inside: there is no area 'areas/nyc_borough'; "
            "expected one of areas/nyc_boroughs; did you mean 'areas/nyc_boroughs'?",
            id="a misspelt area",
        ),
        pytest.param(
            "{inside: Atlantiss}",
            "box.yaml:15:22: eligibility.location.inside: no place is called 'Atlantiss'; "
            "expected a place, with its state or country",
            id="nowhere",
        ),
        pytest.param(
            "{inside: 'Newark, NJ'}",
            "box.yaml:15:22: eligibility.location.inside: no boundary is known for Newark, US-NJ; "
            "expected an area file below rules/areas, or a circle; write within: 25 mi, of: Newark, US-NJ",
            id="a city of which only the centre is known",
        ),
        pytest.param(
            "{region: US-ZZ}",
            "box.yaml:15:22: eligibility.location.region: 'US-ZZ' is no known region; "
            "expected a region such as US-NY or New Jersey",
            id="a region that there is not",
        ),
        pytest.param(
            "{within: 25 mi, of: [-100.9, 40.7]}",
            "box.yaml:15:33: eligibility.location.of: the latitude -100.9 is out of range; "
            "expected [latitude, longitude]; did you swap them?",
            id="longitude first",
        ),
        pytest.param(
            "{inside: 'New York, NJ'}",
            "box.yaml:15:22: eligibility.location.inside: no place is called 'New York, NJ'; "
            "expected a place, with its state or country; did you mean 'US-NY', 'New York City, US-NY'?",
            id="a city in another state",
        ),
        pytest.param(
            "{within: 25 mi, of: NY}",
            "box.yaml:15:33: eligibility.location.of: 'NY' is the region New York, which is no centre of a "
            "circle; expected a city, a postal code or [latitude, longitude]; "
            "write region: US-NY, or of: 'New York City, US-NY'",
            id="around a state, whose middle nobody means",
        ),
        pytest.param(
            "{within: 25 mi, of: Canada}",
            "box.yaml:15:33: eligibility.location.of: 'Canada' is the country Canada, which is no centre of "
            "a circle; expected a city, a postal code or [latitude, longitude]; write country: CA",
            id="around a country",
        ),
        pytest.param(
            "{within: 25 mi, of: [40,7128, -74,0060]}",
            "box.yaml:15:33: eligibility.location.of: the list has 4 numbers; "
            "expected [latitude, longitude] with decimal points; did you write decimal commas?",
            id="decimal commas",
        ),
        pytest.param(
            "{within: 25 mi, of: [40.7128, 285.994]}",
            "box.yaml:15:43: eligibility.location.of[1]: 285.994 is out of range; "
            "expected a number from -180 to 180",
            id="a longitude that goes on beyond 180°",
        ),
        pytest.param(
            "{within: 25 mi, of: [0, 0]}",
            "box.yaml:15:33: eligibility.location.of: the point [0, 0] is what broken devices report for "
            "nowhere; expected the point that is meant",
            id="the point of nowhere",
        ),
        pytest.param(
            "{country: UK}",
            "box.yaml:15:23: eligibility.location.country: 'UK' is no country (ISO 3166-1); "
            "expected a country as ISO 3166-1 alpha-2, such as US; did you mean 'GB'?",
            id="a country by another code",
        ),
        pytest.param(
            "{country: ZZ}",
            "box.yaml:15:23: eligibility.location.country: 'ZZ' is no country (ISO 3166-1); "
            "expected a country as ISO 3166-1 alpha-2, such as US",
            id="a country that there is not",
        ),
        pytest.param(
            "{postal_code: ['10001', '1002']}",
            "box.yaml:15:27: eligibility.location.postal_code: '1002' is no postal code of the US; "
            "expected five digits, or fewer and *, such as 10001 or 100*",
            id="a US postal code with a digit too few",
        ),
        pytest.param(
            "{postal_code: 100O1}",
            "box.yaml:15:27: eligibility.location.postal_code: '100O1' is no postal code of the US; "
            "expected five digits, or fewer and *, such as 10001 or 100*",
            id="a letter O for a zero",
        ),
        pytest.param(
            "{within: 0 m, of: [40.7, -73.9]}",
            "box.yaml:15:22: eligibility.location.within: the circle has an impossible size; "
            "expected more than nothing and at most 2,000 km",
            id="a circle of nothing",
        ),
        pytest.param(
            "{within: 3000 km, of: [40.7, -73.9]}",
            "box.yaml:15:22: eligibility.location.within: the circle has an impossible size; "
            "expected more than nothing and at most 2,000 km",
            id="a circle of half the world",
        ),
        pytest.param(
            "{within: 25, of: [40.7, -73.9]}",
            "box.yaml:15:22: eligibility.location.within: found the number 25; "
            "expected a distance such as 30 m, 2.5 km or 25 mi",
            id="a distance without a unit",
        ),
        pytest.param(
            "{within: 25 mi}",
            "box.yaml:15:13: eligibility.location: has within without of; expected of beside within",
            id="a circle around nothing",
        ),
        pytest.param(
            "{country: US, region: US-NY}",
            "box.yaml:15:13: eligibility.location: has region and country; "
            "expected exactly one of inside, within, region, country, postal_code",
            id="two places at once",
        ),
    ],
)
def test_a_place(faults: Faults, rule: str, message: str) -> None:
    assert faults(ruled(f"location: {rule}")) == [message]
