"""A name is a place only when it fits one; one that fits several is refused with its candidates."""

import pytest

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.domain.geography import Atlas
from perks_engine.domain.verdict import Verdict
from perks_engine.places.gazetteer import Gazetteer
from tests.places.ground import ask


@pytest.mark.parametrize(
    ("text", "kind", "qualified_name", "lat", "lon"),
    [
        ("NYC", "city", "New York City, US-NY", 40.71, -74.01),
        ("New York City", "city", "New York City, US-NY", 40.71, -74.01),
        ("Brooklyn, NY", "city", "Brooklyn, US-NY", 40.65, -73.95),
        ("Newark NJ", "city", "Newark, US-NJ", 40.74, -74.17),
        ("newark, new jersey, usa", "city", "Newark, US-NJ", 40.74, -74.17),
        ("London, Ontario", "city", "London, CA-ON", 42.98, -81.23),
        ("Birmingham, UK", "city", "Birmingham, GB-ENG", 52.48, -1.90),
        ("Sao Paulo, Brazil", "city", "São Paulo, BR-27", -23.55, -46.64),
        ("10001", "postal_code", "10001, US-NY", 40.75, -74.00),
        ("N.Y.C.", "city", "New York City, US-NY", 40.71, -74.01),
        ("NYC, NY", "city", "New York City, US-NY", 40.71, -74.01),
        ("new york, new york", "city", "New York City, US-NY", 40.71, -74.01),
        ("New York, NY, USA", "city", "New York City, US-NY", 40.71, -74.01),
        ("Nueva York", "city", "New York City, US-NY", 40.71, -74.01),
        ("NEWARK  (NJ)", "city", "Newark, US-NJ", 40.74, -74.17),
        ("Paris, TX", "city", "Paris, US-TX", 33.66, -95.56),
        ("Portland OR", "city", "Portland, US-OR", 45.52, -122.68),
        ("Cambridge MA", "city", "Cambridge, US-MA", 42.38, -71.11),
        ("St Louis, Missouri", "city", "St. Louis, US-MO", 38.63, -90.20),
        ("Mt. Vernon, NY", "city", "Mount Vernon, US-NY", 40.91, -73.84),
        ("Washington DC", "city", "Washington, US-DC", 38.90, -77.04),
        ("Los Angeles, CA, USA", "city", "Los Angeles, US-CA", 34.05, -118.24),
        ("Québec, QC", "city", "Québec, CA-QC", 46.81, -71.21),
        ("Mexico City", "city", "Mexico City, MX-09", 19.43, -99.13),
        ("Georgia, USA", "region", "US-GA", 32.83, -83.53),
        ("Tbilisi, Georgia", "city", "Tbilisi, GE-51", 41.69, 44.83),
        ("10001-1234", "postal_code", "10001, US-NY", 40.75, -74.00),
    ],
)
def test_a_name_that_means_one_place(
    gazetteer: Gazetteer, text: str, kind: str, qualified_name: str, lat: float, lon: float
) -> None:
    [place] = gazetteer.places(text)
    assert (place.kind, place.qualified_name) == (kind, qualified_name)
    assert (place.lat, place.lon) == pytest.approx((lat, lon), abs=0.02)


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("Brooklyn", ["'Brooklyn, US-NY'", "'Brooklyn, US-OH'"]),
        ("Newark", ["'Newark, US-NJ'", "'Newark, US-OH'", "'Newark, US-DE'"]),
        ("London", ["'London, GB-ENG'", "'London, CA-ON'", "'London, US-OH'"]),
        ("Birmingham", ["'Birmingham, GB-ENG'", "'Birmingham, US-AL'", "'Birmingham, US-MI'"]),
        ("São Paulo", ["'São Paulo, BR-27'", "'São Paulo, PT-14'"]),
        ("New York", ["'US-NY'", "'New York City, US-NY'"]),
        ("Quebec", ["'CA-QC'", "'Québec, CA-QC'"]),
        ("Springfield", ["'Springfield, US-MO'", "'Springfield, US-MA'", "'Springfield, US-IL'"]),
    ],
)
def test_a_campaign_with_an_ambiguous_name_is_refused_with_the_candidates(
    atlas: Atlas, text: str, candidates: list[str]
) -> None:
    with pytest.raises(FileProblemsError) as refused:
        ask(atlas, f"{{within: 25 mi, of: {text}}}", "{claimed: anywhere}")
    [problem] = str(refused.value).splitlines()
    assert problem.startswith("somewhere.yaml:7:")
    assert f"'{text}' fits several places" in problem
    assert "one place, with its state or country" in problem
    assert "did you mean" in problem
    for candidate in candidates:
        assert candidate in problem


@pytest.mark.parametrize("text", ["Brooklyn", "Newark", "London", "Birmingham", "São Paulo"])
def test_an_ambiguous_name_in_evidence_is_unknown(atlas: Atlas, text: str) -> None:
    reason = ask(atlas, "{within: 100 km, of: London UK}", f"{{verified_address: {text}}}")
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.ambiguous")
    assert f"“{text}”, which" in str(reason.actual)
    assert str(reason.change) == "Name the state and the country as well."


def test_a_code_of_a_state_is_the_state_and_no_city(gazetteer: Gazetteer) -> None:
    [place] = gazetteer.places("NY")
    assert (place.kind, place.region) == ("region", "US-NY")


@pytest.mark.parametrize("text", ["Georgia", "Washington", "Québec", "LA", "CA", "DE", "Ontario, CA"])
def test_a_name_of_a_state_and_of_a_city_or_country_is_ambiguous(gazetteer: Gazetteer, text: str) -> None:
    assert len(gazetteer.places(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        *("New York, NJ", "NYC, NJ", "New York, Ontario", "Toronto, NY", "LA, CA", "Hoboken, Alabama, UK"),
        *("00000", "00501", "1 0001", "10001 1234", "10,001", "１０００１", "10001-12", "100011", "W1A 1AA"),
        *("Xyzzyville", "", ", ,", "x" * 201, "40.7128, -74.0060", "40,7128", "'; DROP TABLE place; --", "%"),
    ],
)
def test_what_contradicts_itself_or_is_no_place_is_nothing(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.places(text) == ()


def test_a_campaign_with_a_name_that_means_nothing_is_refused(atlas: Atlas) -> None:
    with pytest.raises(FileProblemsError, match="no place is called 'New York, NJ'"):
        ask(atlas, "{within: 25 mi, of: 'New York, NJ'}", "{claimed: anywhere}")


def test_a_name_never_becomes_a_point(gazetteer: Gazetteer) -> None:
    """All of New York lies within 40 km of its centre, so the name alone is a disc of that size."""
    [city] = gazetteer.places("New York City")
    assert city.disc().radius_m == 40_000
    assert city.area == "areas/nyc_boroughs"


def test_a_place_without_a_boundary_is_offered_as_a_circle(atlas: Atlas) -> None:
    with pytest.raises(FileProblemsError, match="no boundary is known for Newark, US-NJ") as refused:
        ask(atlas, "{inside: Newark NJ}", "{claimed: anywhere}")
    assert "write within: 25 mi, of: Newark, US-NJ" in str(refused.value)


def test_a_name_as_it_is_shown_can_be_written_into_a_rule(gazetteer: Gazetteer) -> None:
    names = ("Newark, US-NJ", "London, CA-ON", "São Paulo, BR-27", "US-NY", "New York City, US-NY")
    for shown in (*names, "CA-QC", "Québec, CA-QC", "Washington, US-DC", "US-GA"):
        [place] = gazetteer.places(shown)
        assert place.qualified_name == shown
