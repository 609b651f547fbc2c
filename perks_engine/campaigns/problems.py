"""What is wrong in a file, said so that its writer can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: `file:line:column: path: what is wrong; what was expected; did you mean`.

    `line` and `column` count from 1; 0 means the file as a whole.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    expected: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        words = [self.message]
        if self.expected:
            words.append(f"expected {self.expected}")
        if self.suggestion:
            words.append(self.suggestion)
        return ": ".join(part for part in (place, self.path, "; ".join(words)) if part)

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)


class FileProblemsError(ValueError):
    """A file, or several, that cannot be used; `problems` lists all that is wrong, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""
