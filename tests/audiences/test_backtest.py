"""Decisions replayed: under their own rule nothing changes, under another one it is what each would get."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from perks_engine.audiences.backtest import Backtest, Changed, backtest
from perks_engine.domain.explain import explain
from perks_engine.domain.recorded import Recorded
from perks_engine.domain.rules import Rule
from perks_engine.domain.verdict import Verdict
from tests.audiences.one_meaning import Crowd, crowds
from tests.domain.zones import ATLAS
from tests.strategies import rules

OWN = "a" * 64


def recorded(crowd: Crowd, hindered: bool = False) -> list[Recorded]:
    """What the gate would have recorded of these people."""
    return [
        Recorded(
            decision_id=f"dec_{person.person_id}",
            campaign="phone-launch",
            version=OWN,
            purpose="claim",
            person=person,
            verdict=explain(crowd.rule, person, crowd.now, ATLAS).verdict,
            hindered=hindered,
            decided_at=crowd.now,
        )
        for person in crowd.people
    ]


def replayed(decisions: list[Recorded], old: Rule, new: Rule) -> tuple[Backtest, list[Changed]]:
    told: list[Changed] = []
    return backtest(decisions, {OWN: old}, new, ATLAS, told.append), told


@settings(max_examples=settings().max_examples // 2)
@given(crowds(most=6), rules(), st.booleans())
def test_as_each_would_be_decided_alone(crowd: Crowd, new: Rule, hindered: bool) -> None:
    decisions = recorded(crowd, hindered)
    would_be = {one.decision_id: explain(new, one.person, crowd.now, ATLAS).verdict for one in decisions}
    found, told = replayed(decisions, crowd.rule, new)
    assert found.not_as_recorded == 0
    assert Counter(found.counts) == Counter((one.verdict, would_be[one.decision_id]) for one in decisions)
    assert sum(found.counts.values()) == found.decisions == found.same + len(told)
    assert all(one.turns and one.verdict is would_be[one.decision.decision_id] for one in told)
    lost = [one for one in decisions if one.granted and would_be[one.decision_id] is not Verdict.ELIGIBLE]
    assert found.grants_lost.count == len(lost)
    assert [one.decision for one in found.grants_lost.first] == lost
    if hindered:
        assert found.grants_gained.count == 0, "what stood in the way is taken as it was"


@settings(max_examples=settings().max_examples // 4)
@given(crowds())
def test_under_the_version_that_made_them_nothing_changes(crowd: Crowd) -> None:
    found, told = replayed(recorded(crowd), crowd.rule, crowd.rule)
    assert (found.same, found.transitions, told) == (len(crowd.people), (), [])


@given(crowds(most=1), st.sampled_from(Verdict))
def test_a_decision_that_its_own_version_does_not_bear_out(crowd: Crowd, verdict: Verdict) -> None:
    [decision] = recorded(crowd)
    found, told = replayed([replace(decision, verdict=verdict)], crowd.rule, crowd.rule)
    differs = verdict is not decision.verdict
    assert found.not_as_recorded == differs
    assert found.same == (not differs)
    assert [one.reason.verdict for one in found.first_not_as_recorded] == [decision.verdict] * differs
    assert told == []
