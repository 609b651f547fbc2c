"""Write the reference of the rule language, from the schema of campaign files and from `rule_examples.yaml`:
`python -m tools.rule_reference`. A test runs every example and holds the page to both.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SCHEMA = HERE.parent / "perks_engine" / "schema" / "campaign.schema.json"
EXAMPLES = HERE / "rule_examples.yaml"
PAGE = HERE.parent / "docs" / "rules.md"
OPENS = "2027-03-01T09:00Z"

_LOGIC = ("all", "any", "not", "at_least")
_LONGEST_CHOICE = 12
_HEAD = f"""# The rule language

Made from the JSON Schema of campaign files (`perks schema`) and from examples that the tests run, by
`python -m tools.rule_reference`. What is asked here is asked of a person on {OPENS[:10]}.

A rule is one condition, or conditions below `all`, `any`, `not` and `at_least … of`. Each condition is met,
not met or unknown; what is missing, stale, too coarse, contradictory or of a source that does not count is
unknown. The whole rule is `eligible`, `ineligible` or `unknown`, and **only `eligible` grants**. A rule that
could grant where nothing is known is refused when it is read.

| | grants when | refuses when | otherwise |
|---|---|---|---|
| `all` | every one is met | one is not met | unknown |
| `any` | one is met | none is met, and all are known | unknown |
| `not` | it is known not to be so | it is so | unknown |
| `at_least: n` of | n are met | too few could still be | unknown |
"""
_CAMPAIGN = """# yaml-language-server: $schema=campaign.schema.json
campaign: a-box
brand: sample-brand
title: A box in spring
perk: {kind: item, name: A box, fair_market_value: 20.00 USD, quantity: 10}
window: {opens: OPENS, closes: 2027-03-31T18:00Z}
disclosure: {connection: received_item, instruct: templates/messages/disclosure_gift}
eligibility:
"""


def examples() -> dict[str, list[dict[str, Any]]]:
    return yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))


def conditions() -> dict[str, Any]:
    """The keys of a rule with their schemas; `of` belongs to `at_least`."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return {key: one for key, one in schema["$defs"]["rule"]["properties"].items() if key != "of"}


def campaign_with(example: dict[str, Any]) -> str:
    """A whole campaign file with this rule, and with its people as examples."""
    lines = [_CAMPAIGN.replace("OPENS", OPENS) + textwrap.indent(example["rule"], "  ") + "examples:"]
    for one in example["people"]:
        lines += [f"  - name: {json.dumps(one['name'])}", f"    person: {one['person']}"]
        lines += [f"    {key}: {one[key]}" for key in ("verdict", "because") if key in one]
    return "\n".join(lines) + "\n"


def as_page() -> str:
    parts = [_HEAD]
    for key, schema in conditions().items():
        if key == "all":
            parts.append("## Around conditions\n")
        elif key == "opted_in":
            parts.append("## Conditions\n")
        parts += ["\n".join(_section(key, schema))]
    return "\n".join(parts)


def _section(key: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### `{key}`\n"
    yield f"{schema['description'][0].upper()}{schema['description'][1:]}.\n"
    if key not in _LOGIC and (fields := _fields(schema)):
        yield "| key | what it says | values |"
        yield "|---|---|---|"
        yield from fields
        yield ""
    for example in examples()[key]:
        yield f"```yaml\n{example['rule']}```\n"
        yield "| who | what is known of them | verdict | decided by |"
        yield "|---|---|---|---|"
        for one in example["people"]:
            because = f"`{one['because']}`" if "because" in one else ""
            known = f"`{one['person'][1:-1]}`" if one["person"] != "{}" else "nothing"
            yield f"| {one['name']} | {known} | {one['verdict']} | {because} |"
        yield ""


def _fields(schema: dict[str, Any]) -> list[str]:
    records = [one for one in schema.get("anyOf", [schema]) if "properties" in one]
    return [
        f"| `{name}` | {field['description']} | {_values(field)} |"
        for record in records
        for name, field in record["properties"].items()
    ]


def _values(schema: dict[str, Any]) -> str:
    """What may stand there, in words; the schema itself has it exactly."""
    for one in schema.get("anyOf", ()):
        if "enum" in one:
            return _values(one) + ", or a list"
    if "anyOf" in schema:
        return _kind(schema["anyOf"][0]) + ", or a list" * _has_list(schema["anyOf"])
    return _kind(schema)


def _has_list(kinds: list[dict[str, Any]]) -> bool:
    return any(one.get("type") == "array" for one in kinds)


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " ".join(f"`{one}`" for one in schema["enum"][:_LONGEST_CHOICE])
    match schema.get("type"):
        case "integer" | "number":
            low, high = schema.get("minimum"), schema.get("maximum")
            bounds = "" if low is None or high is None or high > 1_000_000 else f" from {low:g} to {high:g}"
            return f"a {'whole ' * (schema['type'] == 'integer')}number{bounds}"
        case "array":
            return f"a list of {_kind(schema['items']).removeprefix('a ').replace('number', 'numbers')}"
        case "boolean":
            return "true or false"
        case "string":
            return _text_kind(schema)
        case _:
            return _values(schema) if "anyOf" in schema else "a mapping"


def _text_kind(schema: dict[str, Any]) -> str:
    told: str = schema.get("description", "")
    return told if told.startswith(("a ", "an ")) else "text"


def main() -> None:
    PAGE.write_text(as_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
