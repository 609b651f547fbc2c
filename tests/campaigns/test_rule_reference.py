"""The reference of the rule language says what the reader does: each of its examples is run."""

from __future__ import annotations

import pytest

from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.examples import run_examples
from tools.rule_reference import PAGE, as_page, campaign_with, conditions, examples

_CASES = [(key, number) for key, some in examples().items() for number in range(len(some))]


def test_every_condition_has_an_example_with_more_than_one_verdict() -> None:
    assert set(examples()) == set(conditions())
    for key, some in examples().items():
        assert len({one["verdict"] for example in some for one in example["people"]}) > 1, key


@pytest.mark.parametrize(("key", "number"), _CASES)
def test_what_the_reference_says_is_what_comes_out(book: RuleBook, key: str, number: int) -> None:
    source = campaign_with(examples()[key][number]).encode()
    ran = run_examples(book.reader.read(source, f"{key}.yaml"), book.atlas)
    assert [(one.example.name, one.fault) for one in ran if not one.passed] == []


def test_the_page_is_what_the_tool_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_page(), "run `python -m tools.rule_reference`"
