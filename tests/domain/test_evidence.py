"""Which facts count: the newest of each source, in whatever order they were recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.evidence import REGISTER, Evidence, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.reasons import reason_to_json
from perks_engine.domain.rules import About, Accept, NumberIn, WordsMatch
from perks_engine.domain.verdict import Mark
from tests.domain.asking import NOON, ask, decide, fact
from tests.domain.zones import ATLAS
from tests.strategies import TICK, Case, cases

DAY = timedelta(days=1)
SCORE = NumberIn(About("score", "score"), 50, 100)
FRESH_SCORE = NumberIn(About("score", "score", accept=Accept(("reach", "klout"), max_age=30 * DAY)), 50)
KIN = WordsMatch(About("relation_to_brand", "relation to the brand", accept=Accept((REGISTER,))), ("kin",))


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_makes_no_difference(case: Case, random) -> None:
    """Neither to the verdict nor to a word of the explanation."""
    facts = list(case.person.evidence)
    random.shuffle(facts)
    shuffled = explain(case.rule, Person("p1", tuple(facts)), case.now, ATLAS)
    assert reason_to_json(shuffled) == reason_to_json(decide(case))


def test_the_newest_word_of_a_source_counts() -> None:
    old, new = fact("score", 71.0, "reach", age=2 * DAY), fact("score", 20.0, "reach", age=DAY)
    assert ask(SCORE, old, new).code == "score.below"
    assert ask(SCORE, new, old).code == "score.below"


def test_sources_that_contradict_each_other_leave_it_open() -> None:
    reason = ask(SCORE, fact("score", 71.0, "reach"), fact("score", 20.0, "klout"))
    assert (reason.mark, reason.code) == (Mark.UNKNOWN, "score.conflicting")
    assert str(reason.actual) == "reach: 71; klout: 20"
    assert str(reason.change) == "The sources would have to agree."


def test_a_source_that_contradicts_itself_at_one_instant_leaves_it_open() -> None:
    reason = ask(SCORE, fact("score", 71.0, "reach"), fact("score", 20.0, "reach"))
    assert reason.code == "score.conflicting"


def test_sources_that_differ_and_lead_to_the_same_do_not_contradict() -> None:
    assert ask(SCORE, fact("score", 71.0, "reach"), fact("score", 72.0, "klout")).mark is Mark.MET


def test_what_cannot_be_used_does_not_contradict() -> None:
    good = fact("score", 71.0, "reach")
    for useless in (
        fact("score", 20.0, "klout", age=31 * DAY),
        fact("score", 20.0, "klout", age=-TICK),
        fact("score", 20.0, "profile"),
        fact("score", float("nan"), "klout"),
    ):
        assert ask(FRESH_SCORE, good, useless).mark is Mark.MET
        assert ask(FRESH_SCORE, useless).mark is Mark.UNKNOWN


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (30 * DAY, "score.in_range"),
        (30 * DAY + TICK, "score.stale"),
        (timedelta(0), "score.in_range"),
        (-TICK, "score.future"),
    ],
)
def test_evidence_ages_to_the_microsecond(age: timedelta, code: str) -> None:
    assert ask(FRESH_SCORE, fact("score", 71.0, "reach", age)).code == code


def test_one_age_for_each_source() -> None:
    accept = Accept(("device", "profile"), max_age=30 * DAY, max_age_of=(("device", DAY),))
    rule = NumberIn(About("score", "score", accept=accept), 50)
    assert ask(rule, fact("score", 71.0, "device", 2 * DAY)).code == "score.stale"
    assert ask(rule, fact("score", 71.0, "profile", 2 * DAY)).code == "score.in_range"


def test_a_key_tells_facts_of_one_attribute_apart() -> None:
    rule = NumberIn(About("followers", "followers on instagram", "instagram"), 10_000)
    assert ask(rule, fact("followers", 20_000.0, key="youtube")).code == "followers.missing"
    assert ask(rule, fact("followers", 20_000.0, key="instagram")).mark is Mark.MET


def test_no_line_in_a_register_is_knowledge() -> None:
    reason = ask(KIN)
    assert (reason.mark, str(reason.actual)) == (Mark.NOT_MET, "none")


def test_the_newest_line_of_a_register_counts_whenever_it_was_recorded() -> None:
    was = Evidence("relation_to_brand", frozenset({"kin"}), REGISTER, NOON - 9 * DAY)
    ended = Evidence("relation_to_brand", frozenset[str](), REGISTER, NOON - DAY)
    assert ask(KIN, was, ended).mark is Mark.NOT_MET
    assert ask(KIN, ended, was).mark is Mark.NOT_MET


def test_a_line_of_a_register_does_not_count_before_its_time() -> None:
    """A decision replayed as of an earlier day sees what the register said then."""
    hired_tomorrow = Evidence("relation_to_brand", frozenset({"kin"}), REGISTER, NOON + DAY)
    assert ask(KIN, hired_tomorrow).mark is Mark.NOT_MET


def test_the_note_of_a_register_is_told() -> None:
    known = Evidence("relation_to_brand", frozenset({"kin"}), REGISTER, NOON, note="told us in March")
    assert str(ask(KIN, known).actual) == "kin (told us in March)"
