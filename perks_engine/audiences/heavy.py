"""Libraries that are loaded when they are first used: ibis, Arrow and DuckDB take most of a second, and most
commands evaluate no crowd."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb as duckdb
    import ibis as ibis
    import ibis.backends.duckdb as ibis_duckdb
    import ibis.common.exceptions as ibis_exceptions
    import ibis.expr.datatypes as dt
    import pyarrow as pa
else:

    class _Later:
        """A module that is imported when something of it is first asked for."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, attribute: str) -> Any:
            found = getattr(import_module(self._name), attribute)
            setattr(self, attribute, found)
            return found

    duckdb, ibis, pa = _Later("duckdb"), _Later("ibis"), _Later("pyarrow")
    ibis_duckdb = _Later("ibis.backends.duckdb")
    ibis_exceptions = _Later("ibis.common.exceptions")
    dt = _Later("ibis.expr.datatypes")

__all__ = ["dt", "duckdb", "ibis", "ibis_duckdb", "ibis_exceptions", "pa"]
