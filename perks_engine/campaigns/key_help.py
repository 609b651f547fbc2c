"""What may stand where in a campaign file, for whoever writes one: the schema, cut down to the names of keys,
what each is for, and the words that may be its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RULE = "#/$defs/rule"


@dataclass(slots=True)
class KeyHelp:
    """One place of a file. A list has no place of its own: what is said is of its items. `is_rule` stands for
    all that a rule may hold, which is told once."""

    about: str = ""
    keys: dict[str, KeyHelp] = field(default_factory=dict[str, "KeyHelp"])
    values: list[str] = field(default_factory=list[str])
    required: set[str] = field(default_factory=set[str])
    is_rule: bool = False

    def view(self) -> dict[str, Any]:
        """With what is empty left out, for it is sent to each who writes."""
        told = {
            "about": self.about,
            "keys": {name: one.view() for name, one in self.keys.items()},
            "values": self.values,
            "required": sorted(self.required),
            "rule": self.is_rule,
        }
        return {name: value for name, value in told.items() if value}


def key_help(schema: Mapping[str, Any], values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Of the schema of a campaign file: the `file`, and the `rule` that its eligibility is. `values` are
    words that only this deployment knows, by the path of their key (`disclosure.instruct`,
    `rule.location.inside`)."""
    file, rule = _read(schema), _read(schema["$defs"]["rule"])
    top = KeyHelp(keys={**file.keys, "rule": rule})
    for path, words in values.items():
        place = top
        for name in path.split("."):
            place = place.keys[name]
        place.values = list(words)
    return {"file": file.view(), "rule": rule.view()}


def _read(schema: Mapping[str, Any]) -> KeyHelp:
    found = KeyHelp(about=str(schema.get("description", "")))
    for one in _alternatives(schema):
        found.is_rule |= one.get("$ref") == RULE
        found.required |= set(one.get("required", ()) if one.get("properties") else ())
        for name, inner in one.get("properties", {}).items():
            found.keys[name] = _read(inner)
        words = ["true", "false"] if one.get("type") == "boolean" else one.get("enum", ())
        found.values += [word for word in map(str, words) if word not in found.values]
    return found


def _alternatives(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema, and those of what may stand in its place, or in its list."""
    yield schema
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if isinstance(items := schema.get("items"), Mapping):
        inner.append(items)
    for one in inner:
        yield from _alternatives(one)
