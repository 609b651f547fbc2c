"""Pictures that are drawn from the code are what the code says now."""

from __future__ import annotations

import re

from perks_engine.domain.fulfillment import MOVES, Account
from tools.draw_life import PAGE, PICTURE, mermaid, page
from tools.draw_life_picture import PLACES, picture


def test_the_page_of_the_life_of_a_unit_is_what_the_table_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "draw it anew: .venv/bin/python -m tools.draw_life"


def test_the_picture_of_it_is_what_the_table_says() -> None:
    drawn = picture()
    assert PICTURE.read_text(encoding="utf-8") == drawn, "draw it anew: .venv/bin/python -m tools.draw_life"
    assert PLACES.keys() == set(Account)
    assert {move.kind.value for move in MOVES} <= set(re.findall(r"[a-z_]+", drawn))


def test_every_move_is_in_the_picture() -> None:
    arrows = [line.strip().partition(": ") for line in mermaid() if "-->" in line]
    drawn = {(ends, name) for ends, _, names in arrows for name in names.split(", ")}
    assert drawn == {(f"{move.source} --> {move.target}", move.kind.value) for move in MOVES}
