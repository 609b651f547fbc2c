"""Random trees of reasons, small enough to try out every way in which their conditions could change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations, count

from hypothesis import strategies as st

from perks_engine.domain.phrase import phrase
from perks_engine.domain.reasons import ALL, ANY, AT_LEAST, CONDITION, NOT, Reason
from perks_engine.domain.verdict import Mark
from tests.domain.asking import counted

MAX_LEAVES = 6

_LEAVES = st.sampled_from(Mark).map(
    lambda mark: Reason(CONDITION, mark, "", phrase("asked"), phrase("found"), phrase("do this"))
)


def _node(name: str, children: list[Reason], at_least: int = 0) -> Reason:
    required = phrase("at least {count} of these", count=at_least)
    node = Reason(name, Mark.UNKNOWN, name, required, children=tuple(children))
    return replace(node, mark=counted(node, [child.mark for child in children]))


def _around(inner: st.SearchStrategy[Reason]) -> st.SearchStrategy[Reason]:
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        some.map(lambda children: _node(ALL, children)),
        some.map(lambda children: _node(ANY, children)),
        inner.map(lambda child: _node(NOT, [child])),
        some.flatmap(lambda few: st.integers(1, len(few)).map(lambda least: _node(AT_LEAST, few, least))),
    )


def _named(reason: Reason, numbers: Iterator[int]) -> Reason:
    """Each condition under a code of its own, so that it can be told where it stands."""
    if reason.node == CONDITION:
        return replace(reason, code=f"c{next(numbers)}")
    return replace(reason, children=tuple(_named(child, numbers) for child in reason.children))


def reason_trees() -> st.SearchStrategy[Reason]:
    trees = st.recursive(_LEAVES, _around, max_leaves=MAX_LEAVES)
    return trees.map(lambda tree: _named(tree, count()))


def below_not(reason: Reason, negated: bool = False) -> dict[str, bool]:
    """For each condition, whether an odd number of `not` stands above it."""
    if reason.node == CONDITION:
        return {reason.code: negated}
    found: dict[str, bool] = {}
    for child in reason.children:
        found |= below_not(child, negated ^ (reason.node == NOT))
    return found


def subsets(codes: set[str]) -> list[frozenset[str]]:
    ordered = sorted(codes)
    some = chain.from_iterable(combinations(ordered, size) for size in range(len(ordered) + 1))
    return [frozenset(one) for one in some]
