"""The random rules and people are worth asking: every verdict, mark and kind of node occurs often."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Not, Rule
from perks_engine.domain.verdict import Mark, Verdict
from tests.domain.asking import ask, decide
from tests.strategies import ATTRIBUTES, MOMENTS, Case, asked_about, cases, people

One = TypeVar("One")
NOW = MOMENTS[0]


def sample(strategy: st.SearchStrategy[One], count: int) -> list[One]:
    """The same examples at every run."""
    drawn: list[One] = []

    @settings(max_examples=count, derandomize=True, database=None, phases=[Phase.generate])
    @given(strategy)
    def draw(one: One) -> None:
        drawn.append(one)

    draw()
    return drawn


def kinds(rule: Rule) -> list[str]:
    match rule:
        case AllOf(rules=inner) | AnyOf(rules=inner) | AtLeast(rules=inner):
            return [rule.kind, *(kind for one in inner for kind in kinds(one))]
        case Not(rule=inner):
            return [rule.kind, *kinds(inner)]
        case _:
            return [rule.kind]


@pytest.fixture(scope="module")
def drawn() -> list[Case]:
    return sample(cases(), 400)


def test_each_verdict_makes_more_than_a_tenth_of_the_cases(drawn: list[Case]) -> None:
    verdicts = Counter(decide(case).verdict for case in drawn)
    for verdict in Verdict:
        assert verdicts[verdict] > len(drawn) / 10, verdicts


def test_every_kind_of_node_is_asked(drawn: list[Case]) -> None:
    asked = Counter(kind for case in drawn for kind in kinds(case.rule))
    for kind in (
        *("all_of", "any_of", "at_least", "not"),
        *("number_in", "age_in", "day_in", "word_in", "words_match", "flag_is", "receipts_in"),
        *("located_in", "postal_code_in"),
    ):
        assert asked[kind] >= 10, asked


@pytest.mark.parametrize("attribute", sorted(set(ATTRIBUTES)))
def test_a_condition_on_any_attribute_comes_out_every_way_it_can(attribute: str) -> None:
    asked = sample(st.tuples(asked_about(attribute), people(NOW, [attribute])), 120)
    marks = Counter(ask(rule, *person.evidence, now=NOW).mark for rule, person in asked)
    assert marks[Mark.MET] > 5, marks
    assert marks[Mark.NOT_MET] > 5, marks
    assert marks[Mark.UNKNOWN] > 0, marks


def test_evidence_is_missing_stale_contradictory_and_wrong_at_times(drawn: list[Case]) -> None:
    leaves = (leaf for case in drawn for leaf in decide(case).leaves())
    codes = Counter(leaf.code.partition(".")[2] for leaf in leaves)
    for code in (
        *("missing", "stale", "future", "source_not_accepted", "conflicting", "invalid"),
        *("below", "above", "in_range", "has", "lacks"),
    ):
        assert codes[code] > 0, codes


def test_discs_touch_the_edges_of_zones_from_both_sides() -> None:
    asked = st.tuples(asked_about("location"), people(NOW, ["location"]))
    codes = Counter(ask(rule, *person.evidence, now=NOW).code for rule, person in sample(asked, 400))
    for code in ("inside", "outside", "near_edge", "imprecise", "no_postal_code"):
        assert codes[f"location.{code}"] >= 3, codes
