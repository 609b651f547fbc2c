"""The explanation mirrors the rule, its verdict is the fold of its conditions, and unknown never grants."""

from __future__ import annotations

from datetime import UTC
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.reasons import ALL, ANY, AT_LEAST, CONDITION, NOT, Reason, reason_to_json
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Not, Rule, conditions
from perks_engine.domain.verdict import Mark, Verdict, verdict_of
from tests.domain.asking import counted, decide, fold
from tests.domain.zones import ATLAS
from tests.strategies import ATTRIBUTES, REGISTERS, Case, any_condition, cases, moments, rules

FACTS_ONLY = tuple(name for name in ATTRIBUTES if name not in REGISTERS)


def assert_mirrors(rule: Rule, reason: Reason) -> None:
    match rule:
        case AllOf(rules=inner):
            node, below = ALL, inner
        case AnyOf(rules=inner):
            node, below = ANY, inner
        case AtLeast(rules=inner, count=count):
            node, below = AT_LEAST, inner
            assert str(reason.required) == f"at least {count} of these"
        case Not(rule=one):
            node, below = NOT, (one,)
        case _:
            node, below = CONDITION, ()
            assert reason.attribute == rule.about.attribute
            assert reason.code.startswith(f"{rule.about.attribute}.")
    assert reason.node == node
    for one, child in zip(below, reason.children, strict=True):
        assert_mirrors(one, child)


def assert_folds(reason: Reason) -> None:
    if reason.node != CONDITION:
        assert reason.mark is counted(reason, [child.mark for child in reason.children])
    assert reason.verdict is verdict_of(reason.mark)
    for child in reason.children:
        assert_folds(child)


@given(cases())
def test_the_tree_of_reasons_mirrors_the_rule(case: Case) -> None:
    reason = decide(case)
    assert_mirrors(case.rule, reason)
    assert len(list(reason.leaves())) == len(conditions(case.rule))


@given(cases())
def test_every_node_is_the_fold_of_its_children(case: Case) -> None:
    reason = decide(case)
    assert_folds(reason)
    assert reason.mark is fold(reason, [leaf.mark for leaf in reason.leaves()])


@given(cases())
def test_the_same_question_gets_the_same_answer(case: Case) -> None:
    first, again = decide(case), decide(case)
    assert reason_to_json(first) == reason_to_json(again)


@given(cases())
def test_the_zone_in_which_the_moment_is_written_makes_no_difference(case: Case) -> None:
    in_utc = Case(case.rule, case.person, case.now.astimezone(UTC))
    assert reason_to_json(decide(case)) == reason_to_json(decide(in_utc))


@given(cases())
def test_a_verdict_stands_however_what_is_unknown_turns_out(case: Case) -> None:
    """So unknown never grants, and never refuses either."""
    reason = decide(case)
    marks = [leaf.mark for leaf in reason.leaves()]
    known = [(Mark.MET, Mark.NOT_MET) if mark is Mark.UNKNOWN else (mark,) for mark in marks]
    outcomes = {fold(reason, list(turned)) for turned in product(*known)}
    if reason.mark is not Mark.UNKNOWN:
        assert outcomes == {reason.mark}


@given(rules(FACTS_ONLY), moments())
def test_somebody_of_whom_nothing_is_known_is_never_eligible_and_never_refused(rule: Rule, now) -> None:
    reason = explain(rule, Person("p1", ()), now, ATLAS)
    assert reason.verdict is Verdict.UNKNOWN
    assert {leaf.code.partition(".")[2] for leaf in reason.leaves()} == {"missing"}


@st.composite
def counted_cases(draw: st.DrawFn) -> tuple[int, list[Rule], Case]:
    some = draw(st.lists(any_condition(), min_size=1, max_size=4))
    return draw(st.integers(1, len(some))), list(some), draw(cases())


@given(counted_cases())
def test_rules_obey_de_morgan_and_double_negation(drawn: tuple[int, list[Rule], Case]) -> None:
    count, some, case = drawn

    def mark(rule: Rule) -> Mark:
        return explain(rule, case.person, case.now, ATLAS).mark

    opposites = tuple(Not(one) for one in some)
    assert mark(Not(AllOf(tuple(some)))) is mark(AnyOf(opposites))
    assert mark(Not(AnyOf(tuple(some)))) is mark(AllOf(opposites))
    assert mark(Not(AtLeast(count, tuple(some)))) is mark(AtLeast(len(some) - count + 1, opposites))
    assert mark(Not(Not(some[0]))) is mark(some[0])
    assert mark(AtLeast(count, tuple(reversed(some)))) is mark(AtLeast(count, tuple(some)))
