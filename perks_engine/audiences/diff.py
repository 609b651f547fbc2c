"""Two versions of a rule over one population: who gains and who loses, and by which condition.

Both are asked in one pass: the conditions of the two, each once, are evaluated as one set, people are
counted by what became of them all, and both verdicts follow from that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from perks_engine.audiences.codes import Code
from perks_engine.audiences.population import Group, Pattern, Population
from perks_engine.audiences.transitions import Outcome, Outcomes, RuleChange, Transition, Transitions, Turn
from perks_engine.domain.progress import Report, unreported
from perks_engine.domain.rows import asked_by
from perks_engine.domain.rules import AllOf, Condition, Rule, conditions
from perks_engine.domain.verdict import Verdict

SAMPLE = 5
"""So many people of each transition are shown."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Somebody whose verdict changes, and by what."""

    id: str
    old: Verdict
    new: Verdict
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """`counts` are people by their verdict under the old version and under the new one."""

    people: int
    counts: Mapping[tuple[Verdict, Verdict], int]
    transitions: tuple[Transition, ...]
    sample: tuple[Sampled, ...]


class IncomparableError(ValueError):
    """Two versions that cannot be asked of the same people."""


@dataclass(frozen=True)
class BothRules:
    """Two versions of a rule as one set of conditions. Where a condition stands in both, it is asked once.

    Raises `IncomparableError` where the two take one attribute for different types.
    """

    old: Rule
    new: Rule

    def __post_init__(self) -> None:
        try:
            asked_by(self.rule)
        except TypeError as error:
            raise IncomparableError(
                f"the two versions cannot be asked of the same people: {error}, which a change of the "
                "catalogue can bring about"
            ) from error

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(dict.fromkeys([*conditions(self.old), *conditions(self.new)]))

    @cached_property
    def rule(self) -> Rule:
        """What a population is asked; its own verdict means nothing."""
        return AllOf(self.conditions)

    @cached_property
    def in_old(self) -> list[int]:
        """Where the conditions of the old rule stand among all."""
        return self._places(self.old)

    @cached_property
    def in_new(self) -> list[int]:
        return self._places(self.new)

    def _places(self, rule: Rule) -> list[int]:
        places = {condition: place for place, condition in enumerate(self.conditions)}
        return [places[condition] for condition in conditions(rule)]

    def outcomes(self, pattern: Pattern) -> tuple[Outcomes, Outcomes]:
        """What became of the conditions of the old rule, and of those of the new one."""
        old, new = ([pattern[place] for place in places] for places in (self.in_old, self.in_new))
        return tuple(map(_OUTCOMES.__getitem__, old)), tuple(map(_OUTCOMES.__getitem__, new))


_OUTCOMES = {code: Outcome(code.mark, code.word) for code in Code}


def diff_of(both: BothRules, population: Population, now: datetime, report: Report = unreported) -> Diff:
    """Who gains and who loses at one moment (aware) where the new rule takes the place of the old one.
    Raises `MissingColumnsError`."""
    evaluation = population.under(both.rule, now, report)
    report("judging people by both versions", 0, 0)
    change, transitions = RuleChange(both.old, both.new), Transitions()
    groups: dict[tuple[Verdict, Verdict], list[tuple[Pattern, Group]]] = {}
    for (_, pattern), group in evaluation.groups().items():
        turned = change.of(*both.outcomes(pattern))
        transitions.add(turned, group.people)
        groups.setdefault((turned.old, turned.new), []).append((pattern, group))
    changed = transitions.changed()
    sample = [
        Sampled(who, one.old, one.new, change.of(*both.outcomes(pattern)).turns)
        for one in changed
        for who, pattern in some_of(groups[one.old, one.new], SAMPLE)
    ]
    return Diff(transitions.counts.total(), dict(transitions.counts), changed, tuple(sample))


def some_of(groups: Sequence[tuple[Pattern, Group]], most: int) -> list[tuple[str, Pattern]]:
    """Some people, as different from each other as can be: one of each group, the largest first, and only
    then another of each."""
    by_size = sorted(groups, key=lambda one: (-one[1].people, one[1].first))
    firsts = {group.first: pattern for pattern, group in by_size}
    lasts = {group.last: pattern for pattern, group in by_size}
    return list({**firsts, **{who: one for who, one in lasts.items() if who not in firsts}}.items())[:most]
