"""Guards at work: each claim is counted, and the one that leaves what is healthy pauses the campaign.

Somebody counts once for each verdict and once as granted, within a guard's span: whoever asks again, or
cancels and claims again, changes no count. How the counts move is told in `storage.guards`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign, CampaignState
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.guards import Claimed, Guard, Tally
from perks_engine.services.ports import ClaimWork, Transaction
from perks_engine.services.records import ClaimFacts, Counting, Decision, GuardCount
from perks_engine.services.views import View


class CountAloneError(Exception):
    """Claims might leave what is healthy together with others that are not seen, so they are counted again
    with none beside them."""


class LeavesHealthyError(Exception):
    """Claims that were counted with none beside them leave what is healthy: of several one of them, and of
    one it is known, so that the campaign is to be paused."""


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
        return str(self.guard.found_words(self.tally, self.preview, self.key))

    @property
    def healthy(self) -> str:
        return str(self.guard.healthy_words())

    def numbers(self) -> View:
        return reading_view(self.guard, self.key, self.tally, self.preview)


@dataclass(frozen=True, slots=True)
class ToCount:
    """A claim that was decided while its campaign was open, and what it has to be counted for, `alone` with
    none beside it."""

    campaign: Campaign
    decision: Decision
    counts: Sequence[GuardCount]
    alone: bool

    @property
    def counting(self) -> Counting:
        one = self.decision
        return Counting(one.campaign, one.version, self.counts, one.decided_at, self.alone)


@dataclass(frozen=True, slots=True)
class Guarding:
    """`_far` holds of which campaigns the guards were far from their limits when one last looked: there a
    claim need not be alone. It is a hint and no more, each process has its own."""

    atlas: Atlas
    _far: set[tuple[str, bool]] = field(default_factory=set[tuple[str, bool]])
    _previews: dict[str, list[Tally | None]] = field(default_factory=dict[str, list[Tally | None]])

    def count(self, tx: Transaction, campaign: Campaign, decision: Decision) -> Breach | None:
        """Count, alone, a claim that was decided while the campaign was open; the guard that it breaks, if
        any. Raises `ChangedMeanwhileError`, upon which the transaction has to be undone."""
        if not campaign.guards:
            return None
        tx.guards.enter(campaign.name, alone=True)
        seen = tx.guards.seen(decision)
        if (seen.state, seen.version) != (CampaignState.OPEN, decision.version):
            raise ChangedMeanwhileError
        counts = list(self._counts(campaign, decision, seen.decided_at, seen.granted_at))
        if not counts:
            return None
        tallies = tx.guards.add(campaign.name, counts, decision.decided_at)
        before = self.approved(tx, decision.version, campaign)
        is_near, breaches = _weighed(campaign, counts, tallies, before, tx.guards.others)
        self._note(campaign, decision, is_near)
        return breaches[0] if breaches else None

    def must_be_alone(self, campaign: Campaign, decision: Decision) -> bool:
        """Whether a claim has to be counted with none beside it, as far as one knows."""
        return (campaign.name, decision.grants) not in self._far

    def has_read(self, version: str) -> bool:
        """Whether it is known what the approved preview foresaw; `approved` reads it."""
        return version in self._previews

    def counts(self, campaign: Campaign, decision: Decision, facts: ClaimFacts) -> list[GuardCount]:
        """What a claim that was decided while the campaign was open has to be counted for."""
        last = facts.decided_at.get(decision.verdict)
        return list(self._counts(campaign, decision, last, facts.granted_at))

    def count_beside(self, work: ClaimWork, claims: Sequence[ToCount]) -> None:
        """Count claims, all at one moment; those of a campaign alone where one of them has to be. What
        `approved` reads of each is known. Raises `CountAloneError`, `LeavesHealthyError` and
        `ChangedMeanwhileError`, upon which the transaction has to be undone."""
        found = work.count([one.counting for one in claims])
        are_alone = {one.campaign.name for one in claims if one.alone or not work.others}
        for one, tallies in zip(claims, found, strict=True):
            if tallies is None:
                raise ChangedMeanwhileError
            before = self._previews[one.decision.version]
            is_near, breaches = _weighed(one.campaign, one.counts, tallies, before, work.others)
            self._note(one.campaign, one.decision, is_near)
            if one.campaign.name not in are_alone:
                if is_near:
                    raise CountAloneError
            elif breaches:
                raise LeavesHealthyError

    def _note(self, campaign: Campaign, decision: Decision, is_near: bool) -> None:
        hint = (campaign.name, decision.grants)
        if is_near:
            self._far.discard(hint)
        else:
            self._far.add(hint)

    def _counts(
        self, campaign: Campaign, decision: Decision, decided_at: datetime | None, granted_at: datetime | None
    ) -> Iterator[GuardCount]:
        person = Person(decision.person_id, decision.evidence)
        claim = Claimed(
            decision.verdict,
            decision.grants,
            decision.edge_m,
            decision.point,
            lambda rule: explain(rule, person, decision.decided_at, self.atlas).mark,
        )
        for place, guard in enumerate(campaign.guards):
            last = granted_at if guard.counts_grants else decided_at
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


def _weighed(
    campaign: Campaign,
    counts: Sequence[GuardCount],
    tallies: Sequence[Tally],
    before: Sequence[Tally | None],
    others: int,
) -> tuple[bool, list[Breach]]:
    """Whether so many others, unseen, could leave what is healthy; and which guards are left already."""
    is_near = False
    breaches: list[Breach] = []
    for one, tally in zip(counts, tallies, strict=True):
        guard, preview = campaign.guards[one.guard], before[one.guard]
        is_near |= guard.is_left(tally, preview, others)
        if guard.is_left(tally, preview):
            breaches.append(Breach(guard, one.counted.key, tally, preview))
    return is_near, breaches


def foreseen(summary: Mapping[str, Any], campaign: Campaign) -> list[Tally | None]:
    """What a recorded preview foresaw for each guard of the campaign."""
    listed = summary.get("guards") or [{}] * len(campaign.guards)
    return [Tally(one["hits"], one["total"]) if "hits" in one else None for one in listed]


def reading_view(guard: Guard, key: str, tally: Tally, preview: Tally | None) -> View:
    """What a guard counted, in words and numbers."""
    view: View = {
        "guard": guard.kind,
        "healthy": str(guard.healthy_words()),
        "found": str(guard.found_words(tally, preview, key)),
        "holds": not guard.is_left(tally, preview),
        "hits": tally.hits,
        "total": tally.total,
    }
    return view | ({"point": key} if key else {})
