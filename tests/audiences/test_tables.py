"""A population may be a table of the engine, or Parquet that Spark reads; it is checked as files are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perks_engine.audiences.engines import Engine, connect
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Population
from perks_engine.audiences.tables import table_population
from perks_engine.audiences.wants import PopulationError
from perks_engine.domain.evidence import Evidence, Location, Person
from perks_engine.domain.geography import Disc
from perks_engine.domain.rules import About, Accept, AllOf, LocatedIn, NumberIn, PostalCodeIn, WordsMatch
from perks_engine.domain.verdict import Verdict
from tests.audiences.one_meaning import VOCABULARY
from tests.domain.zones import ATLAS, MEADOW

NOON = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
SCORE = NumberIn(About("score", "score", accept=Accept(("reach",))), low=50)
THERE = LocatedIn(About("location", "location", accept=Accept(("device",))), MEADOW)
TOPICS = WordsMatch(About("topics", "topics", accept=Accept(("profile",))), ("technology",))
CODE = PostalCodeIn(About("location", "location", accept=Accept(("verified_address",))), "CA", ("K1A0B1",))
RULE = AllOf((SCORE, THERE, TOPICS))

_numbers = count()


def kept(engine: Engine, table: Any) -> str:
    """The name of a table of the engine that holds these rows."""
    name = f"people_{next(_numbers)}"
    engine.keep(name, lambda: table)
    return name


def somebody(person_id: str, score: float, lat: float) -> Person:
    facts = (
        Evidence("score", score, "reach", NOON),
        Evidence("location", Location(Disc(lat, -74.5, 30)), "device", NOON),
        Evidence("topics", frozenset({"technology"}), "profile", NOON),
    )
    return Person(person_id, facts)


def refusal(engine: Engine, table: Any, rule: Any = RULE) -> list[str]:
    name = kept(engine, table)
    with pytest.raises(PopulationError) as refused:
        table_population(engine, name, rule, VOCABULARY)
    return [problem.replace(name, "people") for problem in refused.value.problems]


def test_people_of_a_table_are_judged(engine: Engine) -> None:
    people = [somebody("p1", 71, 40.5), somebody("p2", 71, 50), somebody("p3", 7, 40.5)]
    name = kept(engine, people_table(people, RULE, NOON, VOCABULARY))
    table = table_population(engine, name, RULE, VOCABULARY)
    rows = Population(engine, table, VOCABULARY, ATLAS).under(RULE, NOON).rows()
    assert {row["id"]: row["verdict"] for row in rows} == {
        "p1": Verdict.ELIGIBLE,
        "p2": Verdict.INELIGIBLE,
        "p3": Verdict.INELIGIBLE,
    }


def test_numbers_and_codes_may_be_written_in_other_ways(engine: Engine) -> None:
    address = "location.verified_address"
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "score.reach": pa.array([71, 7], pa.int32()),
            f"{address}.country": ["ca", "CA"],
            f"{address}.postal_code": ["k1a 0b1", "K1A-0B1"],
        }
    )
    rule = AllOf((SCORE, CODE))
    found = table_population(engine, kept(engine, table), rule, VOCABULARY)
    rows = Population(engine, found, VOCABULARY, ATLAS).under(rule, NOON).rows()
    assert {row["id"]: row["verdict"] for row in rows} == {"1": Verdict.ELIGIBLE, "2": Verdict.INELIGIBLE}


def test_missing_and_mistyped_columns_are_all_named(engine: Engine) -> None:
    table = pa.table({"id": ["p1"], "score.reach": ["71"], "location.device.lat": [40.5], "topic": ["x"]})
    found = refusal(engine, table)
    assert found == [
        "people: the columns of location.device lack location.device.lon, location.device.radius_m",
        ("people: no column holds topics from a source that the rule accepts: topics; did you mean 'topic'?"),
        "people: column score.reach is of type string; expected a number",
    ]


def test_ids_are_there_and_there_once(engine: Engine) -> None:
    table = pa.table({"id": ["p1", None, "p1", "", "p2"], "score.reach": [1.0, 2.0, 3.0, 4.0, 5.0]})
    assert refusal(engine, table, SCORE) == [
        "people: column id is empty in 2 of 5 rows",
        "people: column id: 'p1' stands in 2 rows",
    ]
    assert refusal(engine, table.slice(0, 0), SCORE) == ["people: there is nobody in it"]


def test_a_table_that_is_not_there_is_told(engine: Engine) -> None:
    with pytest.raises(PopulationError, match="nobody_at_all: there is no such table on"):
        table_population(engine, "nobody_at_all", SCORE, VOCABULARY)


@pytest.mark.parametrize("make", [pq.write_table, pq.write_to_dataset], ids=["file", "folder"])
def test_spark_reads_parquet(tmp_path: Path, make: Callable[[Any, Path], None]) -> None:
    spark = connect("spark")
    path = tmp_path / "people.parquet"
    make(pa.table({"id": ["p1", "p2"], "score.reach": [71.0, 7.0]}), path)
    table = table_population(spark, str(path), SCORE, VOCABULARY)
    verdicts = Population(spark, table, VOCABULARY, ATLAS).under(SCORE, NOON).verdicts()
    assert verdicts == {Verdict.ELIGIBLE: 1, Verdict.INELIGIBLE: 1, Verdict.UNKNOWN: 0}
    with pytest.raises(PopulationError, match=r"nobody\.parquet: cannot be read: .*PATH_NOT_FOUND"):
        table_population(spark, str(tmp_path / "nobody.parquet"), SCORE, VOCABULARY)
