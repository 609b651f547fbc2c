"""Which condition turned a verdict between two versions of a rule, case by case."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.marking import verdict_under
from perks_engine.domain.rules import About, AllOf, AnyOf, AtLeast, NumberIn, Rule, conditions
from perks_engine.domain.turning import JOINED, Comparison, Pair
from perks_engine.domain.verdict import Mark, Verdict
from tests.strategies import rules

MET, NOT_MET, UNKNOWN = Mark.MET, Mark.NOT_MET, Mark.UNKNOWN
MARKS = st.sampled_from(Mark)


def asked(attribute: str, low: float = 1) -> NumberIn:
    return NumberIn(About(attribute, attribute), low)


A, B, C = asked("a"), asked("b"), asked("c")
STRICTER_A, STRICTER_B = asked("a", 2), asked("b", 2)


def turned_by(old: Rule, new: Rule, was: tuple[Mark, ...], now: tuple[Mark, ...]) -> dict[str, bool]:
    """The attributes of the conditions that turned it, and whether each would have done so by itself."""
    turned = Comparison(old, new).turned(was, now)

    def name(pair: Pair) -> str:
        if pair == JOINED:
            return "joined"
        before, after = conditions(old), conditions(new)
        one = after[pair.new] if pair.new is not None else before[pair.old or 0]
        return one.about.attribute

    return {name(pair): pair in turned.by_itself for pair in turned.pairs}


def test_the_one_condition_that_became_stricter() -> None:
    assert turned_by(AllOf((A, B)), AllOf((STRICTER_A, B)), (MET, MET), (NOT_MET, MET)) == {"a": True}


def test_a_condition_that_changed_as_well_but_turned_nothing() -> None:
    """B is known now; that A is no longer met decides all the same, and would have before."""
    was, now = (MET, UNKNOWN), (NOT_MET, MET)
    assert turned_by(AllOf((A, B)), AllOf((STRICTER_A, STRICTER_B)), was, now) == {"a": True}


def test_either_of_two_would_have_turned_it() -> None:
    was, now = (MET, MET), (NOT_MET, NOT_MET)
    both = turned_by(AllOf((A, B)), AllOf((STRICTER_A, STRICTER_B)), was, now)
    assert both == {"a": True, "b": True}


def test_it_took_both() -> None:
    was, now = (NOT_MET, NOT_MET), (MET, MET)
    assert turned_by(AllOf((STRICTER_A, STRICTER_B)), AllOf((A, B)), was, now) == {"a": False, "b": False}


def test_a_condition_that_is_asked_for_the_first_time() -> None:
    assert turned_by(AllOf((A,)), AllOf((A, C)), (MET,), (MET, UNKNOWN)) == {"c": True}


def test_a_condition_that_is_no_longer_asked() -> None:
    assert turned_by(AllOf((A, C)), AllOf((A,)), (MET, NOT_MET), (MET,)) == {"c": True}
    # Of two ways in, the one that this person had was closed.
    assert turned_by(AnyOf((A, C)), AnyOf((A,)), (NOT_MET, MET), (NOT_MET,)) == {"c": True}


def test_conditions_that_are_joined_otherwise() -> None:
    assert turned_by(AnyOf((A, B)), AllOf((A, B)), (MET, NOT_MET), (MET, NOT_MET)) == {"joined": True}
    marks = (MET, NOT_MET, UNKNOWN)
    one, two = AtLeast(1, (A, B, C)), AtLeast(2, (A, B, C))
    assert turned_by(one, two, marks, marks) == {"joined": True}


def test_an_age_that_is_no_longer_asked_beside_another_way_of_joining() -> None:
    old, new = AllOf((C, AnyOf((A, B)))), AllOf((AllOf((A, B)),))
    assert turned_by(old, new, (MET, MET, NOT_MET), (MET, NOT_MET)) == {"joined": True}
    assert turned_by(old, new, (NOT_MET, MET, MET), (MET, MET)) == {"c": True}
    assert turned_by(old, new, (NOT_MET, MET, UNKNOWN), (MET, UNKNOWN)) == {"joined": False, "c": False}


def test_conditions_are_paired_by_what_they_are_about() -> None:
    pairs = Comparison(AllOf((A, B)), AllOf((STRICTER_B, C, A))).pairs
    assert pairs == (Pair(1, 0), Pair(None, 1), Pair(0, 2))


@given(st.data())
def test_what_turns_a_verdict_there_turns_it_back(data: st.DataObject) -> None:
    old, new = data.draw(rules()), data.draw(rules())
    was, now = (
        data.draw(st.lists(MARKS, min_size=size, max_size=size).map(tuple))
        for size in (len(conditions(old)), len(conditions(new)))
    )
    turned = Comparison(old, new).turned(was, now)
    back = Comparison(new, old).turned(now, was)
    assert bool(turned.pairs) == (verdict_under(old, was) is not verdict_under(new, now))
    assert turned.by_itself <= set(turned.pairs)
    if Comparison(old, new).pairs == _swapped(Comparison(new, old).pairs):
        assert set(turned.pairs) == set(_swapped(back.pairs))


def _swapped(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    return tuple(Pair(one.new, one.old) for one in pairs)


@given(rules(), st.data())
def test_a_version_beside_itself_turns_nothing(rule: Rule, data: st.DataObject) -> None:
    size = len(conditions(rule))
    marks = data.draw(st.lists(MARKS, min_size=size, max_size=size).map(tuple))
    comparison = Comparison(rule, rule)
    assert not comparison.joined_otherwise
    assert comparison.turned(marks, marks).pairs == ()
    assert verdict_under(rule, marks) in Verdict
