"""Guards at work: each claim is counted, and the one that leaves what is healthy pauses the campaign.

Somebody counts once for each verdict and once as granted, within a guard's span: whoever asks again, or
cancels and claims again, changes no count. How the counts move is told in `storage.guards`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign, CampaignState
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.guards import Claimed, Guard, Tally
from perks_engine.services.ports import Transaction
from perks_engine.services.records import Decision, GuardCount, Seen
from perks_engine.services.views import View


class CountAloneError(Exception):
    """The claim might leave what is healthy together with others, so it is done again with none beside it."""


class ChangedMeanwhileError(Exception):
    """The campaign was paused, closed or given another version since the claim was decided."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What a guard found that is not healthy."""

    guard: Guard
    key: str
    tally: Tally
    preview: Tally | None

    @property
    def found(self) -> str:
        return self.guard.found_words(self.tally, self.preview, self.key)

    @property
    def healthy(self) -> str:
        return self.guard.healthy_words()

    def numbers(self) -> View:
        return reading_view(self.guard, self.key, self.tally, self.preview)


@dataclass(frozen=True, slots=True)
class Guarding:
    """`_far` holds of which campaigns the guards were far from their limits when one last looked: there a
    claim need not be alone. It is a hint and no more, each process has its own."""

    atlas: Atlas
    _far: set[tuple[str, bool]] = field(default_factory=set[tuple[str, bool]])
    _previews: dict[str, list[Tally | None]] = field(default_factory=dict[str, list[Tally | None]])

    def count(self, tx: Transaction, campaign: Campaign, decision: Decision, alone: bool) -> Breach | None:
        """Count a claim that was decided while the campaign was open; the guard that it breaks, if any.

        Raises `CountAloneError` and `ChangedMeanwhileError`, upon which the transaction has to be undone.
        """
        if not campaign.guards:
            return None
        hint = (campaign.name, decision.grants)
        others = tx.guards.enter(campaign.name, alone or hint not in self._far)
        seen = tx.guards.seen(decision)
        if (seen.state, seen.version) != (CampaignState.OPEN, decision.version):
            raise ChangedMeanwhileError
        counts = list(self._counts(campaign, decision, seen))
        if not counts:
            return None
        tallies = tx.guards.add(campaign.name, counts, decision.decided_at)
        before = self.approved(tx, decision.version, campaign)
        breaches: list[Breach] = []
        is_near = False
        for one, tally in zip(counts, tallies, strict=True):
            guard, preview = campaign.guards[one.guard], before[one.guard]
            is_near |= guard.is_left(tally, preview, tx.guards.most_at_once - 1)
            if guard.is_left(tally, preview):
                breaches.append(Breach(guard, one.counted.key, tally, preview))
        if is_near:
            self._far.discard(hint)
            if others:
                raise CountAloneError
        else:
            self._far.add(hint)
        return breaches[0] if breaches else None

    def _counts(self, campaign: Campaign, decision: Decision, seen: Seen) -> Iterator[GuardCount]:
        person = Person(decision.person_id, decision.evidence)
        claim = Claimed(
            decision.verdict,
            decision.grants,
            decision.edge_m,
            decision.point,
            lambda rule: explain(rule, person, decision.decided_at, self.atlas).mark,
        )
        for place, guard in enumerate(campaign.guards):
            last = seen.granted_at if guard.counts_grants else seen.decided_at
            if guard.counts_grants and not decision.grants:
                continue
            if last is not None and (guard.over is None or last > decision.decided_at - guard.over):
                continue
            counted = guard.count(claim)
            if counted is not None:
                yield GuardCount(place, counted, guard.over)

    def approved(self, tx: Transaction, version: str, campaign: Campaign) -> list[Tally | None]:
        """For each guard what the approved preview foresaw of it; an approval never changes, so it is
        read once."""
        kept = self._previews.get(version)
        if kept is None:
            preview = tx.campaigns.approved_preview(version)
            kept = foreseen(preview.summary if preview else {}, campaign)
            self._previews[version] = kept
        return kept

    def readings(self, tx: Transaction, campaign: Campaign, version: str, now: datetime) -> list[View]:
        """What each guard has counted so far, and whether it is healthy."""
        found = tx.guards.tallies(campaign.name, campaign.guards, now)
        before = self.approved(tx, version, campaign)
        return [
            reading_view(guard, key, tally, preview)
            for guard, (key, tally), preview in zip(campaign.guards, found, before, strict=True)
        ]


def foreseen(summary: Mapping[str, Any], campaign: Campaign) -> list[Tally | None]:
    """What a recorded preview foresaw for each guard of the campaign."""
    listed = summary.get("guards") or [{}] * len(campaign.guards)
    return [Tally(one["hits"], one["total"]) if "hits" in one else None for one in listed]


def reading_view(guard: Guard, key: str, tally: Tally, preview: Tally | None) -> View:
    """What a guard counted, in words and numbers."""
    view: View = {
        "guard": guard.kind,
        "healthy": guard.healthy_words(),
        "found": guard.found_words(tally, preview, key),
        "holds": not guard.is_left(tally, preview),
        "hits": tally.hits,
        "total": tally.total,
    }
    return view | ({"point": key} if key else {})
