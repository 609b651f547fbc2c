"""`perks campaign preview`: whom a version would reach, before anybody is told anything."""

from __future__ import annotations

import re

import pytest

from tests.cli.command_line import Desk
from tests.cli.crowds import (
    ALABAMA,
    BROOKLYN,
    DEFAULT_POINT,
    FAR_AND_HONEST,
    HOBOKEN_TERMINAL,
    joined,
    population,
)
from tests.engine_room import PHONE


@pytest.fixture
def loaded(desk: Desk) -> Desk:
    desk.well("campaign", "load", desk.campaign_file(), "--by", "mara")
    return desk


def test_the_corrupted_population_of_2012(loaded: Desk) -> None:
    crowd = population((100, BROOKLYN), (50, ALABAMA), (200, FAR_AND_HONEST), (200, DEFAULT_POINT))
    file = loaded.file("people.csv", crowd)
    seen = loaded.json("campaign", "preview", PHONE, "--by", "mara", "--people", file)
    # An honest, large radius lets nobody in; the default point shows as a pile.
    assert (seen["people"], seen["eligible"], seen["ineligible"], seen["unknown"]) == (550, 300, 50, 200)
    assert seen["piles"] == [{"lat": 40.7128, "lon": -74.006, "people": 200, "eligible": 200}]
    place = next(step for step in seen["funnel"] if "New York City" in step["required"])
    assert (place["not_met"], place["unknown"], place["stops_alone"], place["left"]) == (50, 200, 250, 300)
    [missing] = seen["missing"]
    assert (missing["code"], missing["people"], missing["would_be_eligible"]) == ("near_edge", 200, 200)


def test_in_a_terminal(loaded: Desk) -> None:
    file = loaded.file("people.csv", population((3, BROOKLYN), (1, ALABAMA), (7, DEFAULT_POINT)))
    seen = loaded.well("campaign", "preview", PHONE, "--by", "mara", "--people", file)
    assert "over 11 people" in seen.lines[0]
    assert "  eligible           10   90.9%   for 500 units" in seen.lines
    assert "People on one and the same point, which is seldom where they are" in seen.lines
    assert any(line.split()[:2] == ["70", "│"] and "█" in line for line in seen.lines)
    assert "Where they are: New York City (the five boroughs)" in seen.lines
    assert sum(line.count("█") for line in seen.lines if "eligible, few" not in line) > 1
    assert any(line.split()[:3] == ["ineligible", "p0004", "location:"] for line in seen.lines)


def test_as_a_page(loaded: Desk) -> None:
    file = loaded.file("people.csv", population((3, BROOKLYN), (1, ALABAMA), (7, DEFAULT_POINT)))
    drawn = loaded.folder / "preview.html"
    loaded.well("campaign", "preview", PHONE, "--by", "mara", "--people", file, "--html", drawn)
    page = drawn.read_text(encoding="utf-8")
    assert "The new phone, and its launch night in New York" in page
    assert "http" not in page, "a page that asks no other host"
    # Of New York and of everybody, for Alabama is far: a map each of all four.
    assert page.count('<svg class="map"') == 8
    assert 'aria-label="Map: near an edge, New York City (the five boroughs)"' in page
    assert "<b>eligible</b>: 10 here, at most 7 in a square" in page
    assert "<b>refused</b>: 0 here; 1 elsewhere" in page
    assert page.count('class="band"') == 1


def test_the_funnel_ends_with_those_who_are_eligible(loaded: Desk) -> None:
    """Whoever has many followers needs no topic: that condition takes nobody away."""
    followed = population((4, BROOKLYN), topics="food", followers=20_000)
    neither = population((3, BROOKLYN), topics="food", followers=5)
    crowd = loaded.file("people.csv", joined(population((2, BROOKLYN)), followed, neither))
    seen = loaded.json("campaign", "preview", PHONE, "--by", "mara", "--people", crowd)
    left = {step["title"]: step["left"] for step in seen["funnel"]}
    assert (left["location"], left["topics"], left["followers on instagram"]) == (9, 9, 6)
    assert seen["funnel"][-1]["title"] == "not: relation to the brand"
    assert seen["funnel"][-1]["left"] == seen["eligible"] == 6
    alone = {step["title"]: step["stops_alone"] for step in seen["funnel"]}
    assert (alone["topics"], alone["followers on instagram"], alone["location"]) == (3, 3, 0)


def test_everybody_is_on_the_maps(loaded: Desk) -> None:
    lat, lon, _ = HOBOKEN_TERMINAL
    groups = ((3, BROOKLYN), (2, ALABAMA), (4, (lat, lon, 2_000)))
    text = re.sub(r",33\.5186\d*,", ",,", population(*groups), count=1)
    seen = loaded.json(
        "campaign", "preview", PHONE, "--by", "mara", "--people", loaded.file("people.csv", text)
    )
    around, everybody = seen["maps"]
    assert around["title"] == "New York City (the five boroughs)"
    counted = [cell["counts"] for cell in around["cells"]]
    assert sum(counts.get("eligible", 0) for counts in counted) == 3
    assert sum(counts.get("near_edge", 0) for counts in counted) == 4
    assert (around["elsewhere"], around["nowhere"]) == ({"ineligible": 1}, {"unknown": 1})
    assert around["outlines"]
    assert everybody["title"] == "everybody"
    assert everybody["elsewhere"] == {}


def test_it_is_recorded_for_whoever_approves(loaded: Desk) -> None:
    file = loaded.file("people.csv", population((2, BROOKLYN)))
    loaded.well("campaign", "preview", PHONE, "--by", "mara", "--people", file)
    [version] = loaded.json("campaign", "show", PHONE)["versions"]
    assert (version["previewed_by"], version["preview"]["eligible"]) == ("mara", 2)


def test_a_population_without_a_column_that_the_rule_needs(loaded: Desk) -> None:
    text = population((2, BROOKLYN)).replace("score.reach", "scoer.reach", 1)
    refused = loaded.perks(
        "campaign", "preview", PHONE, "--by", "mara", "--people", loaded.file("p.csv", text)
    )
    assert refused.code == 2
    assert "score.reach" in refused.err


def test_a_population_with_a_mistyped_value(loaded: Desk) -> None:
    text = population((3, BROOKLYN)).replace(",71,", ",high,", 1)
    refused = loaded.perks(
        "campaign", "preview", PHONE, "--by", "mara", "--people", loaded.file("p.csv", text)
    )
    assert refused.code == 2
    assert "p.csv:2" in refused.err
    assert "score.reach" in refused.err
    assert "'high'" in refused.err


def test_nobody_on_record_is_a_preview_too(loaded: Desk) -> None:
    assert loaded.json("campaign", "preview", PHONE, "--by", "m")["people"] == 0
