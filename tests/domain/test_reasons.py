"""What stands in the way, and what decided: all of it, and nothing besides, tried out in every way."""

from __future__ import annotations

from hypothesis import assume, given

from perks_engine.domain.phrase import phrase
from perks_engine.domain.reasons import ALL, ANY, AT_LEAST, CONDITION, NOT, Reason, deciding_codes, obstacles
from perks_engine.domain.verdict import Mark, Verdict
from tests.domain.asking import fold
from tests.domain.reason_trees import below_not, reason_trees, subsets


def with_met(tree: Reason, codes: frozenset[str]) -> Mark:
    """The mark of the tree, were these conditions as the person would need them."""
    negated = below_not(tree)
    marks = [
        (Mark.NOT_MET if negated[leaf.code] else Mark.MET) if leaf.code in codes else leaf.mark
        for leaf in tree.leaves()
    ]
    return fold(tree, marks)


def knowing_only(tree: Reason, codes: frozenset[str]) -> Mark:
    """The mark of the tree, were nothing known of all the other conditions."""
    return fold(tree, [leaf.mark if leaf.code in codes else Mark.UNKNOWN for leaf in tree.leaves()])


@given(reason_trees())
def test_nothing_stands_in_the_way_of_who_is_eligible(tree: Reason) -> None:
    assert (obstacles(tree) == []) is (tree.verdict is Verdict.ELIGIBLE)


@given(reason_trees())
def test_who_clears_every_obstacle_is_eligible(tree: Reason) -> None:
    codes = frozenset(leaf.code for leaf in obstacles(tree))
    assert with_met(tree, codes) is Mark.MET


@given(reason_trees())
def test_every_obstacle_can_be_the_one_that_is_left(tree: Reason) -> None:
    """For each there is a way to clear others so that it alone still stands in the way."""
    codes = {leaf.code for leaf in obstacles(tree)}
    for code in codes:
        others = subsets(codes - {code})
        assert any(
            with_met(tree, some) is not Mark.MET and with_met(tree, some | {code}) is Mark.MET
            for some in others
        ), code


@given(reason_trees())
def test_failed_conditions_come_before_those_that_are_not_known(tree: Reason) -> None:
    found = obstacles(tree)
    assert all(leaf.mark is not Mark.MET for leaf in found)
    assert found == sorted(found, key=lambda leaf: leaf.mark is Mark.UNKNOWN)


@given(reason_trees())
def test_the_deciding_conditions_alone_make_the_outcome(tree: Reason) -> None:
    """Met and not met: it needs no other. Unknown: knowing these would settle it."""
    codes = deciding_codes(tree)
    if tree.mark is Mark.UNKNOWN:
        assert all(leaf.mark is Mark.UNKNOWN for leaf in tree.leaves() if leaf.code in codes)
        known = [Mark.MET if leaf.code in codes else leaf.mark for leaf in tree.leaves()]
        assert fold(tree, known) is not Mark.UNKNOWN
    else:
        assert knowing_only(tree, codes) is tree.mark


@given(reason_trees())
def test_every_deciding_condition_is_needed_for_one_way_to_the_outcome(tree: Reason) -> None:
    assume(tree.mark is not Mark.UNKNOWN)
    codes = deciding_codes(tree)
    for code in codes:
        ways = subsets(set(codes) - {code})
        assert any(
            knowing_only(tree, some) is not tree.mark and knowing_only(tree, some | {code}) is tree.mark
            for some in ways
        ), code


def leaf(code: str, mark: Mark) -> Reason:
    return Reason(CONDITION, mark, code, phrase("a {code}", code=code), phrase("none"), phrase("Get one."))


def node(name: str, mark: Mark, *children: Reason, count: int = 0) -> Reason:
    return Reason(name, mark, name, phrase("{count}", count=count), children=children)


def test_what_is_met_below_a_not_is_told_as_what_may_not_be() -> None:
    kin = leaf("relation_to_brand.has", Mark.MET)
    [found] = obstacles(node(NOT, Mark.NOT_MET, kin))
    assert (found.mark, str(found.required)) == (Mark.NOT_MET, "none of this: a relation_to_brand.has")
    assert str(found.change) == "It would have to be no longer so."


def test_what_is_unknown_below_a_not_keeps_its_advice() -> None:
    [found] = obstacles(node(NOT, Mark.UNKNOWN, leaf("score.missing", Mark.UNKNOWN)))
    assert (found.mark, str(found.change)) == (Mark.UNKNOWN, "Get one.")


def test_the_same_condition_written_twice_is_told_once() -> None:
    low = leaf("score.below", Mark.NOT_MET)
    assert obstacles(node(ALL, Mark.NOT_MET, low, node(ANY, Mark.NOT_MET, low))) == [low]


def test_what_could_not_have_turned_a_count_did_not_decide() -> None:
    """Two of three are needed and two have failed: the third, unknown, makes no difference."""
    failed = [leaf("score.below", Mark.NOT_MET), leaf("topics.lacks", Mark.NOT_MET)]
    tree = node(AT_LEAST, Mark.NOT_MET, *failed, leaf("location.missing", Mark.UNKNOWN), count=2)
    assert deciding_codes(tree) == {"score.below", "topics.lacks"}
