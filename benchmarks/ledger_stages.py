"""Where the time of a claim goes: the same parts that `services.claiming` calls, timed one by one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from perks_engine.bootstrap import Application
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.services.letters import Letters
from perks_engine.services.records import Answer, ClaimOutcome, ClaimRecord, Counting, DecidedClaim, Entry
from perks_engine.services.views import claim_view

READING, DECIDING, RENDERING = "read what it rests on", "decide and explain", "render letters"
WRITING, COUNTING, TAKING = "write", "count for guards", "take and commit"


@dataclass
class Stages:
    """Seconds spent by stage."""

    spent: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def timed(self, stage: str) -> Generator[None]:
        began = perf_counter()
        yield
        self.spent[stage] = self.spent.get(stage, 0.0) + perf_counter() - began


def stage_times(engine: Application, campaign: str, people: Sequence[str]) -> dict[str, float]:
    """Microseconds of each stage for one claim at a time, the mean over these people."""
    stages = Stages()
    letters = Letters(engine.composing)
    for person in people:
        _claim(engine, letters, campaign, person, stages)
    return {stage: seconds / len(people) * 1e6 for stage, seconds in stages.spent.items()}


def _claim(engine: Application, letters: Letters, campaign: str, person: str, stages: Stages) -> None:
    now = engine.clock()
    scope = f"person:{person}"
    with stages.timed(READING), engine.store.look() as look:
        facts = look.facts(person, campaign, scope, "stages")
    with ExitStack() as commit:
        work = commit.enter_context(engine.store.claim())
        assert facts.campaign is not None
        assert facts.card is not None
        version = engine.versions.kept(facts.campaign.version or "")
        assert version is not None
        with stages.timed(DECIDING):
            decision = engine.gate.judge(person, facts, version, "claim", now)
        claim = ClaimRecord(
            claim_id=f"clm {person} {campaign}",
            person_id=person,
            campaign=campaign,
            version=decision.version,
            decision_id=decision.decision_id,
            outcome=ClaimOutcome.GRANTED,
            created_at=now,
            reserved_until=now + version.perk.reservation,
            account=Account.RESERVED,
        )
        with stages.timed(RENDERING):
            messages = letters.granted(facts.card, claim, version)
        answer = Answer("", claim_view(claim))
        counts = engine.guarding.counts(version, decision, facts)
        with stages.timed(WRITING):
            work.record(DecidedClaim(decision, claim, messages, scope, "stages", answer))
        with stages.timed(COUNTING):
            work.count([Counting(campaign, decision.version, counts, now, alone=False)])
        entry = Entry(
            campaign=campaign,
            move=MoveKind.RESERVE,
            source=Account.STOCK,
            target=Account.RESERVED,
            units=1,
            occurred_at=now,
            recorded_at=now,
            recorded_by="gate",
            claim_id=claim.claim_id,
            person_id=person,
        )
        with stages.timed(TAKING):
            work.reserve(entry)
            commit.close()
