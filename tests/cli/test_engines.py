"""People who stay where they are, in a table of PostgreSQL or in Parquet that Spark reads."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from perks_engine.audiences.engines import connect
from tests.cli.command_line import Desk
from tests.cli.crowds import ALABAMA, BROOKLYN, population
from tests.engine_room import PHONE


@pytest.fixture
def loaded(desk: Desk) -> Desk:
    desk.well("campaign", "load", desk.campaign_file(), "--by", "mara")
    return desk


def crowd() -> pa.Table:
    """Three people who fit the phone campaign and two in Alabama, typed as a warehouse has them."""
    table = pyarrow.csv.read_csv(io.BytesIO(population((3, BROOKLYN), (2, ALABAMA)).encode()))
    words = ["opted_in", "topics"]
    for name in words:
        lists = pa.array([[word] for word in table[name].to_pylist()], pa.list_(pa.string()))
        table = table.set_column(table.column_names.index(name), name, lists)
    nobody = pa.nulls(len(table), pa.list_(pa.string()))
    kin = "relation_to_brand.northwind-phones"
    return table.set_column(table.column_names.index(kin), kin, nobody)


@pytest.fixture
def in_postgres(postgres: str) -> str:
    """A server that holds the crowd in the schema `crm`."""
    engine = connect(postgres)
    backend: Any = engine.backend
    backend.create_database("crm", force=True)
    backend.create_table("people", crowd(), database="crm", overwrite=True)
    engine.close()
    return postgres


def test_a_table_of_postgresql_is_previewed(loaded: Desk, in_postgres: str) -> None:
    arguments = ("campaign", "preview", PHONE, "--by", "mara", "--engine", in_postgres)
    seen = loaded.json(*arguments, "--people", "crm.people")
    assert (seen["people"], seen["eligible"], seen["ineligible"]) == (5, 3, 2)
    refused = loaded.perks(*arguments, "--people", "crm.persons")
    assert refused.code == 2
    assert refused.err == (
        "perks: crm.persons cannot be previewed\ncrm.persons: there is no such table on postgres\n"
    )


def test_two_versions_are_compared_over_it(loaded: Desk, in_postgres: str) -> None:
    old = loaded.campaign_file()
    text = old.read_text(encoding="utf-8").replace("score: {between: [50, 100]", "score: {between: [80, 100]")
    new = loaded.file("stricter.yaml", text)
    told = loaded.perks(
        "campaign", "diff", old, new, "--engine", in_postgres, "--people", "crm.people", "--json"
    )
    assert (told.code, told.data["changed"]) == (1, 3)


def test_parquet_is_previewed_by_spark(loaded: Desk) -> None:
    file = loaded.folder / "people.parquet"
    pq.write_table(crowd(), file)
    seen = loaded.json("campaign", "preview", PHONE, "--by", "mara", "--engine", "spark", "--people", file)
    assert (seen["people"], seen["eligible"], seen["ineligible"]) == (5, 3, 2)


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("snowflake", "there is no engine 'snowflake'; expected one of duckdb, postgresql://…, spark"),
        (
            "postgresql://nobody@127.0.0.1:1/none",
            "--engine: PostgreSQL does not answer: connection failed: ",
        ),
    ],
)
def test_an_engine_that_cannot_be_used_is_told(loaded: Desk, engine: str, message: str) -> None:
    told = loaded.perks("campaign", "preview", PHONE, "--by", "m", "--engine", engine, "--people", "people")
    assert told.code == 2
    assert message in told.err


def test_an_engine_wants_to_know_the_table(loaded: Desk) -> None:
    told = loaded.perks("campaign", "preview", PHONE, "--by", "mara", "--engine", "spark")
    assert told.code == 2
    assert told.err == "perks: --engine says where people lie, so it needs --people TABLE\n"
