"""Three-valued logic (Kleene): what is not known is never taken for yes and never for no."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Mark(StrEnum):
    """How one condition came out."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """How a whole rule came out. Only `ELIGIBLE` grants."""

    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    UNKNOWN = "unknown"


_VERDICT_OF = {Mark.MET: Verdict.ELIGIBLE, Mark.NOT_MET: Verdict.INELIGIBLE, Mark.UNKNOWN: Verdict.UNKNOWN}
_OPPOSITE = {Mark.MET: Mark.NOT_MET, Mark.NOT_MET: Mark.MET, Mark.UNKNOWN: Mark.UNKNOWN}


def verdict_of(mark: Mark) -> Verdict:
    return _VERDICT_OF[mark]


def negate(mark: Mark) -> Mark:
    return _OPPOSITE[mark]


def at_least(count: int, marks: Sequence[Mark]) -> Mark:
    """Met when `count` of the marks are met; not met when that can no longer be reached.

    `all` is `at_least(len(marks), marks)` and `any` is `at_least(1, marks)`.
    """
    met = sum(mark is Mark.MET for mark in marks)
    if met >= count:
        return Mark.MET
    still_open = sum(mark is Mark.UNKNOWN for mark in marks)
    return Mark.UNKNOWN if met + still_open >= count else Mark.NOT_MET
