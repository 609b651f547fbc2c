"""What `perks campaign test` finds in one file: its examples, what they cover, and the slips they miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.coverage import ConditionCoverage, Coverage, coverage
from perks_engine.campaigns.examples import ExampleResult, run_examples
from perks_engine.campaigns.mutation import Mutant, MutantResult, run_mutants
from perks_engine.cli.output import reasons, say
from perks_engine.domain.progress import Report
from perks_engine.domain.words import required_words
from perks_engine.services.views import counted, reasons_view


@dataclass(frozen=True, slots=True)
class Trial:
    """`mutants` is None where nobody asked for them."""

    path: Path
    results: list[ExampleResult]
    coverage: Coverage
    mutants: list[MutantResult] | None

    @property
    def failed(self) -> int:
        return sum(not result.passed for result in self.results)

    @property
    def survivors(self) -> list[Mutant]:
        return [result.mutant for result in self.mutants or () if not result.caught_by]

    @property
    def leaves_open(self) -> bool:
        return bool(self.coverage.missing or self.survivors)


def try_file(path: Path, rules: RuleBook, mutate: bool, report: Report) -> Trial:
    """Raises `FileProblemsError` where the file is faulty."""
    file = rules.reader.read_file(path)
    results = run_examples(file, rules.atlas)
    covered = coverage(file.campaign.eligibility, results, rules.catalogue)
    mutants = run_mutants(file, rules.atlas, rules.catalogue, report) if mutate else None
    return Trial(path, results, covered, mutants)


def show_trial(trial: Trial) -> None:
    say(str(trial.path))
    for result in trial.results:
        say(f"  {'✓' if result.passed else '✗'} {result.example.name}: {result.reason.verdict}")
        if not result.passed:
            say(f"    {result.fault}")
            reasons(reasons_view(result.reason), indent="    ")
    if not trial.results:
        say("  no examples: a campaign cannot open without")
    missing = trial.coverage.missing
    seen = f"{trial.coverage.seen} of {counted(trial.coverage.possible, 'mark')} seen"
    say(f"  coverage: {seen}{', missing:' if missing else ''}")
    for one in missing:
        say(f"    {one.mark.replace('_', ' ')}: {one.suggestion}")
    if trial.mutants is not None:
        caught = len(trial.mutants) - len(trial.survivors)
        what = f"{caught} of {counted(len(trial.mutants), 'slip')} in the rule caught"
        say(f"  mutation: {what}{', no example catches:' if trial.survivors else ''}")
        for mutant in trial.survivors:
            say(f"    {mutant.description}")


def trials_view(trials: Sequence[Trial]) -> dict[str, Any]:
    """For scripts, by file: the examples, the coverage and, where it was asked for, the mutation."""
    view: dict[str, Any] = {
        "files": {str(trial.path): [_result_view(one) for one in trial.results] for trial in trials},
        "coverage": {str(trial.path): _coverage_view(trial.coverage) for trial in trials},
    }
    mutation = {
        str(trial.path): _mutation_view(trial.mutants, trial.survivors)
        for trial in trials
        if trial.mutants is not None
    }
    return {**view, "mutation": mutation} if mutation else view


def _result_view(result: ExampleResult) -> dict[str, Any]:
    return {
        "name": result.example.name,
        "passed": result.passed,
        "verdict": result.reason.verdict.value,
        **({"fault": str(result.fault)} if result.fault else {}),
    }


def _coverage_view(covered: Coverage) -> dict[str, Any]:
    return {
        "seen": covered.seen,
        "possible": covered.possible,
        "conditions": [_condition_view(one) for one in covered.conditions],
    }


def _condition_view(covered: ConditionCoverage) -> dict[str, Any]:
    return {
        "condition": str(required_words(covered.condition)),
        "seen": [mark.value for mark in covered.possible if mark in covered.seen],
        "missing": [{"mark": one.mark.value, "suggestion": str(one.suggestion)} for one in covered.missing],
    }


def _mutation_view(mutants: Sequence[MutantResult], survivors: Sequence[Mutant]) -> dict[str, Any]:
    return {
        "mutants": len(mutants),
        "caught": len(mutants) - len(survivors),
        "survivors": [
            {
                "description": mutant.description,
                **({"condition": str(required_words(mutant.condition))} if mutant.condition else {}),
            }
            for mutant in survivors
        ],
    }
