"""One rule, three executions, one meaning: explained, compiled, and as a set on every engine."""

from __future__ import annotations

from hypothesis import given, settings

from perks_engine.audiences.engines import Engine
from tests.audiences.one_meaning import Crowd, crowds, divergence


@given(crowds())
def test_the_three_executions_agree(engine: Engine, crowd: Crowd) -> None:
    assert divergence(crowd, engine) == ""


@settings(max_examples=20)  # each takes Spark about half a second
@given(crowds())
def test_they_agree_on_spark(spark: Engine, crowd: Crowd) -> None:
    assert divergence(crowd, spark) == ""
