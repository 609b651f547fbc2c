"""A population comes out of Parquet, CSV or JSON Lines with the same verdicts, or says all that is wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from perks_engine.audiences.engines import Engine, connect
from perks_engine.audiences.files import read_population
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Population
from perks_engine.audiences.wants import PopulationError
from perks_engine.domain.evidence import REGISTER
from perks_engine.domain.rules import (
    About,
    Accept,
    AgeIn,
    AllOf,
    FlagIs,
    LocatedIn,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    Rule,
    WordIn,
    WordsMatch,
)
from perks_engine.domain.verdict import Verdict
from tests.audiences.one_meaning import VOCABULARY, Crowd, crowds
from tests.domain.zones import ATLAS, CITY

NOON = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
# ibis 12 asks DuckDB 2 in a way that DuckDB calls old, wherever a small table is kept on the connection.
pytestmark = pytest.mark.filterwarnings("default:fetch_arrow_table:DeprecationWarning")
KINDS = ("parquet", "csv", "jsonl")


def about(attribute: str, *sources: str) -> About:
    return About(attribute, attribute, accept=Accept(sources))


SCORE = NumberIn(about("score", "reach"), low=50)
ADULT = AgeIn(about("born_on", "profile"), low=18)
EVERYTHING = AllOf(
    (
        SCORE,
        ADULT,
        WordIn(about("creator_tier", "profile"), ("gold",)),
        WordsMatch(about("topics", "profile"), ("technology",)),
        FlagIs(about("verified_creator", "profile"), True),
        ReceiptsIn(about("earlier_receipts", REGISTER), high=1),
        LocatedIn(about("location", "device"), CITY),
        PostalCodeIn(about("location", "verified_address"), "CA", ("K1A0B1",)),
    )
)
ADDRESS = "location.verified_address"


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    engine = connect("duckdb")
    yield engine
    engine.close()


@pytest.fixture
def problems(duck: Engine, tmp_path: Path) -> Callable[..., list[str]]:
    """What is wrong with a file of this text, without the folder's name; nothing where nothing is."""

    def read(name: str, text: str | bytes, rule: Rule = SCORE) -> list[str]:
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return wrong(duck, file, rule)

    return read


def wrong(engine: Engine, file: Path, rule: Rule) -> list[str]:
    try:
        read_population(engine, file, rule, VOCABULARY)
    except PopulationError as error:
        return [problem.replace(f"{file.parent}/", "") for problem in error.problems]
    return []


def write(table: pa.Table, file: Path) -> None:
    if file.suffix == ".parquet":
        pq.write_table(table, file)
        return
    with file.open("w", encoding="utf-8", newline="") as out:
        if file.suffix == ".csv":
            writer = csv.writer(out)
            writer.writerow(table.column_names)
            writer.writerows([map(csv_cell, row.values()) for row in table.to_pylist()])
        else:
            out.writelines(json.dumps(row, default=str) + "\n" for row in table.to_pylist())


def without_outer_spaces(table: pa.Table) -> pa.Table:
    """As the cells of a CSV are read: spaces around them are no part of what they say."""
    rows = [
        {name: value.strip(" ") if isinstance(value, str) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]
    return pa.Table.from_pylist(rows, table.schema)


def csv_cell(value: Any) -> str:
    match value:
        case list():
            return ";".join(value) or ";"
        case None:
            return ""
        case _:
            return str(value)


def verdicts(engine: Engine, table: Any, rule: Rule, now: datetime = NOON) -> dict[str, Verdict]:
    rows = Population(engine, table, VOCABULARY, ATLAS).under(rule, now).rows()
    return {row["id"]: row["verdict"] for row in rows}


# --- one meaning


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=settings().max_examples // 16)
@given(crowd=crowds())
def test_a_file_gives_the_verdicts_of_its_people(
    duck: Engine, tmp_path_factory: pytest.TempPathFactory, kind: str, crowd: Crowd
) -> None:
    people = people_table(crowd.people, crowd.rule, crowd.now, VOCABULARY)
    if kind == "csv":
        people = without_outer_spaces(people)
    file = tmp_path_factory.getbasetemp() / f"crowd.{kind}"
    write(people, file)
    found = read_population(duck, file, crowd.rule, VOCABULARY)
    expected = verdicts(duck, ibis.memtable(people), crowd.rule, crowd.now)
    assert verdicts(duck, found, crowd.rule, crowd.now) == expected


CSV = """\
\ufeffid,hobby,score.reach,born_on,creator_tier,topics,verified_creator,earlier_receipts,\
location.device.lat,location.device.lon,location.device.radius_m,\
location.verified_address.country,location.verified_address.postal_code,seen_at
p1,chess,71,1990-04-01,gold, technology; mobile ,YES,2026-01-01T09:00-05:00|b|c,\
40.7128,-74.0060,30,ca,k1a 0b1,2026-12-01T09:00
"p2",,7.1e1,1990-04-01,gold,;,0,,,,,,,2026-12-01 09:00:00+01:00
"""
PEOPLE = [
    {
        "id": "p1",
        "score.reach": 71.0,
        "born_on": date(1990, 4, 1),
        "creator_tier": "gold",
        "topics": ["technology", "mobile"],
        "verified_creator": True,
        "earlier_receipts": ["2026-01-01T14:00:00.000000|b|c"],
        "location.device.lat": 40.7128,
        "location.device.lon": -74.0060,
        "location.device.radius_m": 30.0,
        f"{ADDRESS}.country": "CA",
        f"{ADDRESS}.postal_code": "K1A0B1",
        "seen_at": datetime(2026, 12, 1, 9, 0, tzinfo=UTC),
    },
    {
        "id": "p2",
        "score.reach": 71.0,
        "born_on": date(1990, 4, 1),
        "creator_tier": "gold",
        "topics": [],
        "verified_creator": False,
        "earlier_receipts": None,
        "location.device.lat": None,
        "location.device.lon": None,
        "location.device.radius_m": None,
        f"{ADDRESS}.country": None,
        f"{ADDRESS}.postal_code": None,
        "seen_at": datetime(2026, 12, 1, 8, 0, tzinfo=UTC),
    },
]


def test_cells_as_people_write_them_are_understood(duck: Engine, tmp_path: Path) -> None:
    file = tmp_path / "a 'quoted' [1]*.csv"
    file.write_text(CSV, encoding="utf-8")
    (tmp_path / "a 'quoted' [1] other.csv").write_text("not,this\n", encoding="utf-8")
    table = read_population(duck, file, EVERYTHING, VOCABULARY)
    assert sorted(duck.fetch(table).to_pylist(), key=lambda row: row["id"]) == PEOPLE
    assert verdicts(duck, table, EVERYTHING) == {"p1": Verdict.ELIGIBLE, "p2": Verdict.INELIGIBLE}


def test_types_that_other_tools_write_to_parquet_are_understood(duck: Engine, tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    seen = pa.array([datetime(2026, 12, 1, 9, 0)], pa.timestamp("ns"))  # noqa: DTZ001 - without a zone
    write(pa.table({"id": [7], "score.reach": [71], "born_on": pa.nulls(1), "seen_at": seen}), file)
    rows = duck.fetch(read_population(duck, file, AllOf((SCORE, ADULT)), VOCABULARY)).to_pylist()
    at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    assert rows == [{"id": "7", "score.reach": 71.0, "seen_at": at, "born_on": None}]


@pytest.mark.parametrize("kind", KINDS)
def test_many_people_are_evaluated(duck: Engine, tmp_path: Path, kind: str) -> None:
    many = 300_000
    file = tmp_path / f"many.{kind}"
    scores = pa.array([float(number % 100) for number in range(many)])
    table = pa.table({"id": [f"p{number}" for number in range(many)], "score.reach": scores})
    write(table, file)
    found = Population(duck, read_population(duck, file, SCORE, VOCABULARY), VOCABULARY, ATLAS)
    expected = {Verdict.ELIGIBLE: many // 2, Verdict.INELIGIBLE: many // 2, Verdict.UNKNOWN: 0}
    assert found.under(SCORE, NOON).verdicts() == expected


# --- files that cannot be used


def test_a_file_that_is_no_population_says_why(
    duck: Engine, tmp_path: Path, problems: Callable[..., list[str]]
) -> None:
    (tmp_path / "folder.csv").mkdir()
    assert wrong(duck, tmp_path / "nobody.csv", SCORE) == ["nobody.csv: there is no such file"]
    assert wrong(duck, tmp_path / "folder.csv", SCORE) == ["folder.csv: is a folder; expected one file"]
    assert problems("people.xlsx", "PK") == [
        "people.xlsx: is of an unknown kind; expected one of .parquet, .csv, .jsonl, .ndjson"
    ]
    assert problems("people.csv", "") == ["people.csv: is empty"]
    assert problems("people.csv", "\nid\n") == ["people.csv:1: expected a header, the names of the columns"]
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        assert problems("people.csv", f"id{sign}score.reach\np1{sign}71\n") == [
            f"people.csv:1: {name} separate its columns; save it with commas between them"
        ]
    assert problems("people.csv", "id,score.reach\n") == ["people.csv: there is nobody in it"]
    assert problems("p.parquet", "PAR1 no") == ["p.parquet: is not a Parquet file, or not a whole one"]
    assert problems("people.csv", "id,score.reach\r\np1,71\np2,72\r\n") == [
        "people.csv: cannot be read: its lines end in different ways (CR LF, LF); save it with one of them"
    ]


def test_broken_rows_of_csv_are_named_beside_wrong_values(problems: Callable[..., list[str]]) -> None:
    text = 'id,score.reach\np1\n\n"p\n2",71\np3,71,72\np4,abc\n'
    assert problems("people.csv", text) == [
        "people.csv:2: the row has fewer cells than the header (2)",
        "people.csv:6: the row has more cells than the header (2)",
        "people.csv:7: column score.reach: 'abc' is not a number",
    ]
    assert problems("people.csv", 'id,score.reach\n"p"1,71\np2,abc\n')[:1] == [
        'people.csv:2: the row cannot be read (unquoted value); text with a quote in it is written "a ""b"""'
    ]
    assert problems("people.csv", b"id,score.reach\np\xff,71\n") == [
        "people.csv:2: the line is not UTF-8; save the file as UTF-8"
    ]
    about_words = b"id,topics\np1,caf\xe9\n"
    assert problems("people.csv", about_words, WordsMatch(About("topics", "topics"), ("coffee",))) == [
        "people.csv:2: the line is not UTF-8; save the file as UTF-8"
    ]
    assert problems("people.csv", b"id,caf\xe9\np1,71\n") == [
        "people.csv:1: the line is not UTF-8; save the file as UTF-8"
    ]


def test_broken_lines_of_json_are_named_beside_wrong_values(problems: Callable[..., list[str]]) -> None:
    good = '{"id": "p1", "score.reach": 71}'
    text = f'{good[:-1]}\n\n[1]\n{{"id": {{}}, "score.reach": "71"}}\n{good}'
    assert problems("people.jsonl", text) == [
        "people.jsonl:1: the line is not a JSON object",
        "people.jsonl:3: the line is not a JSON object",
        "people.jsonl:4: column id: {} is not an id",
        'people.jsonl:4: column score.reach: "71" is not a number',
    ]


def test_missing_columns_are_named_with_what_was_meant(problems: Callable[..., list[str]]) -> None:
    near = LocatedIn(about("location", "device"), CITY)
    header = "ID,scores.reach,location.devise.lat,location.device.lon,location.device.radius\n"
    assert problems("people.csv", header + "p1,71,40,-74,30\n", AllOf((SCORE, near, ADULT))) == [
        "people.csv: the column id is missing: who each row is about; did you mean 'ID'?",
        (
            "people.csv: no column holds score from a source that the rule accepts: score.reach; "
            "did you mean 'scores.reach'?"
        ),
        (
            "people.csv: the columns of location.device lack location.device.lat, location.device.radius_m; "
            "did you mean 'location.devise.lat'?"
        ),
        "people.csv: no column holds born_on from a source that the rule accepts: born_on",
    ]
    assert problems("people.csv", "id,score.reach,score.reach\np1,71,72\n") == [
        "people.csv: column score.reach stands more than once in the header"
    ]


# --- values that cannot be used


def test_every_mistyped_value_of_a_row_is_named(problems: Callable[..., list[str]]) -> None:
    header = CSV.splitlines()[0]
    bad = "p1,,abc,1990-02-30,gold,x,maybe,now|b|c,nan,1e999,30,ca,k,soon"
    assert problems("people.csv", f"{header}\n{bad}\n", EVERYTHING) == [
        "people.csv:2: column score.reach: 'abc' is not a number",
        "people.csv:2: column seen_at: 'soon' is not a time such as 2026-12-01T09:00Z",
        "people.csv:2: column born_on: '1990-02-30' is not a day such as 1990-04-01",
        "people.csv:2: column verified_creator: 'maybe' is not true or false",
        "people.csv:2: column earlier_receipts: 'now|b|c' is not a list of receipts (INSTANT|brand|campaign)",
        "people.csv:2: column location.device.lat: 'nan' is not a number",
        "people.csv:2: column location.device.lon: '1e999' is not a number",
    ]


def test_json_says_no_word_for_a_number_and_no_number_for_a_word(problems: Callable[..., list[str]]) -> None:
    rule = AllOf(EVERYTHING.rules[1:6])
    row = '{"id": 1, "born_on": 19900401, "creator_tier": 1, "topics": ["x", 1], "verified_creator": "true"'
    assert problems("people.jsonl", row + ', "earlier_receipts": "2026-01-01|b|c"}\n', rule) == [
        "people.jsonl:1: column born_on: 19900401 is not a day such as 1990-04-01",
        "people.jsonl:1: column creator_tier: 1 is not text",
        'people.jsonl:1: column topics: ["x",1] is not a list of words',
        'people.jsonl:1: column verified_creator: "true" is not true or false',
        (
            'people.jsonl:1: column earlier_receipts: "2026-01-01|b|c" is not a list of receipts '
            "(INSTANT|brand|campaign)"
        ),
    ]


def test_a_parquet_column_of_an_impossible_type_is_named_beside_wrong_rows(
    duck: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "people.parquet"
    reach = pa.array([{"value": 71}, {"value": 72}])
    write(pa.table({"id": ["p1", "p2"], "score.reach": reach, "born_on": ["1990-04-01", "1990"]}), file)
    assert wrong(duck, file, AllOf((SCORE, ADULT))) == [
        'people.parquet: column score.reach is of type STRUCT("value" BIGINT); expected a number',
        "people.parquet: row 2: column born_on: '1990' is not a day such as 1990-04-01",
    ]


def test_ids_are_there_and_there_once(
    problems: Callable[..., list[str]], duck: Engine, tmp_path: Path
) -> None:
    assert problems("people.csv", "id,score.reach\np1,71\n,72\np2,73\np1,74\np1,75\n") == [
        "people.csv:3: column id: is empty",
        "people.csv:5: column id: 'p1' stands in line 2 already",
        "people.csv:6: column id: 'p1' stands in line 2 already",
    ]
    assert problems("people.jsonl", '{"id": 1, "score.reach": 7}\n{"score.reach": 8}\n{"id": "1"}\n') == [
        "people.jsonl:2: column id: is empty",
        "people.jsonl:3: column id: '1' stands in line 1 already",
    ]
    file = tmp_path / "people.parquet"
    write(pa.table({"id": ["p1", None, "p1"], "score.reach": [1, 2, 3]}), file)
    assert wrong(duck, file, SCORE) == [
        "people.parquet: row 2: column id: is empty",
        "people.parquet: row 3: column id: 'p1' stands in row 1 already",
    ]


def test_the_first_twenty_problems_are_shown_and_all_are_counted(problems: Callable[..., list[str]]) -> None:
    rows = [f"p{number},{'x' if number % 100 == 99 else number}\n" for number in range(200_000)]
    found = problems("people.csv", "id,score.reach\n" + "".join(rows))
    assert found[0] == "people.csv:101: column score.reach: 'x' is not a number"
    assert found[19] == "people.csv:2001: column score.reach: 'x' is not a number"
    assert found[20:] == ["people.csv: 2,000 such problems in all, of which the first 20 are shown"]


def test_lines_are_counted_right_deep_in_a_large_file(problems: Callable[..., list[str]]) -> None:
    rows = [f"p{number},{number}\n" for number in range(400_000)]
    rows[1_000] = '"a\nb",1\n'
    rows[250_000] = "torn\n"
    rows[350_000] = "p350000,x\n"
    assert problems("people.csv", "id,score.reach\n" + "".join(rows)) == [
        "people.csv:250003: the row has fewer cells than the header (2)",
        "people.csv:350003: column score.reach: 'x' is not a number",
    ]


def test_columns_that_the_rule_does_not_read_may_hold_anything(problems: Callable[..., list[str]]) -> None:
    assert problems("people.csv", "id,score.reach,born_on\np1,71,long ago\n") == []
