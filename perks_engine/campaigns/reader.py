"""What shapes read with: where the faults of one file are gathered, and the words that faults are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from perks_engine.campaigns.problems import Problem
from perks_engine.campaigns.yaml_source import Node, kind_of
from perks_engine.domain.phrase import Phrase, Verbatim, phrase


class Failed:
    """The one value that says: a fault was reported here."""


FAILED: Final = Failed()
Schema = dict[str, Any]
Words = str | Phrase
"""For a reader; a phrase, where they may read another language. In a schema a phrase is a description."""


def listed(words: Iterable[str]) -> Verbatim:
    """Keys and other words of files, between commas."""
    return Verbatim(", ".join(words))


def one_of(words: Iterable[str]) -> Phrase:
    return phrase("one of {words}", words=listed(words))


def all_of(words: Sequence[str]) -> Words:
    """`a and b and c`, as they stand in files."""
    first, *others = map(Verbatim, words)
    joined: Words = first
    for word in others:
        joined = phrase("{words} and {last}", words=joined, last=word)
    return joined


def amount(number: float) -> str | float:
    """In a phrase; what is no whole number as a file has it, with a decimal point."""
    return float(number) if number == int(number) else Verbatim(f"{number:,.16g}")


@dataclass(slots=True)
class Reader:
    """Where the faults of one file are gathered."""

    file: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def fault(
        self,
        node: Node,
        path: str,
        message: Words,
        expected: Words = "",
        suggestion: Words = "",
        quoted: str = "",
    ) -> Failed:
        """`quoted` is what another program says, after the message."""
        at = (self.file, node.line, node.column, path)
        self.problems.append(Problem(*at, message, expected, suggestion, quoted))
        return FAILED

    def found(self, node: Node, path: str, expected: Words, suggestion: Words = "") -> Failed:
        """Something else stands here than what was expected."""
        return self.fault(node, path, phrase("found {what}", what=kind_of(node)), expected, suggestion)

    def out_of_range(self, node: Node, path: str, value: float, expected: Words) -> Failed:
        return self.fault(node, path, phrase("{value} is out of range", value=Verbatim(value)), expected)


class Shape(Protocol):
    def read(self, node: Node, path: str, reader: Reader) -> Any:
        """The value, or `FAILED` with at least one fault reported."""
        ...

    def schema(self) -> Schema: ...


def described(schema: Any, say: Callable[[Phrase], str]) -> Any:
    """The schema with each phrase in it as a text."""
    match schema:
        case Phrase():
            return say(schema)
        case dict():
            fields: Schema = schema
            return {name: described(value, say) for name, value in fields.items()}
        case list():
            items: list[Any] = schema
            return [described(one, say) for one in items]
        case _:
            return schema
