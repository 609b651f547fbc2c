"""A connection to whatever holds a population."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from perks_engine.audiences.heavy import ibis, pa
from perks_engine.audiences.relational import ArrowTable, Table, Value

BATCH = 100_000
"""Rows that are at a time in the form of Python, which takes up many times the room of Arrow."""

_numbers = count()


@dataclass(frozen=True)
class Engine:
    """A connection, and the small tables that were brought to it.

    They go over as Arrow and come back so. What ibis does itself leads through pandas, which on the way to
    Spark may write the missing text as the word `NaN`.
    """

    backend: ibis.BaseBackend
    kept: dict[str, Table] = field(default_factory=dict[str, Table])
    lent: list[str] = field(default_factory=list[str])

    def keep(self, name: str, make: Callable[[], ArrowTable]) -> Table:
        """The table of this name, put there at first use, for as long as the connection lasts."""
        if name not in self.kept:
            self.kept[name] = self._brought(name, make())
        return self.kept[name]

    def put(self, arrow: ArrowTable) -> Table:
        """A table for one use; `sweep` takes it away."""
        name = f"perks_put_{next(_numbers)}"
        self.lent.append(name)
        return self._brought(name, arrow)

    def computed(self, table: Table) -> Table:
        """The table, computed now and once for all that builds on it; `sweep` takes it away."""
        name = f"perks_put_{next(_numbers)}"
        self.lent.append(name)
        backend: Any = self.backend
        if backend.name != "pyspark":
            return backend.create_table(name, table, temp=True)
        frame = backend._session.sql(backend.compile(table)).localCheckpoint()  # noqa: SLF001
        frame.createOrReplaceTempView(name)
        return backend.sql(f"SELECT * FROM {name}", schema=table.schema())  # noqa: S608

    def sweep(self) -> None:
        """Drop every table that was put for one use."""
        backend: Any = self.backend
        while self.lent:
            name = self.lent.pop()
            match backend.name:
                case "duckdb":
                    backend.con.unregister(name)
                    backend.raw_sql(f"DROP TABLE IF EXISTS {name}")
                case "pyspark":
                    backend.raw_sql(f"DROP VIEW IF EXISTS {name}")
                case _:
                    backend.raw_sql(f"DROP TABLE IF EXISTS {name}").close()

    def _brought(self, name: str, arrow: ArrowTable) -> Table:
        backend: Any = self.backend
        match backend.name:
            case "duckdb":
                backend.con.register(name, arrow)
            case "pyspark":
                # Spark reads on to the first piece without rows, and no further.
                frame = backend._session.createDataFrame(arrow.combine_chunks())  # noqa: SLF001
                frame.createOrReplaceTempView(name)
            case _:
                backend.create_table(name, schema=ibis.schema(arrow.schema), temp=True)
                _copy(backend.con, name, arrow)
                # What PostgreSQL does not count it guesses, and a few guesses multiplied fill its disk.
                backend.raw_sql(f"ANALYZE {name}").close()
        return backend.sql(f"SELECT * FROM {name}", schema=ibis.schema(arrow.schema))  # noqa: S608

    def step(self, table: Table) -> Table:
        """The table, to be computed before what builds on it. PostgreSQL would write each column out again
        wherever it is read, unless the step has a limit (which here cuts nothing off)."""
        return table.limit(2**62) if self.backend.name == "postgres" else table

    def fetch(self, expression: Value) -> ArrowTable:
        """What a table expression comes to."""
        backend: Any = self.backend
        match backend.name:
            case "duckdb":
                return backend.to_pyarrow(expression)
            case "pyspark":
                found = backend.raw_sql(backend.compile(expression)).toArrow()
                return found.cast(expression.schema().to_pyarrow())
            case _:
                return backend.to_pyarrow_batches(expression, chunk_size=BATCH).read_all()

    def close(self) -> None:
        self.backend.disconnect()


def _copy(connection: Any, name: str, arrow: ArrowTable) -> None:
    """Rows into a table of PostgreSQL, as fast as it takes them."""
    with (
        connection.transaction(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name} FROM STDIN") as copy,
    ):
        for batch in pa.table(arrow).to_batches(max_chunksize=BATCH):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)
