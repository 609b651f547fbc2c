"""What is brought to an engine is what it holds, whatever it is and wherever it is missing."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pyarrow as pa

from perks_engine.audiences.engines import Engine

MOMENTS = ((2027, 2, 28, 23, 59, 59, 999_999), None, (1, 1, 1), (1900, 1, 1))
TABLE = pa.table(
    {
        "id": pa.array(["p1", None, "Zoë 🎉", ""]),
        "nothing": pa.nulls(4, pa.string()),
        "number": pa.array([5e-324, None, -0.0, math.inf]),
        "count": pa.array([2**62, None, -1, 0]),
        "day": pa.array([date.min, None, date.max, date(2028, 2, 29)]),
        "flag": pa.array([True, None, False, True]),
        "at": pa.array(
            [datetime(*moment, tzinfo=UTC) if moment else None for moment in MOMENTS],
            pa.timestamp("us", tz="UTC"),
        ),
        "words": pa.array([["música", "a\\b\n'c'\t"], None, [], [""]], pa.list_(pa.string())),
    }
)


def test_what_is_brought_is_what_is_held(engine: Engine) -> None:
    assert engine.fetch(engine.put(TABLE)).equals(TABLE)
    engine.sweep()


def test_a_table_in_several_pieces_is_the_same_table(engine: Engine) -> None:
    """Spark made the word `NaN` out of each missing text of such a table, when it was asked by way of pandas,
    and stopped at the piece without rows."""
    pieces = pa.concat_tables([TABLE.slice(1), TABLE, TABLE.slice(0, 0), TABLE.slice(3)])
    found = engine.fetch(engine.put(pieces))
    assert sorted(map(str, found.to_pylist())) == sorted(map(str, pieces.to_pylist()))
    engine.sweep()


def test_nothing_is_brought_as_nothing(engine: Engine) -> None:
    assert engine.fetch(engine.put(TABLE.slice(0, 0))).to_pylist() == []
    engine.sweep()


def test_what_was_put_for_one_use_goes_away(engine: Engine) -> None:
    kept = engine.keep("perks_kept", lambda: TABLE)
    engine.put(TABLE)
    engine.sweep()
    assert engine.lent == []
    assert engine.fetch(kept).num_rows == 4
    assert engine.keep("perks_kept", lambda: TABLE.slice(0, 1)) is kept


def test_nan_is_no_number_to_any_engine(engine: Engine) -> None:
    table = engine.put(pa.table({"number": [math.nan, 1.0, None]}))
    found = engine.fetch(table.filter(table["number"].abs() <= 1.7976931348623157e308))
    assert found["number"].to_pylist() == [1.0]
    engine.sweep()
