"""A deployment's own attributes: what contradicts itself, or could never take effect, is refused."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from perks_engine.campaigns.catalogue import load_catalogue
from tests.campaigns.reading import faults_of


def faults_in(folder: Path, declarations: str) -> list[str]:
    """What a catalogue of these attributes is told, without the folder that it lies in."""
    file = folder / "catalogue.yaml"
    file.write_text("attributes:\n" + textwrap.indent(textwrap.dedent(declarations).strip(), "  ") + "\n")
    return [fault.removeprefix(f"{folder}/") for fault in faults_of(lambda: load_catalogue(file))]


def test_an_attribute_of_each_type_that_can_be_declared(tmp_path: Path) -> None:
    declared = """
        shoe_size: {type: number, title: shoe size, minimum: 15, maximum: 60, max_age: 365d}
        posts: {type: number, title: posts, keyed_by: platform}
        tier: {type: word, title: tier, values: [silver, gold], sources: [desk, profile], trusted: [desk]}
        skills: {type: words, title: skills, sources: [desk], max_age: {desk: 30d}, shown: false}
        vetted: {type: flag, title: vetted}
        member_since: {type: day, title: member since}
    """
    assert faults_in(tmp_path, declared) == []
    catalogue = load_catalogue(tmp_path / "catalogue.yaml")
    assert {"shoe_size", "posts", "tier", "skills", "vetted", "member_since", "score"} <= {*catalogue.names()}
    assert catalogue["tier"].default_source == "desk"
    assert catalogue["tier"].accept(None, None).sources == ("desk",)


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        pytest.param(
            "tier: {type: word, title: tier, sources: [partner_desk], trusted: [partner_dsk]}",
            "'partner_dsk' is none of its sources; expected one of partner_desk",
            id="trusts a source that it has not",
        ),
        pytest.param(
            "tier: {type: word, title: tier, sources: [partner_desk], max_age: {desk: 3d}}",
            "'desk' is none of its sources; expected one of partner_desk",
            id="an age for a source that it has not",
        ),
        pytest.param(
            "tier: {type: number, title: tier, values: [silver, gold]}",
            "type number has no list of values; expected values only for a word or words",
            id="values of a number",
        ),
        pytest.param(
            "tier: {type: word, title: tier, keyed_by: platform}",
            "type word cannot be keyed; expected keyed_by only for a number",
            id="a word by platform",
        ),
        pytest.param(
            "tier: {type: number, title: tier, minimum: 5, maximum: 1}",
            "its minimum lies above its maximum; expected the lower value as minimum",
            id="a minimum above the maximum",
        ),
        pytest.param(
            "tier: {type: word, title: tier, minimum: 5}",
            "type word has no minimum or maximum; expected minimum and maximum only for a number",
            id="the minimum of a word",
        ),
        pytest.param(
            "tier: {type: words, title: tier, register: true}",
            "only the engine itself keeps registers, locations and receipts; "
            "expected a number, word, words, flag or day",
            id="a register",
        ),
        pytest.param(
            "tier: {type: location, title: tier}",
            "only the engine itself keeps registers, locations and receipts; "
            "expected a number, word, words, flag or day",
            id="a second location",
        ),
    ],
)
def test_a_declaration_that_contradicts_itself(tmp_path: Path, declaration: str, message: str) -> None:
    assert faults_in(tmp_path, declaration) == [f"catalogue.yaml:2:3: attributes.tier: {message}"]


@pytest.mark.parametrize("name", ["score", "location", "born_on", "opted_in", "age", "all", "at_least"])
def test_what_rules_have_already_cannot_be_declared_again(tmp_path: Path, name: str) -> None:
    assert faults_in(tmp_path, f"{name}: {{type: number, title: ours}}") == [
        f"catalogue.yaml:2:3: attributes.{name}: '{name}' is built in; expected another name"
    ]


@pytest.mark.parametrize(
    "name", ["id", "handle", "email", "name", "speaks", "time_zone", "consents", "seen_at"]
)
def test_what_files_of_people_have_already_cannot_be_declared_again(tmp_path: Path, name: str) -> None:
    """As an attribute it would be taken for the person's own data, and never reach a rule."""
    assert faults_in(tmp_path, f"{name}: {{type: word, title: ours}}") == [
        f"catalogue.yaml:2:3: attributes.{name}: '{name}' is built in; expected another name"
    ]


def test_a_name_has_no_dot(tmp_path: Path) -> None:
    """A dot parts attribute and source in the columns of a CSV file, and attribute and fault in a reason."""
    [found] = faults_in(tmp_path, "nps.score: {type: number, title: recommends us}")
    assert found.startswith("catalogue.yaml:2:3: attributes.nps.score: found 'nps.score'; expected a word ")


def test_all_faults_of_a_catalogue_come_at_once(tmp_path: Path) -> None:
    declarations = """
        tier: {type: wrod, title: tier}
        vetted: {type: flag, title: vetted, shown: no}
        size: {type: number}
        skills: {type: words, title: skills, max_age: 30 days, sauces: [desk]}
    """
    assert faults_in(tmp_path, declarations) == [
        (
            "catalogue.yaml:2:16: attributes.tier.type: found 'wrod'; "
            "expected a type: number, word, words, flag, day, location, receipts; did you mean 'word'?"
        ),
        (
            "catalogue.yaml:3:46: attributes.vetted.shown: found 'no'; expected true or false; "
            "did you mean 'false'?"
        ),
        (
            "catalogue.yaml:4:9: attributes.size: the key 'title' is missing; "
            "expected its name for a reader, e.g. `score`"
        ),
        (
            "catalogue.yaml:5:49: attributes.skills.max_age: '30 days' is not a span; "
            "expected a span such as 30m, 48h, 30d or 2w"
        ),
        (
            "catalogue.yaml:5:58: attributes.skills: unknown key 'sauces'; expected one of keyed_by, values, "
            "minimum, maximum, sources, trusted, shown, register, own; did you mean 'sources'?"
        ),
    ]
