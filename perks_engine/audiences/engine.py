"""A connection to whatever holds a population."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import ibis

from perks_engine.audiences.relational import ArrowTable, Table, Value

_numbers = count()


@dataclass(frozen=True)
class Engine:
    """A connection, and the small tables that were put on it once."""

    backend: ibis.BaseBackend
    kept: dict[str, Table] = field(default_factory=dict[str, Table])

    def keep(self, name: str, make: Callable[[], ArrowTable]) -> Table:
        """The table of this name, put there at first use, for as long as the connection lasts."""
        if name not in self.kept:
            if self.backend.name == "duckdb":
                self.kept[name] = self._registered(name, make())
            elif self.backend.name == "pyspark":
                self.backend.create_view(name, ibis.memtable(make()), overwrite=True)
                self.kept[name] = self.backend.table(name)
            else:
                self.backend.create_table(name, make(), temp=True)
                self.kept[name] = self.backend.table(name)
        return self.kept[name]

    def put(self, arrow: ArrowTable) -> Table:
        """A table for one use."""
        if self.backend.name == "duckdb":
            return self._registered(f"perks_put_{next(_numbers)}", arrow)
        return ibis.memtable(arrow)

    def _registered(self, name: str, arrow: ArrowTable) -> Table:
        """Not through ibis: it asks DuckDB 2 for the schema by a name that is on its way out, and takes its
        tables away whenever, and in whatever thread, they are forgotten."""
        backend: Any = self.backend
        backend.con.register(name, arrow)
        return backend.sql(f'SELECT * FROM "{name}"', schema=ibis.schema(arrow.schema))  # noqa: S608

    def step(self, table: Table) -> Table:
        """The table, to be computed before what builds on it. PostgreSQL would write each column out again
        wherever it is read, unless the step has a limit (which here cuts nothing off)."""
        return table.limit(2**62) if self.backend.name == "postgres" else table

    def fetch(self, expression: Value) -> ArrowTable:
        """What a table expression comes to."""
        return self.backend.to_pyarrow(expression)

    def close(self) -> None:
        self.backend.disconnect()
