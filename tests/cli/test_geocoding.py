"""A geocoder that the operator set, as somebody at a terminal meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.command_line import Desk
from tests.engine_room import PHONE
from tests.geocoding_server import TERMINAL, GeocodingServer, geocoding_server, hit

NEAR = f"{{within: 10 km, of: '{TERMINAL}'}}"


@pytest.fixture
def server(desk: Desk) -> Iterator[GeocodingServer]:
    """A geocoding server that the desk's commands ask, as often as they like."""
    with geocoding_server() as made:
        made.answers([hit()])
        options = {"domain": made.address, "scheme": "http", "user_agent": "tests", "timeout": 2}
        desk.environment |= {
            "PERKS_GEOCODER": "nominatim",
            "PERKS_GEOCODER_OPTIONS": json.dumps(options),
            "PERKS_GEOCODER_INTERVAL_S": "0",
        }
        yield made


def campaign(desk: Desk) -> str:
    text = desk.campaign_file(PHONE).read_text(encoding="utf-8")
    there = text.replace("{inside: areas/nyc_boroughs, ", f"{{within: 10 km, of: '{TERMINAL}', ")
    assert there != text
    return str(desk.file("near.yaml", there))


def test_a_campaign_is_loaded_by_a_place_that_only_the_geocoder_knows(
    desk: Desk, server: GeocodingServer
) -> None:
    file = campaign(desk)
    desk.perks("campaign", "load", file, "--by", "mara")
    desk.perks("campaign", "load", file, "--by", "mara")
    assert [one["q"] for one in server.asked] == [[TERMINAL]], "the second time it is remembered"
    assert "10 km around Example Ferry Terminal, US-NJ" in desk.well("campaign", "show", file).out


def test_an_outage_is_a_fault_of_the_file_with_its_place(desk: Desk, server: GeocodingServer) -> None:
    server.answers("down", 503)
    refused = desk.perks("campaign", "lint", campaign(desk))
    assert refused.code == 1
    assert f"location.of: '{TERMINAL}' could not be looked up: the geocoder nominatim" in refused.out
    assert "expected a place that is known without a geocoder, or a geocoder that answers" in refused.out


def test_settings_that_make_no_geocoder_are_told(desk: Desk) -> None:
    def told(service: str, options: str) -> str:
        desk.environment |= {"PERKS_GEOCODER": service, "PERKS_GEOCODER_OPTIONS": options}
        refused = desk.perks("campaign", "lint", desk.campaign_file())
        assert refused.code == 2
        return refused.err

    assert told("nominatm", "{}") == (
        "perks: PERKS_GEOCODER: geopy has no geocoder 'nominatm'; did you mean 'nominatim'?\n"
    )
    assert told("nominatim", "{}") == (
        "perks: PERKS_GEOCODER_OPTIONS: nominatim wants to know who asks; "
        'set {"user_agent": "NAME OF YOUR DEPLOYMENT"}\n'
    )
    assert "unexpected keyword argument 'user_agnt'; expected some of timeout" in told(
        "nominatim", '{"user_agnt": "us"}'
    )
    assert told("nominatim", "{user_agent: us}") == (
        'perks: PERKS_GEOCODER_OPTIONS cannot be read; expected JSON, such as {"user_agent": "our perks"}\n'
    )
