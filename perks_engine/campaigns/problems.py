"""What is wrong in a file, said so that its writer can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from perks_engine.domain.phrase import Phrase, Verbatim, phrase, said

_MEANT = said("did you mean '{word}'?")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: `file:line:column: path: what is wrong; what was expected; did you mean`.

    `line` and `column` count from 1; 0 means the file as a whole. `quoted` is what another program says, in
    English, after the message. Words that are phrases are told to each reader in their language.
    """

    file: str
    line: int
    column: int
    path: str
    message: str | Phrase
    expected: str | Phrase = ""
    suggestion: str | Phrase = ""
    quoted: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        words = "; ".join(map(str, (self._whole(), *self.mend)))
        return ": ".join(part for part in (place, self.path, words) if part)

    def _whole(self) -> str:
        return f"{self.message}: {self.quoted}" if self.quoted else str(self.message)

    @property
    def mend(self) -> list[str | Phrase]:
        """What was expected, and what was probably meant, each as words of its own."""
        wanted = [phrase("expected {what}", what=self.expected)] if self.expected else []
        return [*wanted, self.suggestion] if self.suggestion else [*wanted]

    @property
    def meant(self) -> str:
        """The one word to put in the place of the one that stands there, or nothing."""
        is_one = isinstance(self.suggestion, Phrase) and self.suggestion.template == _MEANT
        return str(self.suggestion.params["word"]) if isinstance(self.suggestion, Phrase) and is_one else ""

    def as_dict(self) -> dict[str, str | int]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self._whole(),
            "expected": str(self.expected),
            "suggestion": str(self.suggestion),
        }


def _order(one: Problem) -> tuple[str | int, ...]:
    return tuple(one.as_dict().values())


class FileProblemsError(ValueError):
    """A file, or several, that cannot be used; `problems` lists all that is wrong, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_order))
        super().__init__("\n".join(map(str, self.problems)))


def meant(word: str | None) -> Phrase | str:
    """`did you mean 'x'?`, or nothing for no word."""
    return phrase(_MEANT, word=Verbatim(word)) if word else ""


def did_you_mean(word: str, known: Iterable[str]) -> Phrase | str:
    """`did you mean 'x'?` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return meant(near[0] if near else "")
