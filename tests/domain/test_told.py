"""What a person is told: what is asked, what is so, what would change it; never a value they may not see."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given

from perks_engine.domain.evidence import REGISTER, EarlierReceipt, Evidence, Location, Value
from perks_engine.domain.geography import Disc
from perks_engine.domain.reasons import obstacles
from perks_engine.domain.rules import (
    About,
    Accept,
    AgeIn,
    AllOf,
    Condition,
    DayIn,
    FlagIs,
    LocatedIn,
    Not,
    NumberIn,
    PostalCodeIn,
    ReceiptsIn,
    Rule,
    WordIn,
    WordsMatch,
)
from perks_engine.services.views import reasons_view, tree_view
from tests.domain.asking import NOON, ask, decide, fact
from tests.domain.zones import CITY
from tests.strategies import Case, cases

REGISTERED = Accept((REGISTER,))
ALABAMA = Location(Disc(33.5186, -86.8104, 30.0))

TOPICS = About("topics", "topics")
RECEIPTS = About("earlier_receipts", "earlier receipts", accept=REGISTERED)

REFUSALS: list[tuple[Condition, Value, str, str, str]] = [
    (NumberIn(About("score", "score"), 50), 20.0, "score of at least 50", "20", "At least 50 is needed."),
    (NumberIn(About("score", "score"), 1, 10), 71.5, "score from 1 to 10", "71.5", "At most 10 is allowed."),
    (
        AgeIn(About("born_on", "age"), 18),
        date(2010, 1, 1),
        "age of at least 18",
        "16",
        "At least 18 is needed.",
    ),
    (
        DayIn(About("signed_on", "signing"), date(2026, 1, 1)),
        date(2025, 12, 31),
        "signing on or after 2026-01-01",
        "2025-12-31",
        "2026-01-01",
    ),
    (WordIn(About("country", "country"), ("US", "CA")), "GB", "country: US or CA", "GB", "be US or CA."),
    (
        WordsMatch(About("topics", "topics"), ("art", "food")),
        frozenset({"cars"}),
        "topics: art or food",
        "cars",
        "Add art or food.",
    ),
    (
        WordsMatch(About("topics", "topics"), ("art", "food"), True),
        frozenset({"art"}),
        "topics: art and food",
        "art",
        "Add food.",
    ),
    (FlagIs(About("verified", "verified"), True), False, "verified: yes", "no", "yes"),
    (
        LocatedIn(About("location", "location"), CITY),
        ALABAMA,
        "a location inside 25 mi around New York City",
        "outside 25 mi around New York City, 1,",
        "Only a location inside 25 mi around New York City would do.",
    ),
    (
        PostalCodeIn(About("location", "location"), "US", ("10001",), ("112",)),
        Location(country="US", postal_code="90210"),
        "a postal code among 10001 or 112* (US)",
        "an address in 90210 US",
        "Only an address with the postal code 10001 or 112* would do.",
    ),
    (
        ReceiptsIn(
            About("earlier_receipts", "earlier receipts", accept=REGISTERED), high=0, within=timedelta(90)
        ),
        (EarlierReceipt("northwind-phones", "phone-launch", NOON),),
        "earlier receipts of at most 0 within 90 days",
        "1",
        "At most 0 is allowed.",
    ),
]


@pytest.mark.parametrize(("rule", "value", "required", "actual", "change"), REFUSALS)
def test_a_refusal_says_what_is_asked_what_is_so_and_what_would_change_it(
    rule: Condition, value: Value, required: str, actual: str, change: str
) -> None:
    source = "register" if rule.about.is_register else "device"
    [told] = reasons_view(ask(rule, fact(rule.about.attribute, value, source)))
    assert (told["mark"], told["required"]) == ("not_met", required)
    assert told["actual"].startswith(actual)
    assert change in told["change"]


SCORE = NumberIn(
    About("score", "score", accept=Accept(("reach", "desk"), timedelta(30), (("desk", timedelta(1)),))), 50
)


@pytest.mark.parametrize(
    ("facts", "code", "actual", "change"),
    [
        ([], "missing", "nothing on record", "Give your score by reach or desk."),
        (
            [fact("score", 71.0, "reach", timedelta(31))],
            "stale",
            "last seen on 2026-11-01, more than 30 days ago",
            "Give your score by reach or desk.",
        ),
        (
            [fact("score", 71.0, "desk", timedelta(-1))],
            "future",
            "dated 2026-12-03, which lies ahead",
            "Give your score by reach or desk.",
        ),
        (
            [fact("score", 71.0, "my_own_word")],
            "source_not_accepted",
            "only what my own word says",
            "Give your score by reach or desk.",
        ),
        (
            [fact("score", math.nan, "reach")],
            "invalid",
            "a value that cannot be right",
            "Give your score again.",
        ),
        (
            [fact("score", 71.0, "reach"), fact("score", 20.0, "desk")],
            "conflicting",
            "reach: 71; desk: 20",
            "The sources would have to agree.",
        ),
    ],
)
def test_what_is_not_known_says_why_and_how_to_make_it_known(
    facts: list[Evidence], code: str, actual: str, change: str
) -> None:
    [told] = reasons_view(ask(SCORE, *facts))
    required = "score of at least 50, from reach (at most 30 days old) or desk (at most 1 day old)"
    assert (told["mark"], told["code"], told["required"]) == ("unknown", f"score.{code}", required)
    assert (told["actual"], told["change"]) == (actual, change)


@given(cases())
def test_every_obstacle_is_told_in_full(case: Case) -> None:
    for told in reasons_view(decide(case)):
        assert told["required"]
        assert told["actual"]
        assert told["change"]


@given(cases())
def test_no_word_of_the_machinery_reaches_a_person(case: Case) -> None:
    for text in texts(tree_view(decide(case))):
        for machinery in ("{", "}", "None", "frozenset", "datetime", "Location(", "nan", "e+0", "e-0"):
            assert machinery not in text


def texts(view: Any) -> Iterator[str]:
    """Every text that a view shows but for the codes and names that machines read."""
    if isinstance(view, dict):
        for name, value in view.items():
            if name in ("required", "actual", "change") or not isinstance(value, str):
                yield from texts(value)
    elif isinstance(view, list):
        for one in view:
            yield from texts(one)
    elif isinstance(view, str):
        yield view


HIDDEN_NUMBER, HIDDEN_WORD, HIDDEN_DAY = 61.803398, "mahogany", date(1987, 6, 5)
HIDDEN_TAGS = About("tags", "tags", shown=False)
HIDDEN: list[tuple[Condition, Value, str]] = [
    (NumberIn(About("rank", "rank", shown=False), 70), HIDDEN_NUMBER, "61.8"),
    (NumberIn(About("rank", "rank", shown=False), None, 50), HIDDEN_NUMBER, "61.8"),
    (NumberIn(About("rank", "rank", shown=False), 50), HIDDEN_NUMBER, "61.8"),
    (WordIn(About("tier", "tier", shown=False), ("gold", "silver")), HIDDEN_WORD, HIDDEN_WORD),
    (WordsMatch(About("tags", "tags", shown=False), ("gold",)), frozenset({HIDDEN_WORD}), HIDDEN_WORD),
    (
        WordsMatch(About("tags", "tags", shown=False), ("gold",)),
        frozenset({HIDDEN_WORD, "gold"}),
        HIDDEN_WORD,
    ),
    (DayIn(About("since", "since", shown=False), date(2020, 1, 1)), HIDDEN_DAY, "1987"),
    (AgeIn(About("born_on", "age", shown=False), 65), HIDDEN_DAY, "39"),
    (LocatedIn(About("location", "location", shown=False), CITY), ALABAMA, " km"),
]


@pytest.mark.parametrize(("rule", "value", "secret"), HIDDEN)
@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=40), timedelta(days=-1)], ids=str)
def test_a_value_that_a_person_may_not_see_stands_in_no_text(
    rule: Condition, value: Value, secret: str, age: timedelta
) -> None:
    known = fact(rule.about.attribute, value, age=age)
    contradicting = fact(rule.about.attribute, "gold", "desk")
    for asked in (rule, Not(rule), AllOf((rule, Not(rule)))):
        for facts in ([known], [known, contradicting]):
            reason = ask(asked, *facts)
            shown = [*texts(tree_view(reason)), *texts(reasons_view(reason))]
            assert not [text for text in shown if secret in text]
            assert {leaf["actual"] for leaf in reasons_view(reason)} <= {"not shown"}


@given(cases(("creator_tier", "inner_rank", "score")))
def test_a_hidden_attribute_hides_what_was_found_wherever_it_stands(case: Case) -> None:
    reason = decide(case)
    for leaf in (*reason.leaves(), *obstacles(reason)):
        if leaf.attribute != "score":
            assert tree_view(leaf)["actual"] == "not shown"


def test_a_rule_nested_under_not_asks_for_the_opposite() -> None:
    kin: Rule = WordsMatch(About("relation_to_brand", "relation", accept=REGISTERED), ("employee", "kin"))
    line = Evidence("relation_to_brand", frozenset({"kin"}), REGISTER, NOON)
    [told] = reasons_view(ask(Not(kin), line))
    assert told["required"] == "none of this: relation: employee or kin"
    assert (told["actual"], told["change"]) == ("kin", "It would have to be no longer so.")
