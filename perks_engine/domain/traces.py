"""A decision that can explain itself, at the price of a verdict.

A trace mirrors the rule. A leaf is a pair of what became of the condition (`Outcome`, one object for all
people) and the entry of the row that decided it; an inner node is a pair of its outcome and its children.
All that a reason says follows from these, and is put in words only where somebody reads it (`reason_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.evidence import Evidence, Person
from perks_engine.domain.explain import counted_words, negated_words
from perks_engine.domain.geography import Atlas
from perks_engine.domain.judges import judge
from perks_engine.domain.program import Maker, Program, condition_lines
from perks_engine.domain.reasons import ALL, ANY, AT_LEAST, CONDITION, NOT, Reason
from perks_engine.domain.rows import Layout, Row
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Condition, Not, Rule
from perks_engine.domain.verdict import Mark


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which a node of a rule can come out. `code` is dotted (`location.outside`)."""

    node: str
    mark: Mark
    code: str
    rule: Rule


Trace = tuple[Outcome | Reason, Any]
"""A node: its outcome and the traces below it. A leaf: its outcome and its `Entry`, or None where there is
none. A condition that took the whole of its facts to judge: its reason, and None."""


def trace_maker(rule: Rule, layout: Layout, atlas: Atlas) -> Maker:
    """The program that traces a rule."""
    program = Program(layout, atlas)
    return program.maker(_function(program, rule))


def traces_at(make: Maker, now: datetime, atlas: Atlas) -> Callable[[Row], Trace]:
    """The program for one moment (aware)."""

    def judge_at(condition: Condition) -> Callable[[tuple[Evidence, ...]], Trace]:
        return lambda facts: (judge(condition, Person("", facts), now, atlas), None)

    return make(now, judge_at)


def reason_of(trace: Trace, now: datetime, atlas: Atlas) -> Reason:
    """The trace in words: the reason that `explain` gives, node by node. `now` is the moment of the trace."""
    head, tail = trace
    if isinstance(head, Reason):
        return head
    rule = head.rule
    if not isinstance(rule, AllOf | AnyOf | AtLeast | Not):
        facts = () if tail is None else (tail[3],)
        return judge(rule, Person("", facts), now, atlas)
    children = tuple(reason_of(child, now, atlas) for child in tail)
    required = negated_words(children[0]) if isinstance(rule, Not) else counted_words(rule)
    return Reason(head.node, head.mark, head.code, required, children=children)


def _function(program: Program, rule: Rule) -> str:
    return program.function(_body(program, rule))


def _body(program: Program, rule: Rule) -> Iterator[str]:
    match rule:
        case AllOf(rules=rules):
            yield "no = un = False"
            yield from _children(program, rules, _Flags("", "no = True", "un = True"))
            heads = _heads(program, ALL, rule)
            yield _returned(
                f"{heads[Mark.NOT_MET]} if no else {heads[Mark.UNKNOWN]} if un else {heads[Mark.MET]}",
                len(rules),
            )
        case AnyOf(rules=rules):
            yield "yes = un = False"
            yield from _children(program, rules, _Flags("yes = True", "", "un = True"))
            heads = _heads(program, ANY, rule)
            yield _returned(
                f"{heads[Mark.MET]} if yes else {heads[Mark.UNKNOWN]} if un else {heads[Mark.NOT_MET]}",
                len(rules),
            )
        case AtLeast(count=count, rules=rules):
            yield "met = open_ = 0"
            yield from _children(program, rules, _Flags("met += 1", "", "open_ += 1"))
            heads = _heads(program, AT_LEAST, rule)
            yield _returned(
                f"{heads[Mark.MET]} if met >= {count:d} else {heads[Mark.UNKNOWN]} "
                f"if met + open_ >= {count:d} else {heads[Mark.NOT_MET]}",
                len(rules),
            )
        case Not(rule=inner):
            heads = _heads(program, NOT, rule)
            flags = _Flags(*(f"h = {heads[mark]}" for mark in (Mark.NOT_MET, Mark.MET, Mark.UNKNOWN)))
            yield from _children(program, (inner,), flags)
            yield _returned("h", 1)
        case _:
            yield from _children(program, (rule,), _Flags("", "", ""))
            yield "return c0"


def _heads(program: Program, node: str, rule: Rule) -> dict[Mark, str]:
    return {mark: program.value(Outcome(node, mark, node, rule)) for mark in Mark}


def _returned(head: str, children: int) -> str:
    listed = "".join(f"c{number}, " for number in range(children))
    return f"return {head}, ({listed})"


@dataclass(frozen=True, slots=True)
class _Flags:
    """What the parent notes of a child by its mark, as a statement; nothing where it need not."""

    met: str
    not_met: str
    unknown: str

    def of(self, mark: Mark) -> str:
        return self.met if mark is Mark.MET else self.not_met if mark is Mark.NOT_MET else self.unknown


def _children(program: Program, rules: tuple[Rule, ...], flags: _Flags) -> Iterator[str]:
    for number, rule in enumerate(rules):
        match rule:
            case AllOf() | AnyOf() | AtLeast() | Not():
                yield f"c{number} = {_function(program, rule)}(row)"
                yield f"m = c{number}[0].mark"
                for word, mark in (("if", Mark.MET), ("elif", Mark.NOT_MET), ("elif", Mark.UNKNOWN)):
                    yield f"{word} m is {program.value(mark)}: {flags.of(mark) or 'pass'}"
            case _:
                yield from condition_lines(program, rule, _Noting(program, rule, f"c{number}", flags))


class _Noting:
    """Notes what became of one condition under a name."""

    def __init__(self, program: Program, condition: Condition, name: str, flags: _Flags) -> None:
        self.program = program
        self.condition = condition
        self.name = name
        self.flags = flags
        self.outcomes: dict[str, str] = {}
        self.judged = program.moment(f"judge_at({program.value(condition)})")

    def _outcome(self, mark: Mark, code: str) -> str:
        if code not in self.outcomes:
            dotted = f"{self.condition.about.attribute}.{code}"
            self.outcomes[code] = self.program.value(Outcome(CONDITION, mark, dotted, self.condition))
        return self.outcomes[code]

    def _noted(self, what: str, mark: Mark) -> str:
        flag = self.flags.of(mark)
        return f"{self.name} = {what}; {flag}" if flag else f"{self.name} = {what}"

    def settle(self, mark: Mark, code: str) -> str:
        return self._noted(self.token(mark, code), mark)

    def absent(self, facts: int) -> str:
        missing = self._outcome(Mark.UNKNOWN, "missing")
        return self._noted(
            f"{self.judged}(row[{facts}]) if row[{facts}] else ({missing}, None)", Mark.UNKNOWN
        )

    def unclear(self, facts: int) -> str:
        return self._noted(f"{self.judged}(row[{facts}])", Mark.UNKNOWN)

    def token(self, mark: Mark, code: str) -> str:
        return f"({self._outcome(mark, code)}, e)"

    def take(self, mark: Mark, name: str) -> str:
        return self._noted(name, mark)
