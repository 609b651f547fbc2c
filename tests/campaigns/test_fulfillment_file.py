"""Files of fulfillment: every row that is wrong is named, and a file that has one is not taken at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from perks_engine.campaigns.fulfillment_file import read_fulfillments
from perks_engine.domain.fulfillment import RECORDABLE, Fulfillment, MoveKind
from tests.campaigns.reading import faults_of

INSTANT = "expected a date and time with a zone, such as 2026-12-01T09:00-05:00"
COLUMNS = (
    "expected one of claim, move, occurred_at, evidence, reference, note, carrier, parts, item, "
    "fair_market_value"
)
MOVES = f"expected one of {', '.join(RECORDABLE)}"
OTHERS = COLUMNS.replace("claim, move, occurred_at", "move")
TABLE = """\
claim,move,occurred_at,reference
clm_1,ship,2026-12-03T10:00+01:00,TRACK-1
"""
LISTED = """\
records:
  - {claim: clm_1, move: ship, occurred_at: 2026-12-03T10:00+01:00, reference: TRACK-1}
"""


def faults_in(folder: Path, name: str, text: str) -> list[str]:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return [fault.removeprefix(f"{folder}/") for fault in faults_of(lambda: read_fulfillments(file))]


@pytest.mark.parametrize(("name", "text"), [("ships.csv", TABLE), ("ships.yaml", LISTED)])
def test_a_record(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    at = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    assert read_fulfillments(file) == (
        [Fulfillment("clm_1", MoveKind.SHIP, at, "", "TRACK-1", "")],
        [f"{file}:2"],
    )


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    table = """\
claim,move,occurred_at,note
clm_1,ship,2026-12-03T10:00Z,
clm_2,shipped,2026-12-03T10:00Z,
clm_3,deliver,2026-12-03 10:00,
clm_4,lose,3.12.2026,left in the rain
,deliver,,
clm_6,ship,2026-02-30T10:00Z,
"""
    assert faults_in(tmp_path, "ships.csv", table) == [
        f"ships.csv:3:1: move: found 'shipped'; {MOVES}; did you mean 'ship'?",
        f"ships.csv:4:1: occurred_at: '2026-12-03 10:00' has no zone; {INSTANT}",
        f"ships.csv:5:1: occurred_at: '3.12.2026' is not a date and time; {INSTANT}",
        "ships.csv:6:1: the key 'claim' is missing; expected the claim that the unit was granted to",
        "ships.csv:6:1: the key 'occurred_at' is missing; expected when it happened, with its zone",
        f"ships.csv:7:1: occurred_at: '2026-02-30T10:00Z' is not a date and time; {INSTANT}",
    ]


def test_a_missing_column_is_told_before_any_row(tmp_path: Path) -> None:
    table = "claim,mov,occured_at\nclm_1,shipped,yesterday\n"
    assert faults_in(tmp_path, "ships.csv", table) == [
        f"ships.csv:1:1: mov: unknown column; {COLUMNS}; did you mean 'move'?",
        "ships.csv:1:1: move: the column is missing; expected a header with claim, move, occurred_at",
        f"ships.csv:1:1: occured_at: unknown column; {COLUMNS}; did you mean 'occurred_at'?",
        "ships.csv:1:1: occurred_at: the column is missing; expected a header with claim, move, occurred_at",
    ]


def test_every_row_with_a_cell_too_many(tmp_path: Path) -> None:
    rows = "\nclm_2,ship,2026-12-03T10:00Z,TRACK,2\nclm_3,ship,2026-12-03T10:00Z,TRACK,,\n"
    assert faults_in(tmp_path, "ships.csv", TABLE + rows) == [
        "ships.csv:4:1: the row has more cells than the header",
        "ships.csv:5:1: the row has more cells than the header",
    ]


def test_the_rows_of_a_list(tmp_path: Path) -> None:
    text = """\
- {claim: clm_1, move: ship, occurred_at: 2026-12-03T10:00}
- {claim: clm_2, occurred_at: 2026-12-03T10:00Z, courier: post}
- clm_3
"""
    assert faults_in(tmp_path, "ships.yaml", text) == [
        f"ships.yaml:1:43: occurred_at: '2026-12-03T10:00' has no zone; {INSTANT}",
        "ships.yaml:2:3: the key 'move' is missing; expected what happened",
        f"ships.yaml:2:50: unknown key 'courier'; {OTHERS}; did you mean 'carrier'?",
        "ships.yaml:3:3: found 'clm_3'; expected a mapping with claim, move, occurred_at",
    ]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert faults_in(tmp_path, "ships.yaml", "shipped everything") == [
        "ships.yaml:1:1: found 'shipped everything'; expected a list of records"
    ]
    missing = tmp_path / "nowhere.csv"
    assert faults_of(lambda: read_fulfillments(missing)) == [
        f"{missing}: cannot be read: No such file or directory"
    ]
