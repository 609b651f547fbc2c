"""A rule compiled once for each version: the verdict alone, or a verdict that can explain itself.

Both are the same branches over the same rows (`domain.program`). The verdict ends as soon as the outcome is
settled and asks what is cheap first; the explanation asks everything, in the order of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from perks_engine.domain.evidence import Person
from perks_engine.domain.geography import Atlas
from perks_engine.domain.program import Maker, Program, condition_lines
from perks_engine.domain.reasons import Reason
from perks_engine.domain.rows import Layout, Row, layout_of
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, LocatedIn, Not, ReceiptsIn, Rule
from perks_engine.domain.traces import Trace, reason_of, trace_maker, traces_at
from perks_engine.domain.verdict import Mark, Verdict


@dataclass(frozen=True)
class CompiledRule:
    """A rule ready to decide rows of its layout."""

    rule: Rule
    atlas: Atlas
    layout: Layout
    verdicts: Maker

    def verdict(self, person: Person, now: datetime) -> Verdict:
        """The verdict on a person's evidence at `now` (an aware instant)."""
        return self.at(now)(self.layout.row(person))

    def at(self, now: datetime) -> Callable[[Row], Verdict]:
        """The same for rows made beforehand, all of them at one moment."""
        return self.verdicts(now)

    def traces_at(self, now: datetime) -> Callable[[Row], Trace]:
        """What became of each condition, for rows made beforehand; `reason_of` puts a trace in words."""
        return traces_at(self._traces, now, self.atlas)

    def explain(self, person: Person, now: datetime) -> Reason:
        """The verdict with the whole tree of reasons, word for word what `explain` gives."""
        return reason_of(self.traces_at(now)(self.layout.row(person)), now, self.atlas)

    @cached_property
    def _traces(self) -> Maker:
        return trace_maker(self.rule, self.layout, self.atlas)


def compile_rule(rule: Rule, atlas: Atlas, layout: Layout | None = None) -> CompiledRule:
    """The rule as programs over rows of this layout, which has to hold what the rule asks for; by default
    the rule's own. Raises `UnknownAreaError` where the atlas lacks an area that it names, and `TypeError` as
    `rows.asked_by` does."""
    layout = layout or layout_of(rule)
    program = Program(layout, atlas, {"E": _E, "I": _I, "U": _U})
    return CompiledRule(rule, atlas, layout, program.maker(_function(program, rule)))


_E, _I, _U = Verdict.ELIGIBLE, Verdict.INELIGIBLE, Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class _Then:
    """The statement that follows each outcome: fall through (`pass`), count, or return."""

    met: str
    not_met: str
    unknown: str

    def negated(self) -> _Then:
        return _Then(self.not_met, self.met, self.unknown)

    def settle(self, mark: Mark, code: str) -> str:
        return self.met if mark is Mark.MET else self.not_met if mark is Mark.NOT_MET else self.unknown

    def absent(self, facts: int) -> str:
        return self.unknown

    def unclear(self, facts: int) -> str:
        return self.unknown

    def token(self, mark: Mark, code: str) -> str:
        return "True"

    def take(self, mark: Mark, name: str) -> str:
        return self.settle(mark, "")


_RETURN = _Then("return E", "return I", "return U")


def _function(program: Program, rule: Rule) -> str:
    return program.function(_body(program, rule))


def _body(program: Program, rule: Rule) -> Iterator[str]:
    match rule:
        case AllOf(rules=rules):
            yield "u = E"
            for inner in _cheapest_first(rules):
                yield from _part(program, inner, _Then("pass", "return I", "u = U"))
            yield "return u"
        case AnyOf(rules=rules):
            yield "u = I"
            for inner in _cheapest_first(rules):
                yield from _part(program, inner, _Then("return E", "pass", "u = U"))
            yield "return u"
        case AtLeast(count=count, rules=rules):
            yield "met = open_ = 0"
            for inner in rules:
                yield from _part(program, inner, _Then("met += 1", "pass", "open_ += 1"))
            yield f"return E if met >= {count:d} else U if met + open_ >= {count:d} else I"
        case _:
            yield from _part(program, rule, _RETURN)


def _part(program: Program, rule: Rule, then: _Then) -> Iterator[str]:
    match rule:
        case Not(rule=inner):
            yield from _part(program, inner, then.negated())
        case AllOf() | AnyOf() | AtLeast():
            yield f"m = {_function(program, rule)}(row)"
            yield f"if m is E: {then.met}"
            yield f"elif m is I: {then.not_met}"
            yield f"else: {then.unknown}"
        case _:
            yield from condition_lines(program, rule, then)


def _cheapest_first(rules: Iterable[Rule]) -> list[Rule]:
    """The order that most often settles the outcome before a distance has to be found. The logic does not
    depend on it."""
    return sorted(rules, key=_cost)


def _cost(rule: Rule) -> int:
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | AtLeast(rules=rules):
            return 1 + sum(map(_cost, rules))
        case Not(rule=inner):
            return _cost(inner)
        case LocatedIn():
            return 10
        case ReceiptsIn():
            return 3
        case _:
            return 1
