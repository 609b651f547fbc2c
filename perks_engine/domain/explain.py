"""The first execution of a rule: one person, with the full tree of reasons."""

from __future__ import annotations

from datetime import datetime

from perks_engine.domain.evidence import Person
from perks_engine.domain.geography import Atlas
from perks_engine.domain.judges import judge
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.reasons import ALL, ANY, AT_LEAST, NOT, Reason
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Not, Rule
from perks_engine.domain.verdict import at_least, negate


def explain(rule: Rule, person: Person, now: datetime, atlas: Atlas) -> Reason:
    """Evaluate `rule` on the person's evidence at `now` (an aware instant), explained node by node."""
    match rule:
        case AllOf(rules=rules):
            return _counted(ALL, len(rules), rule, person, now, atlas)
        case AnyOf():
            return _counted(ANY, 1, rule, person, now, atlas)
        case AtLeast(count=count):
            return _counted(AT_LEAST, count, rule, person, now, atlas)
        case Not(rule=inner):
            child = explain(inner, person, now, atlas)
            return Reason(NOT, negate(child.mark), NOT, negated_words(child), children=(child,))
        case _:
            return judge(rule, person, now, atlas)


_ALL_WORDS, _ANY_WORDS = phrase("all of these"), phrase("any one of these")


def counted_words(rule: Rule) -> Phrase:
    """What a node that counts its children asks of them."""
    match rule:
        case AllOf():
            return _ALL_WORDS
        case AtLeast(count=count):
            return phrase("at least {count} of these", count=count)
        case _:
            return _ANY_WORDS


def negated_words(child: Reason) -> Phrase:
    """What a `not` asks of the node below it."""
    return phrase("not: {what}", what=child.required)


def _counted(
    node: str, count: int, rule: AllOf | AnyOf | AtLeast, person: Person, now: datetime, atlas: Atlas
) -> Reason:
    children = tuple(explain(inner, person, now, atlas) for inner in rule.rules)
    mark = at_least(count, [child.mark for child in children])
    return Reason(node, mark, node, counted_words(rule), children=children)
