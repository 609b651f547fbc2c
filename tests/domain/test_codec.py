"""What is kept comes back as it was: rules, evidence and reasons through JSON, and the names of versions."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.codec import (
    canonical_json,
    decode,
    encode,
    evidence_from_json,
    evidence_to_json,
    fingerprint,
    value_to_json,
)
from perks_engine.domain.evidence import Evidence, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.reasons import Reason, reason_from_json, reason_to_json
from perks_engine.domain.rules import About, AllOf, NumberIn, Rule
from tests.domain.asking import decide
from tests.domain.zones import ATLAS
from tests.strategies import Case, cases, rules


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def is_finite(fact: Evidence) -> bool:
    return "nan" not in repr(fact.value) and "inf" not in repr(fact.value)


@given(rules())
def test_a_rule_comes_back_as_it_was(rule: Rule) -> None:
    again: Rule = decode(AllOf, through_json(encode(AllOf((rule,))))).rules[0]
    assert again == rule
    assert type(again) is type(rule)


@given(rules())
def test_a_rule_keeps_its_name_when_it_is_read_again(rule: Rule) -> None:
    written = canonical_json(AllOf((rule,)))
    again = canonical_json(decode(AllOf, json.loads(written)))
    assert again == written
    assert fingerprint(again) == fingerprint(written)


@given(rules(), rules())
def test_two_rules_bear_one_name_only_where_they_are_equal(one: Rule, other: Rule) -> None:
    names = {fingerprint(canonical_json(one)), fingerprint(canonical_json(other))}
    assert len(names) == (1 if one == other else 2)


def test_a_bound_written_as_50_and_as_50_point_0_names_the_same_version() -> None:
    score = About("score", "score")
    whole, decimal = NumberIn(score, 50), NumberIn(score, 50.0)
    assert whole == decimal
    assert canonical_json(whole) == canonical_json(decimal)


def test_a_fingerprint_is_the_sha_256_of_the_canonical_text() -> None:
    text = canonical_json({"ü": (timedelta(days=1), date(2026, 12, 2)), "a": frozenset({"y", "x"})})
    assert text == '{"a":["x","y"],"ü":[86400,"2026-12-02"]}'
    assert fingerprint(text) == "909a9eb5b53f5ee23395c4f85db96f177091182b62d78130927a59070c700318"


def test_one_instant_has_one_text_in_every_zone() -> None:
    utc = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
    new_york = utc.astimezone(timezone(timedelta(hours=-5)))
    assert canonical_json(utc) == canonical_json(new_york) == '"2026-12-02T15:00:00Z"'


def test_what_is_no_number_has_no_canonical_text() -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        canonical_json(math.nan)


@given(cases())
def test_evidence_comes_back_as_it_was(case: Case) -> None:
    kept = tuple(fact for fact in case.person.evidence if is_finite(fact))
    again = evidence_from_json(through_json(evidence_to_json(kept)))
    assert again == kept
    assert [value_to_json(fact.value) for fact in again] == [value_to_json(fact.value) for fact in kept]


@given(cases())
def test_a_decision_can_be_made_again_from_the_evidence_kept_beside_it(case: Case) -> None:
    again = evidence_from_json(through_json(evidence_to_json(case.person.evidence)))
    replayed = explain(case.rule, Person("p1", again), case.now, ATLAS)
    assert reason_to_json(replayed) == reason_to_json(decide(case))


@given(cases())
def test_a_reason_comes_back_as_it_was_and_distances_to_the_millimetre(case: Case) -> None:
    reason = decide(case)
    kept = through_json(reason_to_json(reason))
    again = reason_from_json(kept)
    assert reason_to_json(again) == kept
    assert_same(again, reason)


def assert_same(again: Reason, reason: Reason) -> None:
    for name in (
        *("node", "mark", "code", "required", "actual", "change"),
        *("attribute", "source", "observed_at", "shown"),
    ):
        assert getattr(again, name) == getattr(reason, name)
    assert (str(again.required), str(again.actual)) == (str(reason.required), str(reason.actual))
    assert again.edge_m == (None if reason.edge_m is None else pytest.approx(reason.edge_m, abs=0.0005))
    for one, other in zip(again.children, reason.children, strict=True):
        assert_same(one, other)


WORDS = st.text(max_size=5) | st.sampled_from(["{value}", "}{", "{0}", "%s"])
PHRASES = st.recursive(
    st.builds(lambda value: phrase("{value}!", value=value), WORDS | st.integers(0, 9) | st.floats(0, 9)),
    lambda inner: st.builds(lambda one, two: phrase("{one} and {two}", one=one, two=two), inner, WORDS),
    max_leaves=3,
)


@given(PHRASES)
def test_a_phrase_comes_back_as_it_was_whatever_its_values_hold(words: Phrase) -> None:
    again = Phrase.from_json(through_json(words.to_json()))
    assert again == words
    assert str(again) == str(words)


def test_equal_phrases_are_one_in_a_set() -> None:
    whole, decimal = phrase("{n}", n=1), phrase("{n}", n=1.0)
    assert whole == decimal
    assert len({whole, decimal}) == 1
