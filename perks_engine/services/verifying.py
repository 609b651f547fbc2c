"""Verifying a document that somebody holds against the keys that sign this log: anybody may ask, and nothing
of the document is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perks_engine.domain.notes import VerifierKey
from perks_engine.domain.phrase import Phrase, SaidError, phrase


@dataclass(frozen=True, slots=True)
class Checked:
    """What a document turned out to be. `says` is what it states; `faults` is empty where all of
    it holds."""

    kind: str
    says: Phrase | str
    dated: str
    lines: int
    head_size: int
    faults: tuple[Phrase, ...]


Check = Callable[[bytes, VerifierKey], Checked]
"""Raises `SaidError` for what is no document that can be checked."""


@dataclass(frozen=True, slots=True)
class Verifying:
    """`keys` are asked for when they are needed: the newest first, and those that only verify after them."""

    check: Check
    keys: Callable[[], Sequence[VerifierKey]]

    def look_at(self, data: bytes) -> Checked:
        """By the key under which least is wrong: a log may have had several. Raises `SaidError`."""
        found = [self.check(data, key) for key in self.keys()]
        if not found:
            raise SaidError(phrase("this engine has no key of a log, and so nothing to verify with"))
        return min(found, key=lambda one: len(one.faults))
