"""Recorded decisions under another version: which of them would come out otherwise, and why."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from perks_engine.audiences.backtest import Backtest, Changed, NotAsRecorded, Some
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.recorded import Recorded, Which
from perks_engine.domain.verdict import Verdict
from perks_engine.services.comparing import VersionAtHand, find_version, known_campaign, transition_view
from perks_engine.services.errors import NotFoundError
from perks_engine.services.ports import Store
from perks_engine.services.records import DecisionCount
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view, reasons_view


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions to be read once, how many they are at most, and the versions by which they were made."""

    total: int
    versions: Mapping[str, VersionAtHand]
    decisions: Iterable[Recorded]


@dataclass(frozen=True, slots=True)
class Backtesting:
    store: Store
    versions: Versions

    @contextmanager
    def decided(self, campaign: str, which: Which) -> Generator[Decided]:
        """The decisions on record about a campaign. Raises `NotFoundError` where there is no such campaign,
        or none of them."""
        with self.store.read() as tx:
            known_campaign(tx, campaign)
            count = tx.decisions.count(campaign, which)
            if not count.total:
                raise no_decisions(campaign, which, tx.decisions.count(campaign, Which()))
            records = (find_version(tx, campaign, one) for one in tx.decisions.versions(campaign, which))
            versions = {
                one.version: VersionAtHand(self.versions.get(one.version, tx), one.version, one.canonical)
                for one in records
            }
            yield Decided(count.total, versions, tx.decisions.recorded(campaign, which))

    def version_named(self, campaign: str, beginning: str) -> str:
        """The whole name of a version; raises `NotFoundError` and `InvalidInputError`."""
        with self.store.read() as tx:
            return find_version(tx, campaign, beginning).version


def no_decisions(campaign: str, which: Which, there: DecisionCount) -> NotFoundError:
    """Says what was looked for, and what there is."""
    asked = f" {which}" if str(which) else ""
    spread = "none at all"
    if there.total and there.first and there.last:
        span = f"from {there.first:%Y-%m-%d %H:%M} to {there.last:%Y-%m-%d %H:%M} UTC"
        spread = f"{there.total:,} in all, {span}"
    return NotFoundError(
        "decisions.none", f"there is no decision about {campaign}{asked}; there are {spread}"
    )


def backtest_view(backtest: Backtest, campaign: Campaign, version: str) -> View:
    """The backtest as JSON data."""
    return {
        "campaign": campaign.name,
        "under": version,
        "decisions": backtest.decisions,
        "same": backtest.same,
        "changed": sum(one.people for one in backtest.transitions),
        "not_as_recorded": {
            "decisions": backtest.not_as_recorded,
            "first": [_strange_view(one) for one in backtest.first_not_as_recorded],
        },
        "verdicts": {
            was.value: {now.value: backtest.counts.get((was, now), 0) for now in Verdict} for was in Verdict
        },
        "transitions": [transition_view(one, "decisions") for one in backtest.transitions],
        "grants_lost": _some_view(backtest.grants_lost),
        "grants_gained": _some_view(backtest.grants_gained),
    }


def _some_view(some: Some) -> View:
    return {"decisions": some.count, "first": [changed_view(one) for one in some.first]}


def changed_view(changed: Changed) -> View:
    decision = changed.decision
    return {
        **_decision_view(decision),
        "verdict": decision.verdict.value,
        "granted": decision.granted,
        "would_be": changed.verdict.value,
        "would_be_granted": changed.would_grant,
        "turns": [asdict(turn) for turn in changed.turns],
    }


def _strange_view(strange: NotAsRecorded) -> View:
    return {
        **_decision_view(strange.decision),
        "recorded": strange.decision.verdict.value,
        "comes_out": strange.reason.verdict.value,
        "reasons": reasons_view(strange.reason),
    }


def _decision_view(decision: Recorded) -> View:
    return {
        "decision": decision.decision_id,
        "person": decision.person.person_id,
        "purpose": decision.purpose,
        "version": decision.version,
        "decided_at": instant_view(decision.decided_at),
    }
