"""The shapes a file's values can have. A shape reads a node and writes its own JSON Schema, so the
parser and the schema that editors use are one definition.

Reading never stops at the first fault: a shape reports it and returns `FAILED`, and a record whose
field failed fails in turn, so that all faults of a file are found at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perks_engine.campaigns.invisible import SOMETHING_TO_READ, invisible
from perks_engine.campaigns.problems import did_you_mean, meant
from perks_engine.campaigns.quantities import QuantityError
from perks_engine.campaigns.reader import (
    FAILED,
    Reader,
    Schema,
    Shape,
    Words,
    all_of,
    amount,
    listed,
    one_of,
)
from perks_engine.campaigns.yaml_source import Fields, Items, Node, Scalar, kind_of
from perks_engine.domain.phrase import Verbatim, phrase

_TEXT, _WHOLE = phrase("text"), phrase("a whole number")


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `pattern` must match the whole of it."""

    expected: Words = _TEXT
    pattern: str = ""
    longest: int = 500
    build: Callable[[str], Any] = str

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if not isinstance(node, Scalar) or not isinstance(node.resolve(), str):
            return reader.found(node, path, self.expected)
        text = node.text
        if not text.strip() or len(text) > self.longest:
            return reader.fault(
                node, path, phrase("found {count} characters", count=len(text)), self.expected
            )
        if sign := invisible(text):
            holds = phrase("holds the invisible character {sign}", sign=Verbatim(sign))
            return reader.fault(node, path, holds, self.expected)
        try:
            value = self.build(text)
        except QuantityError as error:
            return reader.fault(node, path, error.words, self.expected, error.suggestion)
        if self.pattern and not re.fullmatch(self.pattern, text):
            return reader.found(node, path, self.expected)
        return value

    def schema(self) -> Schema:
        shown: Schema = {"type": "string", "minLength": 1, "maxLength": self.longest}
        shown["pattern"] = self.pattern or SOMETHING_TO_READ
        return shown | {"description": self.expected}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]
    what: str = ""

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if isinstance(node, Scalar) and node.resolve() in self.options:
            return node.text
        hint = did_you_mean(node.text, self.options) if isinstance(node, Scalar) else ""
        expected = f"{self.what} {listed(self.options)}" if self.what else one_of(self.options)
        return reader.found(node, path, expected, hint)

    def schema(self) -> Schema:
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Boolean:
    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if isinstance(node, Scalar) and isinstance(value := node.resolve(), bool):
            return value
        hint: Words = ""
        if isinstance(node, Scalar) and node.text.lower() in ("yes", "on", "y", "no", "off", "n"):
            hint = meant("true" if node.text.lower() in ("yes", "on", "y") else "false")
        return reader.found(node, path, phrase("true or false"), hint)

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Integer:
    lowest: int
    highest: int
    what: Words = _WHOLE

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        expected = phrase(
            "{what} from {lowest} to {highest}",
            what=self.what,
            lowest=float(self.lowest),
            highest=float(self.highest),
        )
        value = node.resolve() if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int):
            return reader.found(node, path, expected)
        if not self.lowest <= value <= self.highest:
            return reader.out_of_range(node, path, value, expected)
        return value

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True, slots=True)
class Number:
    """A number. Of the bounds that stand here, only who oversteps them is told."""

    lowest: float = -1e15
    highest: float = 1e15

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        within = phrase(
            "a number from {lowest} to {highest}", lowest=amount(self.lowest), highest=amount(self.highest)
        )
        value = node.resolve() if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            endless = (self.lowest, self.highest) == (-1e15, 1e15)
            return reader.found(node, path, phrase("a number") if endless else within)
        if not self.lowest <= value <= self.highest:
            return reader.out_of_range(node, path, value, within)
        return value

    def schema(self) -> Schema:
        return {"type": "number", "minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True, slots=True)
class Code:
    """Text that YAML may take for a number: a postal code keeps its leading zero."""

    expected: Words
    pattern: str

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        is_code = isinstance(node, Scalar) and type(node.resolve()) in (str, int)
        if not isinstance(node, Scalar) or not is_code or not re.fullmatch(self.pattern, node.text):
            return reader.found(node, path, self.expected)
        return node.text

    def schema(self) -> Schema:
        return {
            "type": ["string", "integer"],
            "pattern": self.pattern,
            "minimum": 0,
            "maximum": 9_999_999_999,
        }


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list as a tuple; where `or_one`, a single value stands for a list of one."""

    item: Shape
    or_one: bool = False
    shortest: int = 1
    longest: int = 1_000
    unique: bool = True

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if not isinstance(node, Items):
            if self.or_one:
                value = self.item.read(node, path, reader)
                return value if value is FAILED else (value,)
            return reader.found(node, path, phrase("a list"))
        if not self.shortest <= len(node.items) <= self.longest:
            bounds: dict[str, float] = {"least": self.shortest, "most": float(self.longest)}
            has = phrase("the list has {count} items", count=len(node.items))
            return reader.fault(node, path, has, phrase("from {least} to {most} items", **bounds))
        values = [self.item.read(one, f"{path}[{place}]", reader) for place, one in enumerate(node.items)]
        if FAILED in values:
            return FAILED
        if self.unique:
            for place, value in enumerate(values):
                if value in values[:place]:
                    again = node.items[place]
                    twice = phrase("{what} stands here twice", what=kind_of(again))
                    return reader.fault(again, f"{path}[{place}]", twice, phrase("each once"))
        return tuple(values)

    def schema(self) -> Schema:
        items: Schema = {
            "type": "array",
            "items": self.item.schema(),
            "minItems": self.shortest,
            "maxItems": self.longest,
        }
        if self.unique:
            items["uniqueItems"] = True
        return {"anyOf": [self.item.schema(), items]} if self.or_one else items


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record. `name` is the key; the value goes to `build` under it."""

    name: str
    shape: Shape
    description: Words
    required: bool = False
    default: Any = None


Check = Callable[[Fields, Mapping[str, Any], str, Reader], bool]


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys. `groups` are sets of keys of which exactly one must stand (or, with
    a leading "?", at most one); `needs` says which key goes only with which other."""

    fields: tuple[Field, ...]
    build: Callable[..., Any] = dict
    groups: tuple[tuple[str, ...], ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    at_least_one: tuple[str, ...] = ()
    description: Words = ""
    check: Check | None = None

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if not isinstance(node, Fields):
            names = [one.name for one in self.fields if one.required] or [self.fields[0].name]
            return reader.found(node, path, phrase("a mapping with {keys}", keys=listed(names)))
        known = {one.name: one for one in self.fields}
        before = len(reader.problems)
        values: dict[str, Any] = {one.name: one.default for one in self.fields}
        present = {key.text for key, _ in node.fields}
        for key, value in node.fields:
            inner = f"{path}.{key.text}" if path else key.text
            if key.text in known:
                values[key.text] = known[key.text].shape.read(value, inner, reader)
            else:
                self._unknown_key(key, path, present, reader)
        for one in self.fields:
            if one.required and one.name not in present:
                missing = phrase("the key '{key}' is missing", key=Verbatim(one.name))
                reader.fault(node, path, missing, one.description)
        self._check_groups(node, path, present, reader)
        if len(reader.problems) == before and self.check is not None:
            self.check(node, values, path, reader)
        return FAILED if len(reader.problems) > before else self.build(**values)

    def _unknown_key(self, key: Scalar, path: str, present: Iterable[str], reader: Reader) -> None:
        free = [one.name for one in self.fields if one.name not in present]
        hint = did_you_mean(key.text, free) or did_you_mean(key.text, [one.name for one in self.fields])
        expected = one_of(free) if free else phrase("no further key")
        reader.fault(key, path, phrase("unknown key '{key}'", key=Verbatim(key.text)), expected, hint)

    def _check_groups(self, node: Fields, path: str, present: set[str], reader: Reader) -> None:
        for group in self.groups:
            names = [name.lstrip("?") for name in group]
            found = [name for name in names if name in present]
            optional = group[0].startswith("?")
            if len(found) > 1 or (not found and not optional):
                none = phrase("has none of {keys}", keys=listed(names))
                has = phrase("has {keys}", keys=all_of(found)) if found else none
                reader.fault(node, path, has, phrase("exactly one of {keys}", keys=listed(names)))
        for name, other in self.needs:
            if name in present and other not in present:
                keys: dict[str, str] = {"key": Verbatim(name), "other": Verbatim(other)}
                has = phrase("has {key} without {other}", **keys)
                reader.fault(node, path, has, phrase("{other} beside {key}", **keys))
        if self.at_least_one and not present.intersection(self.at_least_one):
            wanted = phrase("at least one of {keys}", keys=listed(self.at_least_one))
            reader.fault(node, path, phrase("asks for nothing"), wanted)

    def schema(self) -> Schema:
        shown: Schema = {
            "type": "object",
            "properties": {
                one.name: one.shape.schema() | {"description": one.description} for one in self.fields
            },
            "additionalProperties": False,
        }
        if self.description:
            shown["description"] = self.description
        required = [one.name for one in self.fields if one.required]
        if required:
            shown["required"] = required
        rules: list[Schema] = []
        for group in self.groups:
            names = [name.lstrip("?") for name in group]
            choices: list[Schema] = [{"required": [name]} for name in names]
            if group[0].startswith("?"):
                choices.append({"not": {"anyOf": [{"required": [name]} for name in names]}})
            rules.append({"oneOf": choices})
        if self.at_least_one:
            rules.append({"anyOf": [{"required": [name]} for name in self.at_least_one]})
        if rules:
            shown["allOf"] = rules
        if self.needs:
            shown["dependentRequired"] = {name: [other] for name, other in self.needs}
        return shown


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping of any keys that `key` reads to values of one shape, as a dict."""

    key: Shape
    value: Shape
    longest: int = 100

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if not isinstance(node, Fields) or not 0 < len(node.fields) <= self.longest:
            return reader.found(node, path, phrase("a mapping with 1 to {most} keys", most=self.longest))
        values: dict[Any, Any] = {}
        for key, value in node.fields:
            inner = f"{path}.{key.text}"
            name = self.key.read(key, inner, reader)
            values[name] = self.value.read(value, inner, reader)
        return FAILED if FAILED in values or FAILED in values.values() else values

    def schema(self) -> Schema:
        return {
            "type": "object",
            "propertyNames": self.key.schema(),
            "additionalProperties": self.value.schema(),
            "minProperties": 1,
            "maxProperties": self.longest,
        }


@dataclass(frozen=True, slots=True)
class ByKind:
    """Different shapes for a scalar, a list and a mapping; None where that kind is refused."""

    expected: Words
    scalar: Shape | None = None
    items: Shape | None = None
    fields: Shape | None = None

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        shape = (
            self.scalar
            if isinstance(node, Scalar)
            else self.items
            if isinstance(node, Items)
            else self.fields
        )
        if shape is None or (isinstance(node, Scalar) and node.resolve() is None):
            return reader.found(node, path, self.expected)
        return shape.read(node, path, reader)

    def schema(self) -> Schema:
        return {"anyOf": [shape.schema() for shape in (self.scalar, self.items, self.fields) if shape]}


@dataclass(frozen=True, slots=True)
class Built:
    """A shape whose value is turned into another; `build` may raise `QuantityError`."""

    shape: Shape
    build: Callable[[Any], Any]
    expected: Words = ""

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        value = self.shape.read(node, path, reader)
        if value is FAILED:
            return FAILED
        try:
            return self.build(value)
        except QuantityError as error:
            return reader.fault(node, path, error.words, self.expected, error.suggestion)

    def schema(self) -> Schema:
        return self.shape.schema()


def words_of(values: Sequence[str]) -> Shape:
    """A word out of a known list, or any word where the list is empty."""
    return Choice(tuple(values)) if values else WORD


WORD = Text(phrase("a word of small letters, digits, '_', '-' or '.'"), r"^[a-z0-9][a-z0-9_.-]*$", longest=60)
NAME = Text(phrase("a name of small letters, digits and dashes"), r"^[a-z0-9]+(-[a-z0-9]+)*$", longest=60)
