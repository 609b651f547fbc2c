"""Two versions of a rule over one population: who gains and who loses, and by which condition.

Both are asked in one pass: the conditions of the two, each once, are evaluated as one set, people are
counted by what became of them all, and both verdicts follow from that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from perks_engine.audiences.codes import Code
from perks_engine.audiences.people_map import PeopleMap, maps_of
from perks_engine.audiences.population import Group, Pattern, Population
from perks_engine.audiences.transitions import Outcome, Outcomes, RuleChange, Transition, Transitions, Turn
from perks_engine.domain.drawing import Drawing
from perks_engine.domain.rows import asked_by
from perks_engine.domain.rules import AllOf, Condition, Rule, conditions
from perks_engine.domain.verdict import Verdict

GAINED, LOST, CHANGED = "gained", "lost", "changed"
"""What is counted on a map; `changed` are those who are not eligible in either version."""
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
    maps: tuple[PeopleMap, ...]


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


def diff_of(both: BothRules, population: Population, now: datetime, drawing: Drawing) -> Diff:
    """Who gains and who loses at one moment (aware) where the new rule takes the place of the old one.
    Raises `MissingColumnsError`."""
    evaluation = population.often_under(both.rule, now)
    population.report("judging people by both versions", 0, 0)
    change, transitions = RuleChange(both.old, both.new), Transitions()
    groups: dict[tuple[Verdict, Verdict], dict[Pattern, Group]] = {}
    for (_, pattern), group in evaluation.groups().items():
        turned = change.of(*both.outcomes(pattern))
        transitions.add(turned, group.people)
        groups.setdefault((turned.old, turned.new), {})[pattern] = group
    changed = transitions.changed()
    sample = [
        Sampled(who, one.old, one.new, change.of(*both.outcomes(pattern)).turns)
        for one in changed
        for who, pattern in evaluation.some_of(groups[one.old, one.new], SAMPLE).items()
    ]

    def on_a_map(_: Verdict, pattern: Pattern) -> Iterator[str]:
        turned = change.of(*both.outcomes(pattern))
        if turned.old is not turned.new:
            yield {turned.new: GAINED, turned.old: LOST}.get(Verdict.ELIGIBLE, CHANGED)

    population.report("drawing maps", 0, 0)
    maps = maps_of(evaluation, drawing, on_a_map) if changed else ()
    return Diff(transitions.counts.total(), dict(transitions.counts), changed, tuple(sample), tuple(maps))
