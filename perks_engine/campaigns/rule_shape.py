"""The YAML shape of a whole rule: conditions, and `all`, `any`, `not`, `at_least … of` around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perks_engine.campaigns.problems import did_you_mean
from perks_engine.campaigns.shapes import FAILED, Reader, Schema, Shape
from perks_engine.campaigns.yaml_source import Fields, Items, Node, Scalar, kind_of
from perks_engine.domain.rules import MAX_DEPTH, MAX_NODES, AllOf, AnyOf, AtLeast, Not

_LOGIC = ("all", "any", "not", "at_least")


@dataclass(slots=True)
class _Count:
    nodes: int = 0


@dataclass(frozen=True, slots=True)
class RuleShape:
    """Reads a rule; `conditions` holds the shape and description of each condition by its key."""

    conditions: Mapping[str, tuple[Shape, str]]
    _count: _Count = field(default_factory=_Count)

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        self._count.nodes = 0
        return self._read(node, path, reader, 1)

    def _read(self, node: Node, path: str, reader: Reader, depth: int) -> Any:
        self._count.nodes += 1
        if self._count.nodes > MAX_NODES:
            if self._count.nodes == MAX_NODES + 1:
                reader.fault(node, path, f"the rule has more than {MAX_NODES:,} nodes", "a smaller rule")
            return FAILED
        if depth > MAX_DEPTH:
            return reader.fault(
                node, path, f"the rule is nested more than {MAX_DEPTH} deep", "a flatter rule"
            )
        if not isinstance(node, Fields) or not node.fields:
            return reader.fault(
                node, path, f"found {kind_of(node)}", "a condition, all, any, not or at_least"
            )
        names = [key.text for key, _ in node.fields]
        if "at_least" in names and set(names) <= {"at_least", "of"}:
            return self._at_least(node, path, reader, depth)
        if len(names) > 1:
            return reader.fault(
                node.fields[1][0],
                path,
                f"several keys in one condition: {', '.join(names)}",
                "one condition in each list item",
                "put them below `all:`, each with a leading '- '",
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
            suggestion = f"write at_least: {counted[1]}, and the list below of:"
        return reader.fault(
            key,
            path,
            f"unknown condition or attribute '{key.text}'",
            f"one of {', '.join(known)}",
            suggestion,
        )

    def _list(self, node: Node, path: str, reader: Reader, depth: int) -> Any:
        if not isinstance(node, Items):
            return reader.fault(node, path, f"found {kind_of(node)}", "a list of conditions")
        if not node.items:
            return reader.fault(node, path, "the list is empty", "at least one condition")
        rules = [
            self._read(one, f"{path}[{place}]", reader, depth + 1) for place, one in enumerate(node.items)
        ]
        return FAILED if FAILED in rules else tuple(rules)

    def _at_least(self, node: Fields, path: str, reader: Reader, depth: int) -> Any:
        count_node, list_node = node.get("at_least"), node.get("of")
        if list_node is None or count_node is None:
            return reader.fault(node, path, "has at_least without of", "of: with a list of conditions")
        rules = self._list(list_node, f"{path}.of", reader, depth)
        count = count_node.resolve() if isinstance(count_node, Scalar) else None
        most = len(list_node.items) if isinstance(list_node, Items) else 0
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= max(most, 1):
            return reader.fault(
                count_node,
                f"{path}.at_least",
                f"found {kind_of(count_node)}",
                f"a whole number from 1 to {max(most, 1)}, as many as `of` has at most",
            )
        return FAILED if rules is FAILED else AtLeast(count, rules)

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/rule"}

    def definition(self) -> Schema:
        """The schema of one rule node, to be put at `#/$defs/rule`."""
        rule: Schema = {"$ref": "#/$defs/rule"}
        some: Schema = {"type": "array", "items": rule, "minItems": 1}
        properties: Schema = {
            "all": some | {"description": "every one of these must be met"},
            "any": some | {"description": "one of these is enough"},
            "not": rule | {"description": "this must not be so; what is unknown stays unknown"},
            "at_least": {"type": "integer", "minimum": 1, "description": "how many of the list below `of`"},
            "of": some | {"description": "the list that at_least counts"},
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
            "description": "A condition, or all, any, not, at_least … of around conditions.",
        }
