"""Kleene's laws, each on every combination of up to four marks."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from perks_engine.domain.verdict import Mark, Verdict, at_least, negate, verdict_of

MET, NOT_MET, UNKNOWN = Mark.MET, Mark.NOT_MET, Mark.UNKNOWN
LISTS = [marks for length in range(5) for marks in product(Mark, repeat=length)]
COUNTED = [(count, marks) for marks in LISTS for count in range(len(marks) + 1)]


def all_of(marks: tuple[Mark, ...]) -> Mark:
    return at_least(len(marks), marks)


def any_of(marks: tuple[Mark, ...]) -> Mark:
    return at_least(1, marks)


def completions(marks: tuple[Mark, ...]) -> list[tuple[Mark, ...]]:
    """Every way in which what is unknown could turn out."""
    return list(product(*[(MET, NOT_MET) if mark is UNKNOWN else (mark,) for mark in marks]))


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (MET, MET, MET, MET),
        (MET, UNKNOWN, UNKNOWN, MET),
        (MET, NOT_MET, NOT_MET, MET),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, NOT_MET, NOT_MET, UNKNOWN),
        (NOT_MET, NOT_MET, NOT_MET, NOT_MET),
    ],
)
def test_the_truth_table_of_kleene(left: Mark, right: Mark, both: Mark, either: Mark) -> None:
    assert all_of((left, right)) is both
    assert any_of((left, right)) is either


def test_the_order_of_conditions_makes_no_difference() -> None:
    for count, marks in COUNTED:
        assert {at_least(count, order) for order in permutations(marks)} == {at_least(count, marks)}


def test_a_double_negation_is_no_negation_and_not_unknown_is_unknown() -> None:
    assert [negate(negate(mark)) for mark in Mark] == list(Mark)
    assert negate(UNKNOWN) is UNKNOWN


def test_de_morgan_also_for_counts() -> None:
    """Not at least k of n is at least n - k + 1 of the opposites."""
    for count, marks in COUNTED:
        opposites = [negate(mark) for mark in marks]
        assert negate(at_least(count, marks)) is at_least(len(marks) - count + 1, opposites)


def test_all_and_any_nest_as_they_do_in_words() -> None:
    for marks in LISTS:
        for cut in range(len(marks) + 1):
            first, rest = marks[:cut], marks[cut:]
            assert all_of((all_of(first), all_of(rest))) is all_of(marks)
            assert any_of((any_of(first), any_of(rest))) is any_of(marks)


def test_a_count_is_unknown_exactly_where_what_is_unknown_could_turn_it() -> None:
    for count, marks in COUNTED:
        outcomes = {at_least(count, known) for known in completions(marks)}
        assert at_least(count, marks) is (outcomes.pop() if len(outcomes) == 1 else UNKNOWN)


def test_learning_more_never_turns_met_into_not_met() -> None:
    for count, marks in COUNTED:
        before = at_least(count, marks)
        for place, mark in enumerate(marks):
            for learnt in (MET, NOT_MET) if mark is UNKNOWN else ():
                after = at_least(count, (*marks[:place], learnt, *marks[place + 1 :]))
                assert before in (UNKNOWN, after)


def test_only_met_is_eligible() -> None:
    assert [verdict_of(mark) for mark in (MET, NOT_MET, UNKNOWN)] == [
        Verdict.ELIGIBLE,
        Verdict.INELIGIBLE,
        Verdict.UNKNOWN,
    ]


def test_verdicts_are_words_that_no_yaml_reader_takes_for_a_boolean() -> None:
    words = [*Verdict, *Mark]
    assert words == ["eligible", "ineligible", "unknown", "met", "not_met", "unknown"]
