"""Maps of people: everybody is on them, elsewhere, or nowhere, and on the right square."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from perks_engine.audiences.columns import Usual
from perks_engine.audiences.engine import Engine
from perks_engine.audiences.people_map import PeopleMap, maps_of
from perks_engine.audiences.piles import piles_of
from perks_engine.audiences.population import Evaluation, Population
from perks_engine.domain.geography import Circle, Zone
from perks_engine.domain.rules import About, AnyOf, LocatedIn, NumberIn, Rule
from perks_engine.places.drawings import Drawings
from tests.domain.zones import ATLAS, CITY, DATELINE, MEADOW

NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)
WHERE = About("location", "location")
VOCABULARY = {"location": Usual(("device", "verified_address"), "device")}
Point = tuple[float | None, float | None]


def evaluation(
    engine: Engine, rule: Rule, points: list[Point], further: list[Point] | None = None
) -> Evaluation:
    columns: dict[str, Any] = {"id": [f"p{number}" for number in range(len(points))]}
    for source, given_ in (("device", points), ("verified_address", further)):
        for place, part in enumerate(("lat", "lon") if given_ else ()):
            cells = [one[place] for one in given_ or ()]
            columns[f"location.{source}.{part}"] = pa.array(cells, pa.float64())
        if given_:
            columns[f"location.{source}.radius_m"] = pa.array([20.0] * len(given_))
    return Population(engine, engine.put(pa.table(columns)), VOCABULARY, ATLAS).under(rule, NOW)


def maps(of: Evaluation) -> list[PeopleMap]:
    return list(maps_of(of, Drawings(ATLAS), lambda verdict, _: [verdict.value]))


def inside(*zones: Zone) -> Rule:
    return AnyOf(tuple(LocatedIn(WHERE, zone) for zone in zones))


def total(people_map: PeopleMap) -> int:
    cells = sum((Counter(cell.counts) for cell in people_map.cells), Counter[str]())
    return (cells + Counter(people_map.elsewhere) + Counter(people_map.nowhere)).total()


SOMEWHERE = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
NEAR = st.tuples(st.floats(39, 42), st.floats(-76, -73))
KNOWN_OR_NOT = st.one_of(SOMEWHERE, NEAR, NEAR, st.just((None, None)), st.just((40.7, None)))


PLACES = st.sampled_from([(CITY,), (MEADOW, CITY), (DATELINE,)])


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(KNOWN_OR_NOT, min_size=1, max_size=30), PLACES)
def test_everybody_is_counted_once_on_each_map(
    duckdb: Engine, points: list[Point], zones: tuple[Zone, ...]
) -> None:
    for people_map in maps(evaluation(duckdb, inside(*zones), points)):
        assert total(people_map) == len(points)
        assert all(0 <= cell.row < people_map.rows for cell in people_map.cells)
        assert all(0 <= cell.column < people_map.columns for cell in people_map.cells)


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(st.tuples(st.floats(40.01, 40.99), st.floats(-74.99, -74.01)), min_size=1, max_size=20))
def test_who_is_inside_is_on_the_map_of_the_area(duckdb: Engine, points: list[Point]) -> None:
    around, *others = maps(evaluation(duckdb, inside(MEADOW), points))
    assert around.title == "the meadow"
    assert others == [], "everybody is on it, so that no other map is needed"
    assert "eligible" not in around.elsewhere
    for cell in around.cells:
        tall = (around.box.north - around.box.south) / around.rows
        assert any(abs(around.box.south + (cell.row + 0.5) * tall - lat) <= tall for lat, _ in points if lat)


def test_two_places_apart_have_a_map_each_and_then_there_is_one_of_everybody(duckdb: Engine) -> None:
    rome = Circle(41.9, 12.5, 20_000, "20 km around Rome")
    found = maps(evaluation(duckdb, inside(CITY, rome, MEADOW), [(40.7, -74.0), (41.9, 12.5), (51.5, 0.0)]))
    assert [one.title for one in found] == [
        "20 km around Rome",
        "25 mi around New York City and the meadow",
        "everybody",
    ]
    assert found[0].elsewhere == {"eligible": 1, "ineligible": 1}
    assert found[2].elsewhere == {}
    assert all(one.outlines for one in found)


def test_people_on_both_sides_of_the_180th_meridian_are_neighbours(duckdb: Engine) -> None:
    around, *_ = maps(evaluation(duckdb, inside(DATELINE), [(-16.5, 179.99), (-16.5, -179.99)]))
    assert around.elsewhere == {}
    columns = sorted(cell.column for cell in around.cells)
    assert columns[-1] - columns[0] <= 1


def test_the_second_source_places_whom_the_first_does_not(duckdb: Engine) -> None:
    points: list[Point] = [(40.7, -74.0), (None, None), (None, None)]
    further: list[Point] = [(33.5, -86.8), (40.7, -74.0), (None, None)]
    around, *_ = maps(evaluation(duckdb, inside(CITY), points, further))
    # Of the first person the two sources say different things.
    assert sum(cell.counts.get("eligible", 0) for cell in around.cells) == 1
    assert total(around) == 3
    assert sum(around.nowhere.values()) == 1


def test_a_rule_that_asks_for_no_place_has_no_map(duckdb: Engine) -> None:
    table = pa.table({"id": ["a"], "score": [50.0]})
    rule = NumberIn(About("score", "score"), 10.0)
    population = Population(duckdb, duckdb.put(table), {"score": Usual(("reach",), "reach")}, ATLAS)
    assert maps(population.under(rule, NOW)) == []


def test_piles_count_those_in_doubt_as_well(duckdb: Engine) -> None:
    """On the meadow's edge every disc is in doubt, and those on one point are still one pile."""
    points: list[Point] = [*[(40.0, -74.5)] * 7, *[(40.5, -74.5)] * 8, *[(40.6, -74.5)] * 5]
    piles = piles_of(evaluation(duckdb, inside(MEADOW), points))
    assert [(pile.lat, pile.people, pile.eligible) for pile in piles.shown] == [(40.5, 8, 8), (40.0, 7, 0)]
    assert piles.most_eligible == 8
