"""What became of one condition for one person, as a small number that every engine can hold and count."""

from __future__ import annotations

from enum import IntEnum

from perks_engine.domain.verdict import Mark


class Code(IntEnum):
    """Below `NEAR_EDGE` the condition is known; from there on it is unknown, the nearest to being usable
    first. `DOUBT` is never a result: the exact answer is still to come."""

    NOT_MET = 0
    MET = 1
    CONFLICTING = 2
    NEAR_EDGE = 3
    UNDECIDABLE = 4
    UNUSABLE = 5
    STALE = 6
    FUTURE = 7
    SOURCE_NOT_ACCEPTED = 8
    MISSING = 9
    DOUBT = 10

    @property
    def is_known(self) -> bool:
        return self in (Code.NOT_MET, Code.MET)

    @property
    def mark(self) -> Mark:
        match self:
            case Code.MET:
                return Mark.MET
            case Code.NOT_MET:
                return Mark.NOT_MET
            case _:
                return Mark.UNKNOWN

    @property
    def word(self) -> str:
        return self.name.lower()
