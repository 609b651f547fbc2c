"""US postal codes: as places, and as what an address bears."""

import pytest

from perks_engine.domain.geography import Atlas
from perks_engine.domain.verdict import Verdict
from perks_engine.places.gazetteer import Gazetteer
from tests.places.ground import ask

MIDTOWN = "{postal_code: ['10001', 100*], postal_country: US, accept: [verified_address]}"


@pytest.mark.parametrize(
    "text", ["10001", "10001-1234", "New York 10001", "New York, NY 10001", "10001, NY, USA"]
)
def test_a_code_stands_alone_or_after_what_it_lies_in(gazetteer: Gazetteer, text: str) -> None:
    [place] = gazetteer.places(text)
    assert (place.place_id, place.kind, place.region) == ("US 10001", "postal_code", "US-NY")
    assert place.extent_m > 1_000


def test_a_city_and_a_code_may_lie_in_a_territory_without_states(gazetteer: Gazetteer) -> None:
    [place] = gazetteer.places("San Juan, PR 00901")
    assert (place.place_id, place.country) == ("US 00901", "PR")


@pytest.mark.parametrize(
    "text",
    [
        "10001, NJ",
        "Chicago 10001",
        "Newark, NJ 10001",
        "New York, NY 07030",
        "75001, France",
        "00000",
        "Paris 75001",
    ],
)
def test_a_code_that_lies_elsewhere_than_the_text_says_is_nothing(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.places(text) == ()


@pytest.mark.parametrize(
    ("address", "verdict", "code"),
    [
        ("{country: US, postal_code: '10001'}", Verdict.ELIGIBLE, "location.inside"),
        ("{country: US, postal_code: 10001-1234}", Verdict.ELIGIBLE, "location.inside"),
        ("{country: US, postal_code: '10023'}", Verdict.ELIGIBLE, "location.inside"),
        ("{country: US, postal_code: '07030'}", Verdict.INELIGIBLE, "location.outside"),
        ("{country: DE, postal_code: '10001'}", Verdict.INELIGIBLE, "location.outside"),
        ("{country: US}", Verdict.UNKNOWN, "location.no_postal_code"),
        ("{postal_code: '10001'}", Verdict.UNKNOWN, "location.no_postal_code"),
        ("{country: US, point: [40.75, -74.0]}", Verdict.UNKNOWN, "location.no_postal_code"),
    ],
)
def test_an_address_by_its_code(atlas: Atlas, address: str, verdict: Verdict, code: str) -> None:
    reason = ask(atlas, MIDTOWN, f"{{verified_address: {address}}}")
    assert (reason.verdict, reason.code) == (verdict, code)


@pytest.mark.parametrize("slip", ["100", "1000", "10001X", "100011", "7030"])
def test_what_is_no_us_code_is_unknown_and_never_grants(atlas: Atlas, slip: str) -> None:
    reason = ask(atlas, MIDTOWN, f"{{verified_address: {{country: US, postal_code: '{slip}'}}}}")
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.invalid")


@pytest.mark.parametrize("written", ["h2x 1y4", "H2X1Y4", "H2X-1Y4"])
def test_codes_of_other_countries_are_compared_without_spaces_and_case(atlas: Atlas, written: str) -> None:
    reason = ask(
        atlas,
        "{postal_code: H2X 1Y4, postal_country: CA}",
        f"{{verified_address: {{country: CA, postal_code: {written}}}}}",
    )
    assert reason.verdict is Verdict.ELIGIBLE


@pytest.mark.parametrize("source", ["device", "ip", "claimed"])
def test_a_source_that_is_not_accepted_never_bears_a_code(atlas: Atlas, source: str) -> None:
    reason = ask(atlas, MIDTOWN, f"{{{source}: {{country: US, postal_code: '10001'}}}}")
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.source_not_accepted")
