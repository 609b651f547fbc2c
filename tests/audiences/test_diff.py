"""Who gains and who loses, counted over a set, is what comes out for each person alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perks_engine.audiences.diff import BothRules, Diff, IncomparableError, diff_of
from perks_engine.audiences.engines import Engine
from perks_engine.audiences.people_table import people_table
from perks_engine.audiences.population import Population
from perks_engine.domain.explain import explain
from perks_engine.domain.rules import About, AllOf, NumberIn, Rule, WordIn, conditions
from perks_engine.places.drawings import Drawings
from tests.audiences.one_meaning import VOCABULARY, Crowd, as_recorded, crowds
from tests.domain.zones import ATLAS
from tests.strategies import rules


@st.composite
def two_rules(draw: st.DrawFn) -> tuple[Crowd, Rule]:
    """A crowd, and a rule that is to take the place of theirs: another one, or nearly the same."""
    crowd = draw(crowds(most=6))
    other = draw(rules())
    if isinstance(crowd.rule, AllOf) and draw(st.booleans()):
        place = draw(st.integers(0, len(crowd.rule.rules) - 1))
        kept = [rule for number, rule in enumerate(crowd.rule.rules) if number != place]
        other = AllOf((*kept, draw(st.sampled_from(conditions(other)))))
    people = tuple(as_recorded(BothRules(crowd.rule, other).rule, person) for person in crowd.people)
    return replace(crowd, people=people), other


def difference(crowd: Crowd, new: Rule, engine: Engine) -> Diff:
    both = BothRules(crowd.rule, new)
    table = engine.put(people_table(crowd.people, both.rule, crowd.now, VOCABULARY))
    return diff_of(both, Population(engine, table, VOCABULARY, ATLAS), crowd.now, Drawings(ATLAS))


@settings(max_examples=settings().max_examples // 8)
@given(two_rules())
def test_as_for_each_person_alone(duckdb: Engine, case: tuple[Crowd, Rule]) -> None:
    crowd, new = case
    verdicts = {
        person.person_id: tuple(explain(rule, person, crowd.now, ATLAS).verdict for rule in (crowd.rule, new))
        for person in crowd.people
    }
    found = difference(crowd, new, duckdb)
    assert Counter(found.counts) == Counter(verdicts.values())
    assert found.people == sum(found.counts.values()) == len(crowd.people)
    changed = {key: count for key, count in found.counts.items() if key[0] is not key[1]}
    assert {(one.old, one.new): one.people for one in found.transitions} == changed
    assert all(len(one.turns) >= 1 and one.near_edge <= one.people for one in found.transitions)
    assert all((one.old, one.new) == verdicts[one.id] and one.turns for one in found.sample)
    assert {(one.old, one.new) for one in found.sample} == set(changed)
    assert len({one.id for one in found.sample}) == len(found.sample)


@settings(max_examples=settings().max_examples // 8)
@given(crowds())
def test_a_version_beside_itself_changes_nobody(engine: Engine, crowd: Crowd) -> None:
    found = difference(crowd, crowd.rule, engine)
    assert (found.transitions, found.sample) == ((), ())
    assert found.people == len(crowd.people)


def test_an_attribute_that_became_another_type_cannot_be_compared() -> None:
    about = About("tier", "tier")
    with pytest.raises(IncomparableError, match="tier is asked for in two ways"):
        BothRules(NumberIn(about, 1.0), WordIn(about, ("gold",)))


def test_each_condition_is_asked_once() -> None:
    rich, rare = NumberIn(About("score", "score"), 50.0), WordIn(About("tier", "tier"), ("gold",))
    assert BothRules(AllOf((rich, rare)), AllOf((rare, rich))).rule == AllOf((rich, rare))
