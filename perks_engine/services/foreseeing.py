"""What a preview foresees of a campaign's guards: the shares that they would see if everybody eligible
claimed. An approval keeps them, and guards that compare with the preview do so with these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from perks_engine.audiences.columns import MissingColumnsError
from perks_engine.audiences.population import Population
from perks_engine.audiences.preview import Preview
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.guards import (
    AreaShare,
    EligibleShare,
    GrantRate,
    Guard,
    NearEdgeShare,
    SamePoint,
    SourceShare,
    Tally,
    UnknownShare,
)
from perks_engine.domain.rules import AllOf, AnyOf, Not, Rule
from perks_engine.domain.verdict import Verdict
from perks_engine.services.views import View


def foresee(campaign: Campaign, population: Population, preview: Preview, now: datetime) -> Sequence[View]:
    """For each guard what it calls healthy, and where a population can tell, what this one would make it
    count and whether that is healthy."""
    return [
        _view(guard, _tally(guard, campaign.eligibility, population, preview, now))
        for guard in campaign.guards
    ]


def _view(guard: Guard, tally: Tally | None) -> View:
    view: View = {"guard": guard.kind, "healthy": str(guard.healthy_words())}
    if tally is None or isinstance(guard, GrantRate):
        return view
    return view | {
        "found": str(guard.foreseen_words(tally)),
        "holds": not guard.is_left(tally),
        "hits": tally.hits,
        "total": tally.total,
    }


def _tally(guard: Guard, rule: Rule, population: Population, preview: Preview, now: datetime) -> Tally | None:
    eligible = preview.verdicts[Verdict.ELIGIBLE]
    match guard:
        case EligibleShare():
            return Tally(eligible, preview.people)
        case UnknownShare():
            return Tally(preview.verdicts[Verdict.UNKNOWN], preview.people)
        case AreaShare(inside=inside):
            return Tally(_eligible(AllOf((rule, inside)), population, now), eligible)
        case SourceShare(asked=asked, alone=alone):
            # Whether a condition is known at all is a rule as well: either it holds, or its contrary does.
            known = _eligible(AllOf((rule, AnyOf((asked, Not(asked))))), population, now)
            return Tally(eligible - known if alone else known, eligible)
        case SamePoint():
            return Tally(preview.most_on_a_point, preview.most_on_a_point)
        case NearEdgeShare() | GrantRate():
            return None


def _eligible(rule: Rule, population: Population, now: datetime) -> int:
    """How many are eligible under the rule; nobody, where the population has no evidence from its sources."""
    try:
        return population.under(rule, now).verdicts()[Verdict.ELIGIBLE]
    except MissingColumnsError:
        return 0
