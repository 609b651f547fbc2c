"""What a rule comes to, once it is known what became of each of its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Not, Rule
from perks_engine.domain.verdict import Mark, Verdict, at_least, negate, verdict_of


def verdict_under(rule: Rule, marks: Iterable[Mark]) -> Verdict:
    """The verdict where the conditions, in the order in which the rule has them, came out like this."""
    found = mark_under(rule, marks)
    if found is None:
        raise ValueError("a rule has a verdict only where something is left of it")
    return verdict_of(found)


def mark_under(rule: Rule, marks: Iterable[Mark | None]) -> Mark | None:
    """The same, where a condition without a mark is left out of the rule, as is what holds nothing any more;
    None where nothing is left at all. Of those that are left, no more are asked for than there are."""
    return _mark(rule, iter(marks))


def wanted_marks(rule: Rule) -> list[Mark]:
    """For each condition what it has to be so that it helps: met, or below a `not` not met."""
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | AtLeast(rules=rules):
            return [mark for inner in rules for mark in wanted_marks(inner)]
        case Not(rule=inner):
            return [negate(mark) for mark in wanted_marks(inner)]
        case _:
            return [Mark.MET]


def _mark(rule: Rule, marks: Iterator[Mark | None]) -> Mark | None:
    match rule:
        case AllOf(rules=rules):
            left = _left(rules, marks)
            return at_least(len(left), left) if left else None
        case AnyOf(rules=rules):
            left = _left(rules, marks)
            return at_least(1, left) if left else None
        case AtLeast(count=count, rules=rules):
            left = _left(rules, marks)
            return at_least(min(count, len(left)), left) if left else None
        case Not(rule=inner):
            found = _mark(inner, marks)
            return None if found is None else negate(found)
        case _:
            return next(marks)


def _left(rules: Sequence[Rule], marks: Iterator[Mark | None]) -> list[Mark]:
    return [mark for mark in [_mark(one, marks) for one in rules] if mark is not None]
