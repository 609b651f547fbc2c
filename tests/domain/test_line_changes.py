"""Two texts line by line."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain.line_changes import MOST_LINES, Line, Stretch, TooLongError, line_changes

WORDS = st.sampled_from(["age: 18", "age: 21", "  - score: {at_least: 50}", "", "# a note", "quantity: 500"])
TEXTS = st.lists(WORDS, max_size=14).map("\n".join)


def lines(stretches: Sequence[Stretch]) -> list[Line]:
    return [line for stretch in stretches for line in stretch.lines]


def shown(line: Line) -> str:
    """`-` went, `+` came; what is another word stands in brackets."""
    text = "".join(f"[{one.text}]" if one.is_other and not line.is_whole else one.text for one in line.pieces)
    return {"kept": " ", "gone": "-", "come": "+"}[line.kind] + text


def test_the_words_that_are_other_ones_are_told_within_a_line() -> None:
    old = "perk:\n  quantity: 500\n  name: Phone\neligibility:\n  - age: {at_least: 18}"
    new = old.replace("500", "450") + "\n  - topics: {any_of: [a]}"
    assert [shown(one) for one in lines(line_changes(old, new))] == [
        " perk:",
        "-  quantity: [500]",
        "+  quantity: [450]",
        "   name: Phone",
        " eligibility:",
        "   - age: {at_least: 18}",
        "+  - topics: {any_of: [a]}",
    ]


def test_lines_far_from_any_change_stand_apart() -> None:
    old = "\n".join(f"line {number}" for number in range(1, 21))
    found = line_changes(old, old.replace("line 10", "line ten"))
    assert [(one.is_quiet, len(one.lines)) for one in found] == [(True, 6), (False, 8), (True, 7)]
    assert found[1].lines[3].old == 10
    assert found[1].lines[4].new == 10


def test_a_text_that_nobody_could_read_is_refused() -> None:
    with pytest.raises(TooLongError):
        line_changes("a", "b\n" * (MOST_LINES + 1))


@given(TEXTS, TEXTS)
def test_both_texts_can_be_put_together_again(old: str, new: str) -> None:
    found = line_changes(old, new)
    assert (found == []) is (old.splitlines() == new.splitlines())
    for text, without in ((old, "come"), (new, "gone")):
        kept = [one for one in lines(found) if one.kind != without]
        told = ["".join(piece.text for piece in one.pieces) for one in kept]
        assert not found or told == text.splitlines()
        numbers = [one.new if without == "gone" else one.old for one in kept]
        assert not found or numbers == list(range(1, len(text.splitlines()) + 1))
