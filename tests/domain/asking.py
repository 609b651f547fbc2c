"""One question to the rules in one line: a condition, what sources say, and the reason that comes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from perks_engine.domain.evidence import Evidence, Person, Value
from perks_engine.domain.explain import explain
from perks_engine.domain.reasons import ALL, AT_LEAST, CONDITION, NOT, Reason
from perks_engine.domain.rules import Accept, Rule
from perks_engine.domain.verdict import Mark, at_least, negate
from tests.domain.zones import ATLAS
from tests.strategies import Case

NOON = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)
ANY_SOURCE = Accept()


def fact(
    attribute: str, value: Value, source: str = "profile", age: timedelta = timedelta(0), key: str = ""
) -> Evidence:
    """What a source said at noon, or so long before."""
    return Evidence(attribute, value, source, NOON - age, key)


def ask(rule: Rule, *facts: Evidence, now: datetime = NOON) -> Reason:
    return explain(rule, Person("p1", facts), now, ATLAS)


def decide(case: Case) -> Reason:
    return explain(case.rule, case.person, case.now, ATLAS)


def counted(reason: Reason, marks: list[Mark]) -> Mark:
    """The mark of a node whose children bear these marks."""
    if reason.node == NOT:
        return negate(marks[0])
    if reason.node == AT_LEAST:
        return at_least(int(str(reason.required.params["count"])), marks)
    return at_least(len(marks) if reason.node == ALL else 1, marks)


def folded(reason: Reason, marks: Iterator[Mark]) -> Mark:
    """The mark of the whole tree, were its conditions to bear `marks`, in the order they are written."""
    if reason.node == CONDITION:
        return next(marks)
    return counted(reason, [folded(child, marks) for child in reason.children])


def fold(reason: Reason, marks: list[Mark]) -> Mark:
    return folded(reason, iter(marks))
