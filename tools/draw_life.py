"""Draws the life of a unit out of its table of moves: `docs/life-of-a-unit.md` between its markers, and
`docs/life-of-a-unit.svg`.

    .venv/bin/python -m tools.draw_life

A test holds both equal to the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from perks_engine.domain.campaign import PerkKind
from perks_engine.domain.fulfillment import HANDED, MOVES, RECORDABLE, SHIPPED, Account, Move, MoveKind
from tools.draw_life_picture import picture

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, PICTURE = DOCS / "life-of-a-unit.md", DOCS / "life-of-a-unit.svg"
BEGIN, END = "<!-- drawn from the code: begin -->", "<!-- end -->"

WHO = {
    MoveKind.SUPPLY: "opening a campaign",
    MoveKind.WITHDRAW: "a smaller quantity",
    MoveKind.RESERVE: "a granted claim",
    MoveKind.EXPIRE: "the clock",
    MoveKind.APPROVE: "the brand",
    MoveKind.DECLINE: "the brand",
    MoveKind.CONFIRM: "the person",
}
"""Who or what makes the moves that fulfillment staff does not record."""


def page(text: str) -> str:
    """The page with what stands between its markers drawn anew."""
    drawn = "\n".join([BEGIN, "", *mermaid(), "", *table(), "", END])
    return re.sub(f"{BEGIN}.*?{END}", lambda _: drawn, text, flags=re.DOTALL)


def mermaid() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for (source, target), moves in _by_ends().items():
        yield f"    {source} --> {target}: {', '.join(dict.fromkeys(move.kind.value for move in moves))}"
    yield "```"


def table() -> Iterator[str]:
    yield "| move | from | to | for | by | corrects |"
    yield "|---|---|---|---|---|---|"
    for kind in MoveKind:
        for target, moves in _by_target(kind).items():
            sources = ", ".join(dict.fromkeys(_source(move) for move in moves))
            corrects = "an entry, and says why" if moves[0].is_correction else ""
            cells = (
                f"`{kind}`",
                sources,
                _words(target) if target else "the same",
                _perks(moves[0].perks),
                _by(kind),
                corrects,
            )
            yield f"| {' | '.join(cells)} |"


def _by_ends() -> dict[tuple[Account, Account], list[Move]]:
    found: dict[tuple[Account, Account], list[Move]] = {}
    for move in MOVES:
        found.setdefault((move.source, move.target), []).append(move)
    return found


def _by_target(kind: MoveKind) -> dict[Account | None, list[Move]]:
    """The moves of a kind by where they lead, None for those that stay."""
    found: dict[Account | None, list[Move]] = {}
    for move in MOVES:
        if move.kind is kind:
            place = None if move.source is move.target else move.target
            found.setdefault(place, []).append(move)
    return found


def _source(move: Move) -> str:
    words = _words(move.source)
    if move.after is not None:
        words += f" (the one before was {_words(move.after)})"
    if move.approval is False:
        words += " (where no approval is asked for)"
    return words


def _words(account: Account) -> str:
    return account.value.replace("_", " ")


def _perks(perks: Iterable[PerkKind]) -> str:
    given = frozenset(perks)
    if given == frozenset(PerkKind):
        return "every perk"
    if given == SHIPPED:
        return "what is shipped"
    if given == HANDED:
        return "what is not shipped"
    return ", ".join(sorted(kind.value for kind in given))


def _by(kind: MoveKind) -> str:
    if kind is MoveKind.CANCEL:
        return "the person, staff"
    if kind is MoveKind.HAND_OVER:
        return "staff, the person"
    return "staff" if kind in RECORDABLE else WHO[kind]


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
