"""Two versions of a rule over one population: who gains and who loses, and by which condition.

Both are asked in one pass: the conditions of the two, each once, are evaluated as one set, people are
counted by what became of them all, and both verdicts follow from that. The people themselves are looked
at only for a few of each transition, to be read one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from perks_engine.audiences.codes import Code
from perks_engine.audiences.columns import ID
from perks_engine.audiences.expression import code_column, verdict_of_codes
from perks_engine.audiences.population import Pattern, Population
from perks_engine.audiences.relational import Table, Truth
from perks_engine.audiences.transitions import Outcome, Outcomes, Transition, Transitions, Turn
from perks_engine.domain.progress import Report, unreported
from perks_engine.domain.rows import asked_by
from perks_engine.domain.rules import AllOf, Condition, Rule, conditions
from perks_engine.domain.verdict import Verdict

SAMPLE = 5
"""So many people of each transition are shown."""
_TRUTHS = {Verdict.ELIGIBLE: True, Verdict.INELIGIBLE: False, Verdict.UNKNOWN: None}


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

    def turning(self, old: Verdict, new: Verdict) -> Callable[[Table], Truth]:
        """Those who have these verdicts under the old version and under the new one."""

        def chosen(table: Table) -> Truth:
            return _is(verdict_of_codes(table, self.old, self.in_old), old) & _is(
                verdict_of_codes(table, self.new, self.in_new), new
            )

        return chosen


_OUTCOMES = {code: Outcome(code.mark, code.word) for code in Code}


def _is(truth: Truth, verdict: Verdict) -> Truth:
    return truth.isnull() if verdict is Verdict.UNKNOWN else (truth == _TRUTHS[verdict]).fill_null(False)


def diff_of(both: BothRules, population: Population, now: datetime, report: Report = unreported) -> Diff:
    """Who gains and who loses at one moment (aware) where the new rule takes the place of the old one.
    Raises `MissingColumnsError`."""
    evaluation = population.under(both.rule, now, report)
    report("judging people by both versions", 0, 0)
    transitions = Transitions(both.old, both.new)
    for (_, pattern, _), count in evaluation.patterns().items():
        transitions.add(*both.outcomes(pattern), count)
    changed = transitions.changed()

    def sampled() -> Iterator[Sampled]:
        for done, one in enumerate(changed):
            report("taking samples", done, len(changed))
            rows = evaluation.rows(where=both.turning(one.old, one.new), limit=SAMPLE)
            for row in islice(rows, SAMPLE):
                pattern = tuple(Code(row[code_column(place)]) for place in range(len(both.conditions)))
                turns = transitions.turns(*both.outcomes(pattern))
                yield Sampled(row[ID], one.old, one.new, tuple(turns))

    return Diff(transitions.counts.total(), dict(transitions.counts), changed, tuple(sampled()))
