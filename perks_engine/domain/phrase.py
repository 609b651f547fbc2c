"""Words for people, kept apart from their values so that they can be stored and translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Verbatim(str):
    """A value that stands in every language as it is, also where it is a day, an amount or a distance, which
    each language writes in its own way: what somebody wrote in a file. JSON does not keep the difference."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """An English template and its values; `str()` gives the English text.

    The template is the key under which a translation is found; a value may be a phrase itself. Values are
    said as they are: what of them is a code of the engine's own, and to be translated, is a `word`.
    """

    template: str
    params: Mapping[str, str | int | float | Phrase] = field(default_factory=dict)
    _english: str | None = field(default=None, init=False, repr=False, compare=False)
    _data: dict[str, Any] | None = field(default=None, init=False, repr=False, compare=False)

    def __str__(self) -> str:
        """Made once: what a condition asks is said to everybody, in each of their answers."""
        if self._english is None:
            english = self.template.format(**{name: _shown(value) for name, value in self.params.items()})
            object.__setattr__(self, "_english", english)
            return english
        return self._english

    def __hash__(self) -> int:
        return hash((self.template, frozenset(self.params.items())))

    def to_json(self) -> Mapping[str, Any]:
        """Made once, and not to be changed."""
        if self._data is None:
            data = self._as_data()
            object.__setattr__(self, "_data", data)
            return data
        return self._data

    def _as_data(self) -> dict[str, Any]:
        if self.template == WORD:
            return dict(self.params)
        params = {
            name: value.to_json() if isinstance(value, Phrase) else value
            for name, value in self.params.items()
        }
        return {"template": self.template, "params": params}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Phrase:
        if "template" not in data:
            return word(data["word"])
        params: dict[str, str | int | float | Phrase] = {}
        for name, value in data["params"].items():
            params[name] = cls.from_json(value) if isinstance(value, dict) else value
        return cls(data["template"], params)


def phrase(template: str, /, **params: str | float | Phrase) -> Phrase:
    return Phrase(template, params)


WORD = "{word}"


def word(code: str) -> Phrase:
    """A code of the engine's own, or several with commas between, such as `device, ip`: a reader of another
    language is told its word, where it has one. A value that looks like one, as a brand `void`, is none."""
    return Phrase(WORD, {"word": code})


class SaidError(ValueError):
    """An error in words that can be translated: `why`."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(str(why))
        self.why = why


def said(template: str) -> str:
    """Marks a template that becomes a phrase elsewhere, so that it has a translation."""
    return template


QUOTED = "'{word}'"


def quoted(text: str) -> Phrase:
    """What stands somewhere, in the quotation marks of the reader's language."""
    return phrase(QUOTED, word=Verbatim(text))


HELD = "held: "
"""Before a word of the engine's own in the catalogues, where `void` alone could mean anything."""


def held_word(code: str) -> Phrase:
    """A code, such as `received_item`, to be said as a word; see `HELD`."""
    return Phrase(f"{HELD}{code.replace('_', ' ')}")


def either(words: tuple[str, ...]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"


def one_of(words: tuple[str, ...], *, coded: bool = False) -> str | Phrase:
    """The same as a phrase, so that what joins the words can be translated, and they, too, where they are
    codes (see `word`)."""
    return _joined(words, said("{words} or {last}"), coded)


def all_of(words: tuple[str, ...], *, coded: bool = False) -> str | Phrase:
    """`a`, `a and b`, `a, b and c`."""
    return _joined(words, said("{words} and {last}"), coded)


def _joined(words: tuple[str, ...], template: str, coded: bool) -> str | Phrase:
    many, last = ", ".join(words[:-1]), "".join(words[-1:])
    told, at_the_end = (word(many), word(last)) if coded else (many, last)
    return phrase(template, words=told, last=at_the_end) if many else at_the_end


def _shown(value: str | float | Phrase) -> str:
    if isinstance(value, float):
        return f"{value:,}".removesuffix(".0")
    return str(value)
