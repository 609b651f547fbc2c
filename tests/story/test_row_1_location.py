"""Row 1: the location system was wrong, and 200 people elsewhere could claim the phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from perks_engine.services.access import Role
from perks_engine.services.errors import ForbiddenError, RefusedError
from tests.engine_room import ALABAMA, BRAND, PHONE, Client, Room, sample

ClientOf = Callable[[str], Client]


def test_who_lives_in_brooklyn_is_granted(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    answer = client_of(room.person("ana")).claim("first")
    assert answer.status_code == 201
    assert answer.json()["outcome"] == "granted"
    assert answer.json()["where"] == "reserved"


def test_who_lives_in_alabama_is_refused_and_told_why(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    answer = client_of(room.person("ben", ALABAMA)).claim("first")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["verdict"] == "ineligible"
    assert [reason["code"] for reason in problem["reasons"]] == ["location.outside"]
    assert "outside New York City" in problem["reasons"][0]["actual"]
    assert "1,358 km" in problem["reasons"][0]["actual"]


@pytest.mark.parametrize(
    ("location", "code"),
    [
        pytest.param("{claimed: New York City}", "location.source_not_accepted", id="only says so"),
        pytest.param("{ip: {country: US, region: US-NY}}", "location.source_not_accepted", id="only an IP"),
        pytest.param(
            "{device: [40.8761, -73.9109], radius: 500 m}", "location.near_edge", id="disc crosses the edge"
        ),
        pytest.param("{device: [40.6782, -73.9442]}", "location.imprecise", id="no precision"),
        pytest.param("{device: [0, 0], radius: 30 m}", "location.imprecise", id="null island"),
        pytest.param(
            "{verified_address: New York City}", "location.near_edge", id="a city's name has its extent"
        ),
        pytest.param(
            "{device: [40.6782, -73.9442], radius: 30 m, observed_at: 2026-11-20T10:00Z}",
            "location.stale",
            id="too old",
        ),
        pytest.param(
            "[{device: [40.6782, -73.9442], radius: 30 m}, "
            "{verified_address: {point: [33.5186, -86.8104]}, radius: 30 m}]",
            "location.conflicting",
            id="two sources that contradict each other",
        ),
        pytest.param("", "location.missing", id="nothing known"),
    ],
)
def test_what_cannot_place_a_person_inside_is_unknown_and_never_grants(
    room: Room, client_of: ClientOf, location: str, code: str
) -> None:
    room.campaign()
    answer = client_of(room.person("cleo", location)).claim("first")
    assert answer.status_code == 403
    assert answer.json()["verdict"] == "unknown"
    assert [reason["code"] for reason in answer.json()["reasons"]] == [code]
    assert answer.json()["reasons"][0]["change"]
    assert room.listed() == []


def test_marble_hill_is_inside_when_it_is_known_exactly(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    answer = client_of(room.person("mo", "{device: [40.8761, -73.9109], radius: 20 m}")).claim("first")
    assert answer.status_code == 201


def test_a_campaign_opens_only_with_examples_a_preview_and_a_second_person(room: Room) -> None:
    rules, campaigning = room.engine.rules, room.engine.campaigning

    def load(text: str) -> None:
        file = rules.reader.read(text.encode(), "phone.yaml")
        campaigning.load(rules.loadable(file), "mara")

    load(
        sample()
        .replace("verdict: ineligible", "verdict: eligible", 1)
        .replace("because: location.outside", "", 1)
    )
    with pytest.raises(RefusedError, match="1 of its 24 examples fail; run: perks campaign test FILE"):
        campaigning.open(PHONE, "mara")
    load(sample())
    with pytest.raises(RefusedError, match=f"run: perks campaign preview {PHONE}"):
        campaigning.open(PHONE, "mara")
    with pytest.raises(RefusedError, match=f"run: perks campaign preview {PHONE}"):
        campaigning.approve(PHONE, "noor")
    campaigning.preview(PHONE, "mara", [])
    with pytest.raises(RefusedError, match=f"run: perks campaign approve {PHONE} --by SOMEBODY_ELSE"):
        campaigning.open(PHONE, "mara")
    with pytest.raises(ForbiddenError, match="mara loaded this version; somebody else has to approve it"):
        campaigning.approve(PHONE, "mara")
    campaigning.approve(PHONE, "noor")
    assert campaigning.open(PHONE, "mara")["state"] == "open"


def test_people_piled_on_one_point_pause_the_campaign(room: Room, client_of: ClientOf) -> None:
    """A geocoder's default point, with a small radius: the sixth grant on it crosses the guard."""
    room.campaign()
    outcomes = [client_of(room.person(f"pile-{number}")).claim("first") for number in range(8)]
    assert [answer.status_code for answer in outcomes] == [201] * 6 + [409] * 2
    assert outcomes[-1].json()["reasons"][0]["code"] == "campaign.paused"
    shown = room.engine.campaigning.show(PHONE)
    assert shown["state"] == "paused"
    assert "6 people were granted on the point 40.678200,-73.944200" in shown["paused_because"]


def test_staff_sees_the_state_of_its_own_brand_only(room: Room, base: str) -> None:
    room.campaign()
    own = Client(base, room.token(Role.BRAND_MANAGER)).get("/v1/campaigns").json()["campaigns"]
    other = Client(base, room.token(Role.BRAND_MANAGER, brands=("other-brand",))).get("/v1/campaigns").json()
    assert [(one["campaign"], one["brand"], one["free_units"]) for one in own] == [(PHONE, BRAND, 500)]
    assert other == {"campaigns": []}
