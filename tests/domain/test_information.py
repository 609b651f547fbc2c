"""Learning more about a person may settle a verdict, and never turns a settled one around."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from perks_engine.domain.evidence import Evidence, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.reasons import Reason
from perks_engine.domain.rules import conditions
from perks_engine.domain.verdict import Mark, Verdict
from tests.domain.asking import decide
from tests.domain.zones import ATLAS
from tests.strategies import ATTRIBUTES, REGISTERS, Case, cases, facts, people

FACTS_ONLY = tuple(name for name in ATTRIBUTES if name not in REGISTERS)


def seen_by(case: Case, evidence: list[Evidence]) -> Reason:
    return explain(case.rule, Person("p1", tuple(evidence)), case.now, ATLAS)


def assert_no_turn(before: Reason, after: Reason) -> None:
    assert {before.verdict, after.verdict} != {Verdict.ELIGIBLE, Verdict.INELIGIBLE}, (before, after)


@given(cases(FACTS_ONLY), st.data())
def test_what_was_missing_and_is_told_settles_and_never_turns(case: Case, data: st.DataObject) -> None:
    """All that is known of one attribute is taken away; with it, the verdict is the same or was open."""
    attribute = data.draw(st.sampled_from([one.about.attribute for one in conditions(case.rule)]))
    without = seen_by(case, [fact for fact in case.person.evidence if fact.attribute != attribute])
    assert without.verdict in (Verdict.UNKNOWN, decide(case).verdict)


@given(cases(FACTS_ONLY), st.data())
def test_an_unusable_fact_made_usable_never_turns_a_verdict(case: Case, data: st.DataObject) -> None:
    """A source that said nothing usable (stale, ahead of its time, imprecise, of the wrong type) now does."""
    spoken = sorted({who(fact) for fact in case.person.evidence})
    useless = [one for one in spoken if not says_anything(case, one)]
    assume(useless)
    attribute, key, source = data.draw(st.sampled_from(useless))
    new = replace(data.draw(facts(attribute, case.now)), source=source, key=key)
    rest = [fact for fact in case.person.evidence if who(fact) != who(new)]
    assert_no_turn(decide(case), seen_by(case, [*rest, new]))


@given(cases(FACTS_ONLY), st.data())
def test_a_further_source_may_cast_doubt_and_never_turns_a_verdict(case: Case, data: st.DataObject) -> None:
    asked = [one.about.attribute for one in conditions(case.rule)]
    spoken = {who(fact) for fact in case.person.evidence}
    further = [fact for fact in data.draw(people(case.now, asked)).evidence if who(fact) not in spoken]
    assert_no_turn(decide(case), seen_by(case, [*case.person.evidence, *further]))


def who(fact: Evidence) -> tuple[str, str, str]:
    """Who says something, and of what."""
    return fact.attribute, fact.key, fact.source


def says_anything(case: Case, one: tuple[str, str, str]) -> bool:
    """Whether this source, were it the only one, would settle any of the rule's conditions."""
    alone = Person("p1", tuple(fact for fact in case.person.evidence if who(fact) == one))
    asked = [condition for condition in conditions(case.rule) if condition.about.attribute == one[0]]
    reasons = (explain(condition, alone, case.now, ATLAS) for condition in asked)
    return any(reason.mark is not Mark.UNKNOWN for reason in reasons)
