"""The first execution of a rule: one person, with the full tree of reasons."""

from __future__ import annotations

from datetime import datetime

from perks_engine.domain.evidence import Person
from perks_engine.domain.geography import Atlas
from perks_engine.domain.judges import judge
from perks_engine.domain.phrase import phrase
from perks_engine.domain.reasons import ALL, ANY, AT_LEAST, NOT, Reason
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Not, Rule
from perks_engine.domain.verdict import at_least, negate


def explain(rule: Rule, person: Person, now: datetime, atlas: Atlas) -> Reason:
    """Evaluate `rule` on the person's evidence at `now` (an aware instant), explained node by node."""
    match rule:
        case AllOf(rules=rules):
            return _counted(ALL, len(rules), rules, person, now, atlas)
        case AnyOf(rules=rules):
            return _counted(ANY, 1, rules, person, now, atlas)
        case AtLeast(count=count, rules=rules):
            return _counted(AT_LEAST, count, rules, person, now, atlas)
        case Not(rule=inner):
            child = explain(inner, person, now, atlas)
            return Reason(
                node=NOT,
                mark=negate(child.mark),
                code=NOT,
                required=phrase("not: {what}", what=child.required),
                children=(child,),
            )
        case _:
            return judge(rule, person, now, atlas)


_COUNTED_WORDS = {
    ALL: phrase("all of these"),
    ANY: phrase("any one of these"),
}


def _counted(
    node: str, count: int, rules: tuple[Rule, ...], person: Person, now: datetime, atlas: Atlas
) -> Reason:
    children = tuple(explain(inner, person, now, atlas) for inner in rules)
    return Reason(
        node=node,
        mark=at_least(count, [child.mark for child in children]),
        code=node,
        required=_COUNTED_WORDS.get(node) or phrase("at least {count} of these", count=count),
        children=children,
    )
