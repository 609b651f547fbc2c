"""One rule, three executions, one meaning: explained, compiled, and as a set on every engine."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from perks_engine.audiences.engines import Engine
from tests.audiences.one_meaning import Crowd, counted, crowds, divergence

# Building queries is millions of small calls, each of which coverage looks at; the tests beside these measure
# the same lines.
pytestmark = pytest.mark.no_cover


@given(crowds())
def test_the_three_executions_agree(engine: Engine, crowd: Crowd) -> None:
    assert divergence(crowd, engine) == ""


@settings(max_examples=settings().max_examples // 10)
@given(crowds())
def test_a_count_says_what_people_say_one_by_one(engine: Engine, crowd: Crowd) -> None:
    by_count, one_by_one = counted(crowd, engine)
    assert by_count == one_by_one
