"""The compiled verdict and the explained one are the same, whatever the rule and the person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given

from perks_engine.domain.compiled import compile_rule
from perks_engine.domain.evidence import Evidence, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.rules import MAX_DEPTH, MAX_NODES, About, AllOf, AnyOf, FlagIs, Not, NumberIn, Rule
from perks_engine.domain.traces import Trace
from tests.domain.zones import ATLAS
from tests.strategies import Case, cases

NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)


@given(cases())
def test_the_compiled_verdict_is_the_explained_one(case: Case) -> None:
    explained = explain(case.rule, case.person, case.now, ATLAS).verdict
    assert compile_rule(case.rule, ATLAS).verdict(case.person, case.now) is explained


@given(cases())
def test_a_compiled_explanation_says_word_for_word_the_same(case: Case) -> None:
    compiled = compile_rule(case.rule, ATLAS)
    assert compiled.explain(case.person, case.now) == explain(case.rule, case.person, case.now, ATLAS)


@given(cases())
def test_a_trace_knows_every_mark_and_code_before_anything_is_put_in_words(case: Case) -> None:
    compiled = compile_rule(case.rule, ATLAS)
    trace = compiled.traces_at(case.now)(compiled.layout.row(case.person))
    assert list(_outcomes(trace)) == list(_nodes(explain(case.rule, case.person, case.now, ATLAS)))


def _outcomes(trace: Trace) -> Iterator[tuple[str, str]]:
    head, tail = trace
    yield head.mark, head.code
    if head.node != CONDITION:
        for child in tail:
            yield from _outcomes(child)


def _nodes(reason: Reason) -> Iterator[tuple[str, str]]:
    yield reason.mark, reason.code
    for child in reason.children:
        yield from _nodes(child)


def test_the_largest_rule_compiles() -> None:
    score = NumberIn(About("score", "score"), low=50.0)
    wide = AllOf((score,) * (MAX_NODES - 1))
    deep: Rule = score
    for level in range(MAX_DEPTH):
        deep = AnyOf((deep, score)) if level % 2 else AllOf((Not(deep), score))
    person = Person("p", (Evidence("score", 71.0, "reach", NOW),))
    for rule in (wide, deep):
        compiled, explained = compile_rule(rule, ATLAS), explain(rule, person, NOW, ATLAS)
        assert compiled.verdict(person, NOW) is explained.verdict
        assert compiled.explain(person, NOW) == explained


def test_no_word_of_a_rule_reaches_the_program_as_code() -> None:
    name = "score'] or __import__('os').abort() or row['"
    rule = NumberIn(About(name, "score", key="\n    raise SystemExit"), low=50.0)
    person = Person("p", (Evidence(name, 71.0, "reach", NOW, key="\n    raise SystemExit"),))
    assert compile_rule(rule, ATLAS).verdict(person, NOW).value == "eligible"


def test_one_attribute_asked_in_two_types_is_refused() -> None:
    about = About("score", "score")
    with pytest.raises(TypeError, match="score is asked for in two ways"):
        compile_rule(AllOf((NumberIn(about, low=50.0), FlagIs(about, wanted=True))), ATLAS)
