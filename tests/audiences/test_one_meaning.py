"""One rule, three executions, one meaning: explained, compiled, and as a set on every engine."""

from __future__ import annotations

from hypothesis import given, settings

from perks_engine.audiences.engines import Engine
from tests.audiences.one_meaning import Crowd, counted, crowds, divergence

SHARE = {"duckdb": 2, "postgres": 4, "pyspark": 10} if settings().max_examples < 1_000 else {}
"""A crowd is a third of a second of a processor, and three seconds in Spark: by day few are asked, always the
same; by night two thousand, each time others."""


def test_the_three_executions_agree(engine: Engine) -> None:
    @settings(max_examples=settings().max_examples // SHARE.get(engine.backend.name, 1))
    @given(crowds())
    def agree(crowd: Crowd) -> None:
        assert divergence(crowd, engine) == ""

    agree()


def test_a_count_says_what_people_say_one_by_one(engine: Engine) -> None:
    @settings(max_examples=settings().max_examples // (10 * SHARE.get(engine.backend.name, 1)))
    @given(crowds())
    def agree(crowd: Crowd) -> None:
        by_count, *others = counted(crowd, engine)
        assert others == [by_count, by_count, by_count]

    agree()
