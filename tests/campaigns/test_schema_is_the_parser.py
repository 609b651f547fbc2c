"""The published JSON Schema and the parser refuse the same structures, so that an editor never misleads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import settings
from jsonschema import Draft202012Validator

import perks_engine
from perks_engine.bootstrap import RuleBook, packaged
from perks_engine.campaigns.yaml_source import plain, read_yaml
from tests.campaigns import documents
from tests.campaigns.documents import Document
from tests.campaigns.reading import CAMPAIGN, Faults

SAMPLES = sorted((packaged("rules") / "campaigns").glob("*.yaml"))
COMMITTED = Path(perks_engine.__file__).parent / "schema" / "campaign.schema.json"

# What no schema can know: which places and templates there are, and how two values go together.
FAULTS_OF_MEANING = (
    "there is no area",
    "there is no template",
    "no place is called",
    "is no known region",
    "is no postal code of the US",
    "cannot place anybody in something smaller than a country",
    "the rule would grant to somebody of whom nothing is known",
    "found the number [1-9][0-9]*; .*as many as `of` has at most",
    "the range from .* is empty",
    "the campaign asks nobody for",
    "the campaign's rule does not accept",
    "the rule accepts (no other|any) source",
    "is measured for areas and circles only",
    "the parts are worth",
    "a part is valued in",
    "a perk of kind .* has no parts",
)
MEANING = re.compile("|".join(FAULTS_OF_MEANING))

Changes = Callable[[Document], Iterator[tuple[str, Document]]]


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads(COMMITTED.read_text(encoding="utf-8")))


def document_of(text: bytes) -> Document:
    """The file as an editor's YAML reader sees it."""
    return plain(read_yaml(text, "box.yaml"))


def test_the_committed_schema_is_the_generated_one(book: RuleBook) -> None:
    """`perks schema --rules rules` prints it anew."""
    assert COMMITTED.read_text(encoding="utf-8") == json.dumps(book.reader.schema(), indent=2) + "\n"


def test_the_schema_is_one(schema: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(schema.schema)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_both_accept_the_samples(schema: Draft202012Validator, faults: Faults, sample: Path) -> None:
    text = sample.read_bytes()
    assert [error.message for error in schema.iter_errors(document_of(text))] == []
    assert faults(text) == []


def test_each_sample_names_the_schema() -> None:
    for sample in SAMPLES:
        first = sample.read_text(encoding="utf-8").splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert named != first
        assert named == "../../perks_engine/schema/campaign.schema.json", sample


def test_both_accept_the_small_campaign(schema: Draft202012Validator, faults: Faults) -> None:
    assert schema.is_valid(document_of(CAMPAIGN.encode()))
    assert faults(CAMPAIGN) == []


def structural(found: list[str]) -> list[str]:
    return [fault for fault in found if not MEANING.search(fault)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "changes",
    [
        documents.without_a_key,
        documents.with_a_strange_key,
        documents.with_a_wrong_value,
        documents.with_an_item_more,
        documents.with_an_item_less,
    ],
    ids=lambda changes: changes.__name__,
)
def test_both_judge_every_small_change_alike(
    schema: Draft202012Validator, faults: Faults, sample: Path, changes: Changes
) -> None:
    """Every place of every sample, spoiled in turn; wrong values by day in one place of three, in each sample
    in others. Faults of meaning are set aside (`MEANING`)."""
    disagreements: list[str] = []
    refused = 0
    spoiled = changes(document_of(sample.read_bytes()))
    step = 3 if changes is documents.with_a_wrong_value and settings().max_examples < 1_000 else 1
    for change, document in islice(spoiled, SAMPLES.index(sample) % step, None, step):
        found = structural(faults(json.dumps(document)))
        refused += bool(found)
        if schema.is_valid(document) is not (not found):
            disagreements.append(f"{change}: the schema {'refuses' if not found else 'accepts'} it; {found}")
    assert disagreements == []
    assert refused > 0
