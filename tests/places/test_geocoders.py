"""A geocoder is asked for what the gazetteer does not know; none of its answers is taken on trust."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from perks_engine.bootstrap import packaged
from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.domain.verdict import Verdict
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.gazetteer import Gazetteer
from perks_engine.places.geocoders import UNKNOWN_EXTENT_M, Geocoder, GeocoderUnavailableError
from tests.geocoding_server import TERMINAL, GeocodingServer, geocoding_server, hit
from tests.places.ground import ask, metres


@pytest.fixture
def stub() -> Iterator[GeocodingServer]:
    with geocoding_server() as made:
        yield made


def nominatim(stub: GeocodingServer, gazetteer: Gazetteer, timeout: float = 10) -> Geocoder:
    options = {"domain": stub.address, "scheme": "http", "user_agent": "perks tests", "timeout": timeout}
    return Geocoder("nominatim", options, gazetteer.places, interval_s=0)


def pelias(stub: GeocodingServer, gazetteer: Gazetteer) -> Geocoder:
    options = {"domain": stub.address, "scheme": "http", "timeout": 10}
    return Geocoder("pelias", options, gazetteer.places, interval_s=0)


def feature(country_code: str = "", **properties: Any) -> dict[str, Any]:
    """A candidate as Pelias writes it."""
    known = {"id": "node/1", "name": "Example Station"} | properties
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [16.37, 48.2]},
        "bbox": [16.36, 48.19, 16.38, 48.21],
        "properties": known | ({"country_code": country_code} if country_code else {}),
    }


def test_the_one_candidate_becomes_a_disc_that_holds_its_box(
    stub: GeocodingServer, gazetteer: Gazetteer
) -> None:
    stub.answers([hit()])
    [place] = nominatim(stub, gazetteer).places(TERMINAL)
    assert (place.country, place.region, place.lat, place.lon) == ("US", "US-NJ", 40.7349, -74.0278)
    assert place.extent_m >= metres(40.7349, -74.0278, 40.7360, -74.0260)
    assert stub.asked == [{"q": [TERMINAL], "format": ["json"], "limit": ["10"], "addressdetails": ["1"]}]


def test_of_several_candidates_those_elsewhere_than_the_text_says_are_dropped(
    stub: GeocodingServer, gazetteer: Gazetteer
) -> None:
    stub.answers([hit("US-NY"), hit("US-NJ"), hit("GB-ENG")])
    geocoder = nominatim(stub, gazetteer)
    assert [place.region for place in geocoder.places("Example Ferry Terminal, NJ")] == ["US-NJ"]
    assert [place.region for place in geocoder.places("Example Ferry Terminal, US")] == ["US-NY", "US-NJ"]
    assert len(geocoder.places("Example Ferry Terminal")) == 3


@pytest.mark.parametrize(
    "nowhere",
    [
        pytest.param(hit(lat="0", lon="0"), id="null island"),
        pytest.param(hit(lat=None), id="no latitude"),
        pytest.param(hit(lon="285.9722"), id="a longitude that would be wrapped"),
        pytest.param(hit(address={}), id="no country"),
        pytest.param(hit(address={"country_code": "usofa"}), id="a strange country"),
    ],
)
def test_a_candidate_that_is_no_place_is_dropped(
    stub: GeocodingServer, gazetteer: Gazetteer, nowhere: dict[str, Any]
) -> None:
    stub.answers([nowhere, hit()])
    assert [place.lat for place in nominatim(stub, gazetteer).places(TERMINAL)] == [40.7349]


def test_a_candidate_without_a_box_is_as_large_as_a_town(stub: GeocodingServer, gazetteer: Gazetteer) -> None:
    stub.answers([hit(boundingbox=None)])
    [place] = nominatim(stub, gazetteer).places(TERMINAL)
    assert place.extent_m == UNKNOWN_EXTENT_M


def test_pelias_is_asked_and_read(stub: GeocodingServer, gazetteer: Gazetteer) -> None:
    stub.answers({"features": [feature("AT"), feature("DE")]})
    [place] = pelias(stub, gazetteer).places("Example Station, Austria")
    assert (place.country, place.lat, place.lon) == ("AT", 48.2, 16.37)
    assert place.extent_m < 2_000
    assert stub.asked == [{"text": ["Example Station, Austria"]}]


def test_a_country_in_three_letters_is_not_another_one_in_two(
    stub: GeocodingServer, gazetteer: Gazetteer
) -> None:
    """Older Pelias servers give ISO 3166-1 alpha-3 alone: AUT is Austria, and AU Australia."""
    stub.answers({"features": [feature(country_a="AUT")]})
    geocoder = pelias(stub, gazetteer)
    assert geocoder.places("Example Station, Australia") == []
    assert [place.country for place in geocoder.places("Example Station, Austria")] == ["AT"]


def test_the_box_that_photon_gives_is_read(stub: GeocodingServer, gazetteer: Gazetteer) -> None:
    found = feature(countrycode="AT", extent=[16.0, 48.4, 16.7, 48.1])
    del found["bbox"]
    stub.answers({"features": [found]})
    options = {"domain": stub.address, "scheme": "http", "timeout": 10}
    [place] = Geocoder("photon", options, gazetteer.places, interval_s=0).places("Example Station")
    assert place.country == "AT"
    assert place.extent_m >= metres(48.2, 16.37, 48.4, 16.0) > UNKNOWN_EXTENT_M


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("the server is down", 500),
        ("slow down", 429),
        ("no key", 403),
        ("<html>a captive portal</html>", 200),
        ({"error": "the index is being built"}, 200),
    ],
)
def test_an_outage_is_an_error_and_no_empty_answer(
    stub: GeocodingServer, gazetteer: Gazetteer, body: Any, status: int
) -> None:
    stub.answers(body, status)
    with pytest.raises(GeocoderUnavailableError, match="the geocoder nominatim did not answer: "):
        nominatim(stub, gazetteer).places(TERMINAL)


@pytest.mark.parametrize(
    "body",
    [
        '"hello"',
        "[7]",
        [hit(lat="north")],
        [hit(boundingbox=["40.7"])],
        [hit(boundingbox=["south", "north", "west", "east"])],
        [hit(boundingbox=["40.7", "nan", "-74", "-74"])],
        [hit(address="New Jersey")],
    ],
)
def test_an_answer_that_makes_no_sense_is_an_outage(
    stub: GeocodingServer, gazetteer: Gazetteer, body: Any
) -> None:
    stub.answers(body)
    with pytest.raises(GeocoderUnavailableError, match="the geocoder nominatim answered what makes no sense"):
        nominatim(stub, gazetteer).places(TERMINAL)


def test_a_geocoder_that_keeps_silent_is_given_up(stub: GeocodingServer, gazetteer: Gazetteer) -> None:
    stub.keeps_silent()
    with pytest.raises(GeocoderUnavailableError, match=r"did not answer: .*timed out"):
        nominatim(stub, gazetteer, timeout=0.2).places(TERMINAL)


def test_what_could_not_be_looked_up_is_unknown_until_the_geocoder_is_back(
    stub: GeocodingServer, gazetteer: Gazetteer, caplog: pytest.LogCaptureFixture
) -> None:
    atlas = RulesAtlas([packaged("rules")], gazetteer, geocoder=nominatim(stub, gazetteer))
    lives_there = f"{{verified_address: '{TERMINAL}'}}"
    near_the_river = "{within: 10 km, of: [40.7349, -74.0278]}"

    stub.answers("down", 503)
    with caplog.at_level(logging.WARNING):
        out = ask(atlas, near_the_river, lives_there)
    assert (out.verdict, out.code) == (Verdict.UNKNOWN, "location.unresolved")
    assert "the geocoder does not answer: Geocoder" in caplog.text

    stub.answers([hit()])
    back = ask(atlas, near_the_river, lives_there)
    assert (back.verdict, back.code) == (Verdict.ELIGIBLE, "location.inside")


@pytest.mark.parametrize(
    ("where", "key"),
    [(f"{{within: 10 km, of: '{TERMINAL}'}}", "of"), (f"{{region: '{TERMINAL}'}}", "region")],
)
def test_a_rule_whose_place_could_not_be_looked_up_says_so(
    stub: GeocodingServer, gazetteer: Gazetteer, where: str, key: str
) -> None:
    atlas = RulesAtlas([packaged("rules")], gazetteer, geocoder=nominatim(stub, gazetteer))
    stub.answers("down", 503)
    with pytest.raises(FileProblemsError) as refused:
        ask(atlas, where, "{claimed: {country: US}}")
    [problem] = str(refused.value).splitlines()
    assert problem.startswith("somewhere.yaml:7:")
    assert f"eligibility.location.{key}: '{TERMINAL}' could not be looked up: " in problem
    assert "the geocoder nominatim did not answer: " in problem
    assert "expected a place that is known without a geocoder, or a geocoder that answers" in problem


def test_several_candidates_are_ambiguous_evidence(stub: GeocodingServer, gazetteer: Gazetteer) -> None:
    atlas = RulesAtlas([packaged("rules")], gazetteer, geocoder=nominatim(stub, gazetteer))
    stub.answers([hit(), hit(lat="39.9")])
    reason = ask(atlas, "{within: 10 km, of: [40.7349, -74.0278]}", f"{{verified_address: '{TERMINAL}'}}")
    assert (reason.verdict, reason.code) == (Verdict.UNKNOWN, "location.ambiguous")
    assert "which 2 places are called" in str(reason.actual)


def test_what_the_gazetteer_knows_is_not_asked(stub: GeocodingServer, gazetteer: Gazetteer) -> None:
    atlas = RulesAtlas([packaged("rules")], gazetteer, geocoder=nominatim(stub, gazetteer))
    [place] = atlas.places("Newark NJ")
    assert place.qualified_name == "Newark, US-NJ"
    assert stub.asked == []
