"""Frozen values of the domain to plain JSON data and back, by their type annotations.

The encoding is canonical: what is equal in meaning becomes the same bytes, so that a hash can name
it. Spans are seconds, instants are UTC with `Z`, sets and mappings are sorted, and every node of a
union carries its `kind`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache, lru_cache, partial
from typing import Any, TypeVar

from perks_engine.domain.evidence import EarlierReceipt, Evidence, Location

Kind = TypeVar("Kind")


def encode(value: Any) -> Any:
    """Plain data (dict, list, str, number, bool, None) for any frozen value of the domain."""
    if value is None or type(value) in _PLAIN:
        return value
    names = _field_names(type(value))
    if names is not None:
        return {name: encode(getattr(value, name)) for name in names}
    match value:
        case Enum():
            return value.value
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case timedelta():
            seconds = value.total_seconds()
            return int(seconds) if seconds.is_integer() else seconds
        case float() if value.is_integer():
            return int(value)
        case frozenset():
            return sorted(encode(one) for one in value)
        case tuple() | list():
            return [encode(one) for one in value]
        case Mapping():
            return {name: encode(one) for name, one in value.items()}
        case _:
            return value


_PLAIN = frozenset({str, int, bool})


def _instant(moment: datetime) -> str:
    return _utc_text(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(4_096)
def _utc_text(moment: datetime) -> str:
    """Kept, for what is decided or imported at one moment bears the same instant many times."""
    return moment.isoformat().replace("+00:00", "Z")


@cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    """The fields of a dataclass; None for another type."""
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple(one.name for one in dataclasses.fields(kind))


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces, UTF-8 as it is; NaN is refused."""
    return _CANONICAL.encode(encode(value))


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def fingerprint(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def decode(kind: type[Kind], data: Any) -> Kind:
    """The value of that type; the inverse of `encode`. Raises `TypeError` or `KeyError` on other data."""
    return _decoder(kind)(data)


_Decoder = Callable[[Any], Any]


@cache
def _decoder(kind: Any) -> _Decoder:
    """How data becomes that type. Made once: to take annotations apart costs more than to follow them."""
    if kind is Any:
        return _as_it_is
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_decoder(typing.get_args(kind))
    if origin is tuple:
        return _tuple_decoder(typing.get_args(kind))
    if origin is typing.Literal:
        return _as_it_is
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return lambda data: kind(**{name: _of_fields(kind)[name](one) for name, one in data.items()})
    if kind is timedelta:
        return lambda data: timedelta(seconds=data)
    if kind is datetime or kind is date:
        return kind.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return partial(_checked, kind)


def _as_it_is(data: Any) -> Any:
    return data


def _checked(kind: type, data: Any) -> Any:
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is not {kind}")
    return data


@cache
def _of_fields(kind: type) -> Mapping[str, _Decoder]:
    """Of a dataclass; not before they are needed, for a type may hold itself."""
    return {name: _decoder(hint) for name, hint in _hints(kind).items()}


def _tuple_decoder(inner: tuple[Any, ...]) -> _Decoder:
    if len(inner) == 2 and inner[1] is Ellipsis:
        each = _decoder(inner[0])
        return lambda data: tuple(map(each, data))
    every = tuple(map(_decoder, inner))
    return lambda data: tuple(decoded(one) for decoded, one in zip(every, data, strict=True))


def _union_decoder(kinds: tuple[Any, ...]) -> _Decoder:
    plain = _decoder(next(kind for kind in kinds if kind is not type(None)))
    named = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    nodes = {typing.get_args(_hints(kind)["kind"])[0]: _decoder(kind) for kind in named if len(named) > 1}
    may_be_none = type(None) in kinds

    def decoded(data: Any) -> Any:
        if data is None and may_be_none:
            return None
        if not isinstance(data, dict) or not named:
            return plain(data)
        if len(named) == 1:
            return _decoder(named[0])(data)
        node = nodes.get(data["kind"])
        if node is None:
            raise TypeError(f"no node is called {data['kind']!r}")
        return node(data)

    return decoded


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def evidence_to_json(facts: typing.Iterable[Evidence]) -> list[dict[str, Any]]:
    """Evidence as it is kept beside a decision, each value with the name of its type."""
    return [
        {
            "attribute": fact.attribute,
            "value": value_to_json(fact.value),
            "source": fact.source,
            "observed_at": _instant(fact.observed_at),
            "key": fact.key,
            "note": fact.note,
        }
        for fact in facts
    ]


def evidence_from_json(data: typing.Iterable[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    facts: list[Evidence] = []
    for one in data:
        name, value = one["value"]
        facts.append(
            Evidence(
                attribute=one["attribute"],
                value=value_from_json(name, value),
                source=one["source"],
                observed_at=datetime.fromisoformat(one["observed_at"]),
                key=one["key"],
                note=one["note"],
            )
        )
    return tuple(facts)


_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "flag"),
    (int, "number"),
    (float, "number"),
    (str, "word"),
    (date, "day"),
    (frozenset, "words"),
    (Location, "location"),
    (tuple, "receipts"),
)


_NAME_OF = dict(_TYPE_NAMES)


def _type_name(value: Any) -> str:
    return _NAME_OF.get(type(value)) or next(name for kind, name in _TYPE_NAMES if isinstance(value, kind))


def value_to_json(value: Any) -> list[Any]:
    """`[type name, plain data]`."""
    return [_type_name(value), encode(value)]


def value_from_json(name: str, data: Any) -> Any:
    match name:
        case "day":
            return date.fromisoformat(data)
        case "words":
            return frozenset(data)
        case "location":
            return decode(Location, data)
        case "receipts":
            return decode(tuple[EarlierReceipt, ...], data)
        case _:
            return data
