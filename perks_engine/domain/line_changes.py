"""Two texts line by line: what stays, what went, what came, and which words of a line are other ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

AROUND = 3
"""So many lines that stay are shown before and after what changed."""
MOST_LINES = 4_000
"""Of one text. Beyond that nobody reads it, and finding what changed takes too long to wait for."""
_ALIKE = 0.5
"""From which share of common words on a line is what became of another one."""
_MOST_ALIGNED = 60
_MOST_WORDS = 400
_WORD = re.compile(r"\s+|\d+(?:\.\d+)?%?|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line; `is_other` where the other text has something else in its place."""

    text: str
    is_other: bool


@dataclass(frozen=True, slots=True)
class Line:
    """`old` and `new` are its numbers in the two texts, from 1; None in the one that does not have it.
    `is_whole` where no line of the other text is like it."""

    kind: Literal["kept", "gone", "come"]
    old: int | None
    new: int | None
    pieces: tuple[Piece, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines one after the other; those of a `is_quiet` one all stay, and nothing near them changes."""

    is_quiet: bool
    lines: tuple[Line, ...]


class TooLongError(ValueError):
    """A text has more than `MOST_LINES`."""


def line_changes(old: str, new: str) -> list[Stretch]:
    """All lines of both texts in stretches, those that went before those that came in their place. Texts
    that are the same have none. Raises `TooLongError`."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MOST_LINES:
        raise TooLongError(f"more than {MOST_LINES:,} lines")
    if before == after:
        return []
    lines: list[Line] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            lines += (
                Line("kept", first + step + 1, start + step + 1, (Piece(before[first + step], False),))
                for step in range(last - first)
            )
        else:
            lines += _replaced(before[first:last], after[start:end], first + 1, start + 1)
    return list(_stretches(lines))


def _stretches(lines: Sequence[Line]) -> Iterator[Stretch]:
    changed = [place for place, line in enumerate(lines) if line.kind != "kept"]
    near = {place + step for place in changed for step in range(-AROUND, AROUND + 1)}
    for one, two in pairwise(changed):
        if two - one <= 3 * AROUND:  # to open a fold for so little is more work than to read it
            near.update(range(one, two))
    at = 0
    while at < len(lines):
        is_quiet, begin = at not in near, at
        while at < len(lines) and (at not in near) is is_quiet:
            at += 1
        yield Stretch(is_quiet, tuple(lines[begin:at]))


def _replaced(old: Sequence[str], new: Sequence[str], first: int, start: int) -> Iterator[Line]:
    """Lines in whose place others came: each followed by what became of it."""
    left = right = 0
    for one, two in [*_pairs(old, new), (len(old), len(new))]:
        yield from (Line("gone", first + at, None, (Piece(old[at], True),)) for at in range(left, one))
        yield from (Line("come", None, start + at, (Piece(new[at], True),)) for at in range(right, two))
        if one < len(old):
            gone, come = _words(old[one], new[two])
            yield Line("gone", first + one, None, gone, is_whole=False)
            yield Line("come", None, start + two, come, is_whole=False)
        left, right = one + 1, two + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The lines that became one another, in the order of both texts, as alike in sum as can be."""
    if not old or not new or max(len(old), len(new)) > _MOST_ALIGNED:
        return []
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[_likeness(one, two) for two in new] for one in old]
    for one in reversed(range(len(old))):
        for two in reversed(range(len(new))):
            both = alike[one][two] + best[one + 1][two + 1] if alike[one][two] >= _ALIKE else 0.0
            best[one][two] = max(both, best[one + 1][two], best[one][two + 1])
    pairs: list[tuple[int, int]] = []
    one = two = 0
    while one < len(old) and two < len(new):
        if alike[one][two] >= _ALIKE and best[one][two] == alike[one][two] + best[one + 1][two + 1]:
            pairs.append((one, two))
            one, two = one + 1, two + 1
        elif best[one][two] == best[one + 1][two]:
            one += 1
        else:
            two += 1
    return pairs


def _likeness(old: str, new: str) -> float:
    """From 0 to 1, by words; the key at the beginning of a line says most of what it is about."""
    one, two = (_WORD.findall(text.strip()) for text in (old, new))
    if not one or not two or max(len(one), len(two)) > _MOST_WORDS:
        return 0.0
    ratio = SequenceMatcher(None, one, two, autojunk=False).ratio()
    return max(ratio, _ALIKE) if _key(old) and _key(old) == _key(new) else ratio


def _key(line: str) -> str:
    return line.partition(":")[0].strip() if ":" in line else ""


def _words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    one, two = _WORD.findall(old), _WORD.findall(new)
    gone: list[Piece] = []
    come: list[Piece] = []
    for tag, first, last, start, end in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        for pieces, text in ((gone, one[first:last]), (come, two[start:end])):
            if text:
                pieces.append(Piece("".join(text), tag != "equal"))
    return tuple(gone), tuple(come)
