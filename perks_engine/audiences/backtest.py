"""Recorded decisions under another version of the rule, each with the evidence it stored and at its moment.

Every decision is first replayed under its own version: what does not come out as it was recorded says that
the engine, or the data that travels with it, no longer means what it did, and is kept apart from all else.
Verdicts are compiled; only where one changes is the person explained, to say by which condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from perks_engine.audiences.transitions import (
    Outcome,
    RuleChange,
    Transition,
    Transitions,
    Turn,
    Turned,
)
from perks_engine.domain.compiled import CompiledRule, compile_rule
from perks_engine.domain.geography import Atlas
from perks_engine.domain.reasons import CONDITION, Reason
from perks_engine.domain.recorded import Recorded
from perks_engine.domain.rules import Rule
from perks_engine.domain.traces import Trace
from perks_engine.domain.verdict import Mark, Verdict

SHOWN = 20
"""So many decisions of each kind are kept to be shown; all are counted, and told to `on_change`."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A decision that comes out otherwise, and what turned it."""

    decision: Recorded
    verdict: Verdict
    turns: tuple[Turn, ...]

    @property
    def would_grant(self) -> bool:
        return self.decision.grants(self.verdict)


@dataclass(frozen=True, slots=True)
class NotAsRecorded:
    """A decision that its own version no longer decides as it was recorded."""

    decision: Recorded
    reason: Reason


@dataclass(frozen=True, slots=True)
class Some:
    """How many there are of a kind, and the first of them."""

    count: int
    first: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """`counts` are decisions by the verdict as it was recorded and as it would be, but for those that are not
    as recorded."""

    decisions: int
    counts: Mapping[tuple[Verdict, Verdict], int]
    transitions: tuple[Transition, ...]
    grants_lost: Some
    grants_gained: Some
    not_as_recorded: int
    first_not_as_recorded: tuple[NotAsRecorded, ...]

    @property
    def same(self) -> int:
        return sum(count for (was, is_), count in self.counts.items() if was is is_)


def backtest(
    decisions: Iterable[Recorded],
    rules: Mapping[str, Rule],
    rule: Rule,
    atlas: Atlas,
    on_change: Callable[[Changed], None],
) -> Backtest:
    """The decisions, one after the other, under `rule`; `rules` are those by which they were made, by
    version. Whatever comes out otherwise is told to `on_change`. Raises `UnknownAreaError`."""
    new = compile_rule(rule, atlas)
    versions = {version: _Version(own, new, atlas) for version, own in rules.items()}
    transitions = Transitions()
    lost, gained = _Kept(), _Kept()
    strange: list[NotAsRecorded] = []
    total = not_as_recorded = 0
    for decision in decisions:
        total += 1
        version = versions[decision.version]
        if version.own.verdict(decision.person, decision.decided_at) is not decision.verdict:
            not_as_recorded += 1
            if len(strange) < SHOWN:
                reason = version.own.explain(decision.person, decision.decided_at)
                strange.append(NotAsRecorded(decision, reason))
            continue
        verdict = new.verdict(decision.person, decision.decided_at)
        if verdict is decision.verdict:
            transitions.keep(verdict)
            continue
        found = version.change(decision)
        transitions.add(found)
        changed = Changed(decision, verdict, found.turns)
        on_change(changed)
        if decision.granted != changed.would_grant:
            (lost if decision.granted else gained).take(changed)
    return Backtest(
        total,
        dict(transitions.counts),
        transitions.changed(),
        lost.some(),
        gained.some(),
        not_as_recorded,
        tuple(strange),
    )


class _Version:
    """The rule by which decisions were made, beside the one under which they are replayed."""

    def __init__(self, rule: Rule, new: CompiledRule, atlas: Atlas) -> None:
        self.own = compile_rule(rule, atlas)
        self._new = new
        self._change = RuleChange(rule, new.rule)

    def change(self, decision: Recorded) -> Turned:
        """What turned the verdict."""
        rules = (self.own, self._new)
        traces = (one.traces_at(decision.decided_at)(one.layout.row(decision.person)) for one in rules)
        return self._change.of(*(tuple(_outcomes(trace)) for trace in traces))


def _outcomes(trace: Trace) -> Iterator[Outcome]:
    """What became of each condition, in the order of the rule."""
    head, below = trace
    if head.node == CONDITION:
        is_known = head.mark is not Mark.UNKNOWN
        yield Outcome(head.mark, head.mark.value if is_known else head.code.rpartition(".")[2])
        return
    for child in below:
        yield from _outcomes(child)


class _Kept:
    """Counts what it takes, and keeps the first of it."""

    def __init__(self) -> None:
        self._count = 0
        self._first: list[Changed] = []

    def take(self, changed: Changed) -> None:
        self._count += 1
        if len(self._first) < SHOWN:
            self._first.append(changed)

    def some(self) -> Some:
        return Some(self._count, tuple(self._first))
