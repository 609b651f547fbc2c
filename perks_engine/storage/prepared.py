"""Statements of SQLAlchemy Core that are compiled once for each database, then run at the driver's own speed.

Executing a Core statement costs some 60 µs before the driver sees it: its cache key is made, its parameters
are bound by name, a result is prepared. A claim is a dozen statements, all the same for every claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import Any, Protocol

from pydantic_core import to_json
from sqlalchemy import JSON, Connection, CursorResult
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

from perks_engine.storage.types import Instant


class Driver(Protocol):
    """A connection as sqlite3 and psycopg have it."""

    def execute(self, query: str, params: Any = ..., /) -> Any: ...


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`order` is the order of the parameters where they go by place, None where they go by name."""

    text: str
    order: tuple[str, ...] | None
    binders: Mapping[str, Callable[[Any], Any]]

    def bound(self, values: Mapping[str, Any]) -> Any:
        bound = dict(values)
        for name, bind in self.binders.items():
            bound[name] = bind(bound[name])
        return bound if self.order is None else tuple(bound[name] for name in self.order)


@dataclass(frozen=True, slots=True)
class Wired:
    """The statement for `storage.wire`: its parameters are `$1`, `$2` … and go as text, by place."""

    name: bytes
    text: bytes
    dumps: tuple[tuple[str, Callable[[Any], bytes]], ...]

    def bound(self, values: Mapping[str, Any]) -> list[bytes | None]:
        return [None if (value := values[name]) is None else dump(value) for name, dump in self.dumps]


_NUMBERS = count()

Send = Callable[["Prepared", Mapping[str, Any]], Any]
"""Runs a prepared statement; what it returns has `fetchone` and `fetchall`."""


class Prepared:
    """A statement in which every parameter is a `bindparam` (or a column to insert, or to update)."""

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._by_dialect: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Rows come as the driver makes them: instants and JSON are not read (see `storage.claim_facts`)."""
        return connection.exec_driver_sql(*self.ready(connection.dialect, values))

    def on(self, driver: Driver, dialect: Dialect, values: Mapping[str, Any]) -> Any:
        """The same on a connection of the driver itself; its cursor."""
        return driver.execute(*self.ready(dialect, values))

    @cached_property
    def on_wire(self) -> Wired:
        made: Any = self.statement.compile(dialect=_NUMBERED)
        dumps = tuple((name, _dump_of(made.binds[name].type)) for name in made.positiontup)
        return Wired(f"perks_{next(_NUMBERS)}".encode(), str(made).encode(), dumps)

    def ready(self, dialect: Dialect, values: Mapping[str, Any]) -> tuple[str, Any]:
        """The text and its parameters as the driver takes them."""
        compiled = self._by_dialect.get(dialect.name)
        if compiled is None:
            compiled = self._by_dialect[dialect.name] = _compiled(self.statement, dialect)
        return compiled.text, compiled.bound(values)


def _compiled(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    made: Any = statement.compile(dialect=dialect)
    binders: dict[str, Callable[[Any], Any]] = {}
    for name, parameter in made.binds.items():
        kind = parameter.type.dialect_impl(dialect)
        binder = _quick_binder(kind, dialect) or kind.bind_processor(dialect)
        if binder is not None:
            binders[name] = binder
    return _Compiled(str(made), tuple(made.positiontup) if made.positional else None, binders)


def _quick_binder(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """What SQLAlchemy's binder comes to on SQLite, in a fifth of the time."""
    if dialect.name != "sqlite":
        return None
    if isinstance(kind, Instant):
        return _instant_text
    if isinstance(kind, JSON) and not kind.none_as_null:
        return lambda value: _json_bytes(value).decode()
    return None


def _instant_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise TypeError(f"{value!r} has no zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


_NUMBERED = PGDialect(paramstyle="numeric_dollar")


def _dump_of(kind: Any) -> Callable[[Any], bytes]:
    if isinstance(kind.dialect_impl(_NUMBERED), JSON):
        return _json_bytes
    return _text_bytes


def _json_bytes(value: Any) -> bytes:
    """As `json` writes it, instants included, in a fifth of the time."""
    return to_json(value, inf_nan_mode="constants")


def _text_bytes(value: Any) -> bytes:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"{value!r} has no zone")
        return value.isoformat().encode()
    return str(value).encode()
