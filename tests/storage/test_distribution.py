"""The tables beside the rules of a distributed PostgreSQL: what is against them is named, with a reason."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, UniqueConstraint

from perks_engine.storage import geocoding_tables, list_tables, log_tables
from perks_engine.storage.distribution import JUSTIFIED, PLACES, deviations
from perks_engine.storage.table_model import metadata

TABLES = (geocoding_tables, list_tables, log_tables)
"""The modules whose tables `metadata` holds once they are imported."""


def test_each_table_has_a_place() -> None:
    assert set(metadata.tables) == set(PLACES)


def test_each_deviation_has_a_reason_and_no_reason_is_left_over() -> None:
    """A new table or constraint fails here until it keeps the rules, or stands in `distribution.py`."""
    stands = [line.strip() for lines in JUSTIFIED.values() for line in lines.strip().splitlines()]
    assert len(stands) == len(set(stands))
    found = set(deviations(metadata))
    assert found - set(stands) == set(), "against the rules, and nobody has said why"
    assert set(stands) - found == set(), "a reason for what is not so any more"


def test_the_lint_finds_what_it_looks_for() -> None:
    bad = MetaData()
    Table("campaign", bad, Column("name", String, primary_key=True))
    Table(
        "claim",
        bad,
        Column("person_id", String, primary_key=True),
        Column("claim_id", String, primary_key=True),
    )
    Table("holding", bad, Column("claim_id", String, primary_key=True))
    Table(
        *("entry", bad),
        Column("entry_id", Integer, primary_key=True, autoincrement=True),
        Column("person_id", ForeignKey("claim.person_id")),
        Column("campaign", ForeignKey("campaign.name")),
        Column("claim_id", ForeignKey("claim.claim_id")),
        UniqueConstraint("claim_id"),
        UniqueConstraint("person_id", "campaign"),
    )
    assert list(deviations(bad)) == [
        "entry: primary key (entry_id) without person_id",
        "entry: unique (claim_id) without person_id",
        "entry: numbered by a sequence",
        "entry: refers to claim by claim_id",
        "holding: has no person_id",
    ]
