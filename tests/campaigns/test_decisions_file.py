"""Decisions that were written to a file say there what they said before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from perks_engine.campaigns.decisions_file import DecidedBy, decision_line, read_decisions, version_line
from perks_engine.domain.codec import fingerprint
from perks_engine.domain.explain import explain
from perks_engine.domain.recorded import Recorded
from tests.domain.zones import ATLAS
from tests.strategies import Case, cases

CANONICAL = '{"campaign":"…"}'
MADE_BY = DecidedBy(fingerprint(CANONICAL), CANONICAL, {})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("decisions") / "decisions.jsonl"


@given(cases())
def test_whatever_a_decision_saw_comes_back(file: Path, case: Case) -> None:
    decision = Recorded(
        decision_id="dec_1",
        campaign="phone-launch",
        version=MADE_BY.version,
        purpose="claim",
        person=case.person,
        verdict=explain(case.rule, case.person, case.now, ATLAS).verdict,
        hindered=False,
        decided_at=case.now,
    )
    file.write_text(version_line(MADE_BY) + decision_line(decision), encoding="utf-8")
    [back] = read_decisions(file).decisions()
    assert decision_line(back) == decision_line(decision), "not a number is not equal to itself, but as text"
    assert back.decided_at == case.now
    assert explain(case.rule, back.person, back.decided_at, ATLAS).verdict is decision.verdict
