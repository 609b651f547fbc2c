"""The YAML shape of a whole rule: conditions, and `all`, `any`, `not`, `at_least … of` around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perks_engine.campaigns.problems import did_you_mean
from perks_engine.campaigns.reader import (
    FAILED,
    Reader,
    Schema,
    Shape,
    Words,
    listed,
    one_of,
)
from perks_engine.campaigns.yaml_source import Fields, Items, Node, Scalar
from perks_engine.domain.phrase import Verbatim, phrase
from perks_engine.domain.rules import MAX_DEPTH, MAX_NODES, AllOf, AnyOf, AtLeast, Not

_LOGIC = ("all", "any", "not", "at_least")


@dataclass(slots=True)
class _Count:
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class RuleShape:
    """Reads a rule; `conditions` holds the shape and description of each condition by its key."""

    conditions: Mapping[str, tuple[Shape, Words]]
    _count: _Count = field(default_factory=_Count)

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        self._count.nodes = 0
        return self._read(node, path, reader, 1)

    def _read(self, node: Node, path: str, reader: Reader, depth: int) -> Any:
        self._count.nodes += 1
        if self._count.nodes > MAX_NODES:
            if self._count.nodes == MAX_NODES + 1:
                many = phrase("the rule has more than {most} nodes", most=float(MAX_NODES))
                reader.fault(node, path, many, phrase("a smaller rule"))
            return FAILED
        if depth > MAX_DEPTH:
            deep = phrase("the rule is nested more than {most} deep", most=MAX_DEPTH)
            return reader.fault(node, path, deep, phrase("a flatter rule"))
        if not isinstance(node, Fields) or not node.fields:
            return reader.found(node, path, phrase("a condition, all, any, not or at_least"))
        names = [key.text for key, _ in node.fields]
        if "at_least" in names and set(names) <= {"at_least", "of"}:
            return self._at_least(node, path, reader, depth)
        if len(names) > 1:
            return reader.fault(
                node.fields[1][0],
                path,
                phrase("several keys in one condition: {keys}", keys=listed(names)),
                phrase("one condition in each list item"),
                phrase("put them below `all:`, each with a leading '- '"),
            )
        key, value = node.fields[0]
        return self._named(key, value, f"{path}.{key.text}", reader, depth)

    def _named(self, key: Scalar, value: Node, path: str, reader: Reader, depth: int) -> Any:
        if key.text == "all" or key.text == "any":
            rules = self._list(value, path, reader, depth)
            if rules is FAILED:
                return FAILED
            return AllOf(rules) if key.text == "all" else AnyOf(rules)
        if key.text == "not":
            inner = self._read(value, path, reader, depth + 1)
            return FAILED if inner is FAILED else Not(inner)
        if key.text in self.conditions:
            return self.conditions[key.text][0].read(value, path, reader)
        known = (*_LOGIC, *self.conditions)
        suggestion = did_you_mean(key.text, known)
        if counted := re.fullmatch(r"at_least (\d+) of", key.text):
            suggestion = phrase("write at_least: {count}, and the list below of:", count=counted[1])
        return reader.fault(
            key,
            path,
            phrase("unknown condition or attribute '{name}'", name=Verbatim(key.text)),
            one_of(known),
            suggestion,
        )

    def _list(self, node: Node, path: str, reader: Reader, depth: int) -> Any:
        if not isinstance(node, Items):
            return reader.found(node, path, phrase("a list of conditions"))
        if not node.items:
            return reader.fault(node, path, phrase("the list is empty"), phrase("at least one condition"))
        rules = [
            self._read(one, f"{path}[{place}]", reader, depth + 1) for place, one in enumerate(node.items)
        ]
        return FAILED if FAILED in rules else tuple(rules)

    def _at_least(self, node: Fields, path: str, reader: Reader, depth: int) -> Any:
        count_node, list_node = node.get("at_least"), node.get("of")
        if list_node is None or count_node is None:
            lacking = phrase("has {key} without {other}", key=Verbatim("at_least"), other=Verbatim("of"))
            return reader.fault(node, path, lacking, phrase("of: with a list of conditions"))
        rules = self._list(list_node, f"{path}.of", reader, depth)
        count = count_node.resolve() if isinstance(count_node, Scalar) else None
        most = len(list_node.items) if isinstance(list_node, Items) else 0
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= max(most, 1):
            wanted = phrase("a whole number from 1 to {most}, as many as `of` has at most", most=max(most, 1))
            return reader.found(count_node, f"{path}.at_least", wanted)
        return FAILED if rules is FAILED else AtLeast(count, rules)

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/rule"}

    def definition(self) -> Schema:
        """The schema of one rule node, to be put at `#/$defs/rule`."""
        rule: Schema = {"$ref": "#/$defs/rule"}
        some: Schema = {"type": "array", "items": rule, "minItems": 1}
        properties: Schema = {
            "all": some | {"description": phrase("every one of these must be met")},
            "any": some | {"description": phrase("one of these is enough")},
            "not": rule | {"description": phrase("this must not be so; what is unknown stays unknown")},
            "at_least": {
                "type": "integer",
                "minimum": 1,
                "description": phrase("how many of the list below `of`"),
            },
            "of": some | {"description": phrase("the list that at_least counts")},
        }
        for name, (shape, description) in self.conditions.items():
            properties[name] = shape.schema() | {"description": description}
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            "oneOf": [
                {
                    "minProperties": 1,
                    "maxProperties": 1,
                    "not": {"anyOf": [{"required": ["at_least"]}, {"required": ["of"]}]},
                },
                {"minProperties": 2, "maxProperties": 2, "required": ["at_least", "of"]},
            ],
            "description": phrase("A condition, or all, any, not, at_least … of around conditions."),
        }
