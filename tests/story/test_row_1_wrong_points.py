"""Row 1 once more: the phone campaign with its location evidence corrupted as in 2012.

200 people elsewhere carry a wrong point with an honest, large radius, and 200 more one and the same wrong
point, a geocoder's default, with a small radius.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from perks_engine.bootstrap import Application
from perks_engine.services.access import Role
from tests.engine_room import BRAND, PHONE, Client, Room, served
from tests.story.crowd_of_2012 import DEFAULT_POINT, SEED, Crowd, crowd_of_2012

ClientOf = Callable[[str], Client]
ALLOWED = 5
"""People on one point that the campaign's guard calls healthy; the next one is the last."""


@pytest.fixture
def crowd(room: Room) -> Crowd:
    """All of them on record."""
    joined = (room.clock() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%MZ")
    made = crowd_of_2012(joined)
    room.people(made.text)
    room.engine.contacts.add(BRAND, "launch@northwind.example", "mara")
    return made


def is_paused_by_its_guard(shown: dict[str, Any], room: Room) -> None:
    """Staff sees why, with the numbers; staff was told once, in the same transaction."""
    lat, lon = DEFAULT_POINT
    found = f"{ALLOWED + 1} people were granted on the point {lat:.6f},{lon:.6f}"
    assert (shown["state"], shown["paused_by"]) == ("paused", "guard same_point")
    assert shown["paused_because"].startswith(found)
    told = [one for one in room.engine.latest_messages(1_000) if one.staff_of]
    assert [(one.staff_of, one.kind) for one in told] == [(BRAND, "campaign_paused")]
    assert found in told[0].body_text


def test_the_preview_shows_them_and_its_guard_foresees_the_pause(room: Room, crowd: Crowd) -> None:
    room.load()
    seen = room.engine.campaigning.preview(PHONE, "mara")
    assert (seen["people"], seen["ineligible"], seen["unknown"]) == (520, 60, 200)
    assert seen["eligible"] == len(crowd.new_yorkers) + len(crowd.defaulted)
    unsure = next(one for one in seen["missing"] if one["code"] == "near_edge")
    assert (unsure["people"], unsure["would_be_eligible"]) == (200, 200)
    [pile] = seen["piles"]
    assert (pile["lat"], pile["lon"]) == DEFAULT_POINT
    assert (pile["people"], pile["eligible"]) == (200, 200)
    on_one_point = next(one for one in seen["guards"] if one["guard"] == "same_point")
    assert on_one_point["found"] == "200 eligible people are on one point"
    assert on_one_point["holds"] is False


def test_nobody_whose_point_is_unsure_gets_in(room: Room, crowd: Crowd, client_of: ClientOf) -> None:
    room.campaign()
    answers = [client_of(person).claim("first") for person in crowd.blurred]
    assert {answer.status_code for answer in answers} <= {403, 409}
    first = answers[0].json()
    assert (first["verdict"], first["reasons"][0]["code"]) == ("unknown", "location.near_edge")
    assert {answer.json()["verdict"] for answer in answers} == {"unknown"}
    assert room.engine.campaigning.show(PHONE)["free_units"] == 500


def test_it_pauses_within_the_first_ten_grants_from_the_one_point(
    room: Room, base: str, crowd: Crowd, client_of: ClientOf
) -> None:
    room.campaign()
    eager = [*crowd.new_yorkers, *crowd.defaulted]
    Random(SEED).shuffle(eager)
    granted: list[str] = []
    for person in eager:
        answer = client_of(person).claim("first")
        if answer.status_code != 201:
            assert answer.json()["reasons"][0]["code"] == "campaign.paused"
            break
        granted.append(person)
    from_one_point = [person for person in granted if person in crowd.defaulted]
    assert len(from_one_point) == ALLOWED + 1
    assert granted[-1] == from_one_point[-1], "the grant that crossed it was the last one"
    staff = Client(base, room.token(Role.BRAND_MANAGER))
    is_paused_by_its_guard(staff.get(f"/v1/campaigns/{PHONE}").json(), room)
    later = [client_of(person).claim("later").status_code for person in eager[-20:]]
    assert set(later) == {409}


def test_many_at_once_through_two_servers_are_stopped_at_the_same_number(
    room: Room, base: str, crowd: Crowd
) -> None:
    """What the guard allows, and the one grant that crosses it: no more, however many ask at once."""
    room.campaign()
    eager = [*crowd.new_yorkers[:40], *crowd.defaulted[:80]]
    Random(SEED).shuffle(eager)
    tokens = {person: room.token(Role.INFLUENCER, person) for person in eager}
    second = Application(room.engine.settings, room.clock)
    with served(second) as other_base, ThreadPoolExecutor(16) as pool:
        places = [(person, (base, other_base)[number % 2]) for number, person in enumerate(eager)]
        answers = list(pool.map(lambda one: (one[0], Client(one[1], tokens[one[0]]).claim("first")), places))
    second.close()
    assert {answer.status_code for _, answer in answers} == {201, 409}
    granted = [person for person, answer in answers if answer.status_code == 201]
    assert len([person for person in granted if person in crowd.defaulted]) == ALLOWED + 1
    shown = room.engine.campaigning.show(PHONE)
    is_paused_by_its_guard(shown, room)
    assert shown["free_units"] == 500 - len(granted)
    assert [event["act"] for event in shown["history"]] == ["opened", "paused"]
