"""What the editor of the console offers and explains, told from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from perks_engine.bootstrap import RuleBook, packaged
from perks_engine.campaigns.key_help import key_help

SAMPLES = sorted((packaged("rules") / "campaigns").glob("*.yaml"))
OF_THE_DEPLOYMENT = {"brand": ["our-brand"], "rule.location.inside": ["areas/one"]}
Help = dict[str, Any]


@pytest.fixture(scope="module")
def told(book: RuleBook) -> Help:
    return key_help(book.reader.schema(), OF_THE_DEPLOYMENT)


def keys_of(value: Any, node: Help, told: Help, path: str = "") -> Iterator[tuple[str, Help, Any]]:
    """Every key of a document, with what is told of it. What a sample person's scores, platforms and sources
    are called is left out: their names are the writer's own."""
    node = told["rule"] if node.get("rule") else node
    if isinstance(value, list):
        for one in value:
            yield from keys_of(one, node, told, path)
    elif isinstance(value, dict) and node.get("keys"):
        for key, inner in value.items():
            found = node["keys"].get(key, {})
            if found or not path.startswith(".examples.person."):
                yield f"{path}.{key}", found, inner
            yield from keys_of(inner, found, told, f"{path}.{key}")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_each_key_of_a_sample_is_explained_and_its_values_are_those_that_are_offered(
    told: Help, sample: Path
) -> None:
    document = yaml.load(sample.read_text("utf-8"), yaml.BaseLoader)
    found = list(keys_of(document, told["file"], told))

    assert len(found) > 30
    assert [path for path, help_of, _ in found if not help_of.get("about")] == []
    own = {".brand", ".eligibility.all.location.inside"}
    strange = [
        (path, value)
        for path, help_of, given in found
        for value in (given if isinstance(given, list) else [given])
        if help_of.get("values") and isinstance(value, str) and path not in own
        if value not in help_of["values"]
    ]
    assert strange == []


def test_what_must_stand_there_and_what_only_this_deployment_knows_is_told(told: Help) -> None:
    assert told["file"]["keys"]["perk"]["required"] == ["fair_market_value", "kind", "name", "quantity"]
    assert told["file"]["keys"]["brand"]["values"] == ["our-brand"]
    assert told["rule"]["keys"]["location"]["keys"]["inside"]["values"] == ["areas/one"]
    assert told["rule"]["keys"]["not"]["rule"] is True
    assert "creator_tier" in told["rule"]["keys"], "an attribute of the deployment's catalogue"


def test_a_name_that_the_schema_does_not_have_is_a_fault_of_the_engine(book: RuleBook) -> None:
    with pytest.raises(KeyError, match="outside"):
        key_help(book.reader.schema(), {"rule.location.outside": ["areas/one"]})
