"""The known answers about places, in all three executions and on every engine."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from perks_engine.audiences.columns import Usual
from perks_engine.audiences.engines import Engine
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Population
from perks_engine.audiences.zones import AT_A_TIME
from perks_engine.bootstrap import packaged
from perks_engine.domain.compiled import compile_rule
from perks_engine.domain.evidence import Evidence, Location, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Circle, Disc, Territory, Zone
from perks_engine.domain.rules import About, Accept, AnyOf, LocatedIn
from perks_engine.domain.verdict import Verdict
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.gazetteer import Gazetteer

NOON = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)
FILE = Path(__file__).parent.parent / "data" / "geofence_nyc.csv"
ROWS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))
CIRCLES = {"within_25_mi": 40_233.6, "within_50_km": 50_000.0}
ANSWERS = {"in": Verdict.ELIGIBLE, "out": Verdict.INELIGIBLE, "unknown": Verdict.UNKNOWN}
VOCABULARY = {"location": Usual(("device",), "device")}
DEVICE = About("location", "location", accept=Accept(("device",)))


@pytest.fixture(scope="module")
def atlas() -> RulesAtlas:
    """The areas of the rules; nothing here looks a name up in the gazetteer."""
    return RulesAtlas([packaged("rules")], Gazetteer())


def three_executions(
    zone: Zone, discs: Sequence[Disc], engine: Engine, atlas: RulesAtlas
) -> list[tuple[Verdict, Verdict, Verdict]]:
    """What is said of whoever is known to be in each disc: explained, compiled, and as a set."""
    rule = LocatedIn(DEVICE, zone)
    people = [
        Person(f"p{number:02}", (Evidence("location", Location(disc), "device", NOON),))
        for number, disc in enumerate(discs)
    ]
    program = compile_rule(rule, atlas)
    table = engine.put(people_table(people, rule, NOON, VOCABULARY))
    rows = list(Population(engine, table, VOCABULARY, atlas).under(rule, NOON).rows())
    engine.sweep()
    as_a_set = {row["id"]: row["verdict"] for row in rows}
    return [
        (
            explain(rule, person, NOON, atlas).verdict,
            program.verdict(person, NOON),
            as_a_set[person.person_id],
        )
        for person in people
    ]


@pytest.mark.parametrize("column", CIRCLES)
def test_the_geofence_file_is_right(engine: Engine, atlas: RulesAtlas, column: str) -> None:
    circle = Circle(40.712776, -74.005974, CIRCLES[column], column)
    discs = [Disc(float(row["lat"]), float(row["lon"]), float(row["radius_m"])) for row in ROWS]
    found = three_executions(circle, discs, engine, atlas)
    assert len(found) == 30
    wrong = [
        (row["place"], row["radius_m"], said)
        for row, said in zip(ROWS, found, strict=True)
        if set(said) != {ANSWERS[row[column]]}
    ]
    assert wrong == []


def test_the_citys_polygon_is_right(engine: Engine, atlas: RulesAtlas) -> None:
    boroughs = atlas.area("areas/nyc_boroughs")
    assert boroughs is not None
    known = {
        "Times Square": (Disc(40.7580, -73.9855, 20), Verdict.ELIGIBLE),
        "JFK": (Disc(40.6413, -73.7781, 20), Verdict.ELIGIBLE),
        "Marble Hill": (Disc(40.8761, -73.9110, 20), Verdict.ELIGIBLE),
        "Marble Hill, known to 500 m": (Disc(40.8761, -73.9110, 500), Verdict.UNKNOWN),
        "St. George": (Disc(40.6437, -74.0736, 20), Verdict.ELIGIBLE),
        "Hoboken Terminal": (Disc(40.7349, -74.0278, 20), Verdict.INELIGIBLE),
        "Fort Lee": (Disc(40.8509, -73.9701, 20), Verdict.INELIGIBLE),
        "Newark": (Disc(40.7357, -74.1724, 20), Verdict.INELIGIBLE),
        "Yonkers": (Disc(40.9312, -73.8988, 20), Verdict.INELIGIBLE),
        "Birmingham, Alabama": (Disc(33.5186, -86.8104, 20), Verdict.INELIGIBLE),
        "somewhere in the east, honestly": (Disc(40.6782, -73.9442, 1_500_000), Verdict.UNKNOWN),
    }
    found = three_executions(boroughs, [disc for disc, _ in known.values()], engine, atlas)
    expected = {where: (verdict,) * 3 for where, (_, verdict) in known.items()}
    assert dict(zip(known, found, strict=True)) == expected


def test_a_state_and_a_country_are_right(engine: Engine, atlas: RulesAtlas) -> None:
    new_york, america = Territory(("US-NY",), "New York"), Territory(("US",), "the United States")
    known = {
        "Albany": (Disc(42.6526, -73.7562, 30), Verdict.ELIGIBLE, Verdict.ELIGIBLE),
        "Birmingham, Alabama": (Disc(33.5186, -86.8104, 30), Verdict.INELIGIBLE, Verdict.ELIGIBLE),
        "Hoboken": (Disc(40.7440, -74.0324, 30), Verdict.UNKNOWN, Verdict.ELIGIBLE),
        "Detroit": (Disc(42.3314, -83.0458, 30), Verdict.INELIGIBLE, Verdict.UNKNOWN),
        "Montréal": (Disc(45.5019, -73.5674, 30), Verdict.INELIGIBLE, Verdict.INELIGIBLE),
        "the high seas": (Disc(30.0, -40.0, 30), Verdict.INELIGIBLE, Verdict.INELIGIBLE),
        "the South Pole": (Disc(-90.0, 0.0, 30), Verdict.INELIGIBLE, Verdict.INELIGIBLE),
        "the Aleutians, beyond 180°": (Disc(52.92, 172.9, 30), Verdict.INELIGIBLE, Verdict.ELIGIBLE),
    }
    discs = [disc for disc, _, _ in known.values()]
    for zone, verdicts in (
        (new_york, [verdict for _, verdict, _ in known.values()]),
        (america, [verdict for _, _, verdict in known.values()]),
    ):
        found = three_executions(zone, discs, engine, atlas)
        expected = {where: (verdict,) * 3 for where, verdict in zip(known, verdicts, strict=True)}
        assert dict(zip(known, found, strict=True)) == expected


def test_a_state_is_asked_of_those_who_have_a_disc_and_no_address(engine: Engine, atlas: RulesAtlas) -> None:
    """As a warehouse may hold them: no column says a country or a region."""
    table = engine.put(
        pa.table(
            {
                "id": ["Albany", "Birmingham", "nobody knows"],
                "location.device.lat": [42.6526, 33.5186, None],
                "location.device.lon": [-73.7562, -86.8104, None],
                "location.device.radius_m": [30.0, 30.0, None],
            }
        )
    )
    rule = LocatedIn(DEVICE, Territory(("US-NY", "US-NJ"), "New York or New Jersey"))
    rows = Population(engine, table, VOCABULARY, atlas).under(rule, NOON).rows()
    assert {row["id"]: row["verdict"] for row in rows} == {
        "Albany": Verdict.ELIGIBLE,
        "Birmingham": Verdict.INELIGIBLE,
        "nobody knows": Verdict.UNKNOWN,
    }
    engine.sweep()


COUNTRIES = {
    "FR": (47.0, 2.5),
    "DE": (51.0, 10.0),
    "ES": (40.0, -4.0),
    "PL": (52.0, 19.0),
    "BR": (-10.0, -52.0),
    "IN": (22.0, 79.0),
    "AU": (-25.0, 134.0),
    "CA": (60.0, -110.0),
    "US": (39.0, -98.0),
    "MX": (23.0, -102.0),
    "AR": (-35.0, -65.0),
    "ZA": (-29.0, 25.0),
}


def test_a_rule_of_many_places_is_evaluated(engine: Engine, atlas: RulesAtlas) -> None:
    """Some at a time: what is nested deeper no engine resolves."""
    islands = {f"island {number}": (10.0 + number, -150.0) for number in range(8)}
    zones: list[Zone] = [Territory((code,), code) for code in COUNTRIES]
    zones += [Circle(lat, lon, 20_000, name) for name, (lat, lon) in islands.items()]
    assert len(zones) > 2 * AT_A_TIME
    rule = AnyOf(tuple(LocatedIn(DEVICE, zone) for zone in zones))
    spots = {**COUNTRIES, **islands, "nowhere": (30.0, -40.0)}
    people = [
        Person(name, (Evidence("location", Location(Disc(lat, lon, 30.0)), "device", NOON),))
        for name, (lat, lon) in spots.items()
    ]
    table = engine.put(people_table(people, rule, NOON, VOCABULARY))
    rows = Population(engine, table, VOCABULARY, atlas).under(rule, NOON).rows()
    verdicts = {row["id"]: row["verdict"] for row in rows}
    engine.sweep()
    assert verdicts.pop("nowhere") is Verdict.INELIGIBLE
    assert verdicts == dict.fromkeys({**COUNTRIES, **islands}, Verdict.ELIGIBLE)
