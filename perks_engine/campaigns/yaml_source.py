"""YAML text to a tree of nodes that know their line and column, with the traps of YAML closed.

Scalars resolve by the YAML 1.2 core schema, as editors do: `NO`, `yes` and `on` are words, only
`true` and `false` are booleans. Tags, several documents, duplicate keys, merge keys, deep nesting
and files or anchors that grow beyond all measure are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from perks_engine.campaigns.invisible import whole_characters
from perks_engine.campaigns.problems import FileProblemsError, Problem
from perks_engine.domain.phrase import Phrase, Verbatim, phrase, quoted

MAX_BYTES = 512 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 100


@dataclass(slots=True)
class Scalar:
    text: str
    quoted: bool
    line: int
    column: int

    def resolve(self) -> str | int | float | bool | None:
        """The value by the YAML 1.2 core schema; quoted text is always a string."""
        if self.quoted:
            return self.text
        if self.text in ("", "~", "null", "Null", "NULL"):
            return None
        if self.text in ("true", "True", "TRUE", "false", "False", "FALSE"):
            return self.text.lower() == "true"
        if _INTEGER.fullmatch(self.text):
            return int(self.text)
        if _FLOAT.fullmatch(self.text):
            return float(self.text)
        return self.text


_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class Items:
    items: list[Node]
    line: int
    column: int


@dataclass(slots=True)
class Fields:
    fields: list[tuple[Scalar, Node]]
    line: int
    column: int

    def get(self, name: str) -> Node | None:
        return next((node for key, node in self.fields if key.text == name), None)


Node = Scalar | Items | Fields


def kind_of(node: Node) -> Phrase:
    """What a node is, in words for a message."""
    if isinstance(node, Items):
        return phrase("a list")
    if isinstance(node, Fields):
        return phrase("a mapping")
    value = node.resolve()
    if value is None:
        return phrase("nothing")
    if isinstance(value, bool):
        return phrase("the boolean {word}", word=Verbatim(node.text))
    if isinstance(value, int | float):
        return phrase("the number {number}", number=Verbatim(node.text))
    return quoted(node.text if len(node.text) <= 60 else f"{node.text[:57]}...")


def plain(node: Node) -> Any:
    """The node as plain data, as an editor's YAML 1.2 reader would see it."""
    if isinstance(node, Scalar):
        return node.resolve()
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.fields}


def read_yaml_file(path: Path) -> Node:
    """Read one document; raises `FileProblemsError`, also where the file cannot be read."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileProblemsError([_too_large(str(path), size)])
        data = path.read_bytes()
    except OSError as error:
        raise FileProblemsError(
            [Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror}", "a readable file")]
        ) from error
    return read_yaml(data, str(path))


def read_yaml(data: bytes, name: str) -> Node:
    """Parse one YAML document (UTF-8); `name` stands for the file in messages."""
    if len(data) > MAX_BYTES:
        raise FileProblemsError([_too_large(name, len(data))])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        data = error.object  # without a byte order mark, as `start` counts
        line = data.count(b"\n", 0, error.start) + 1
        begin = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[begin : error.start].decode()) + 1
        message = phrase("byte {byte} is not UTF-8", byte=Verbatim(f"0x{data[error.start]:02x}"))
        raise FileProblemsError(
            [Problem(name, line, column, "", message, phrase("a file saved as UTF-8"))]
        ) from error
    return _TreeBuilder(name).build(text)


def _too_large(name: str, size: int) -> Problem:
    message = phrase("is {size} bytes long", size=float(size))
    return Problem(name, 0, 0, "", message, phrase("at most {size} bytes", size=float(MAX_BYTES)))


@dataclass(slots=True)
class _Open:
    """A list or mapping that is still being read, with the key that waits for its value."""

    node: Items | Fields
    anchor: str | None
    key: Scalar | None = None
    seen: set[str] = field(default_factory=set[str])


class _TreeBuilder:
    """Builds nodes from parser events without recursion, so that depth cannot exhaust the stack."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = "JSON" if name.lower().endswith(".json") else "YAML"
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.count = 0
        self.root: Node | None = None

    def build(self, text: str) -> Node:
        try:
            for event in _events(text):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            quoted = " ".join(part for part in (error.context, error.problem) if part)
            message = phrase("is not {kind}", kind=Verbatim(self.kind))
            self.problems.append(Problem(self.name, line, column, "", message, quoted=quoted))
        except ReaderError as error:
            line, column = _place_of(text, error.position)
            sign = Verbatim(f"U+{ord(text[error.position]):04X}")
            message = phrase("the invisible character {sign} stands here", sign=sign)
            expected = phrase("letters, signs, spaces and line ends")
            self.problems.append(Problem(self.name, line, column, "", message, expected))
        if self.problems:
            raise FileProblemsError(self.problems)
        if self.root is None:
            raise FileProblemsError([Problem(self.name, 1, 1, "", phrase("is empty"), phrase("a mapping"))])
        return self.root

    def _stop(self, event: yaml.Event, message: Phrase, expected: Phrase) -> None:
        line, column = _spot(event)
        self.problems.append(Problem(self.name, line, column, "", message, expected))
        raise FileProblemsError(self.problems)

    def _take(self, event: yaml.Event) -> None:
        line, column = _spot(event)
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self._stop(event, phrase("a second document begins here"), phrase("one document in a file"))
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            self._refuse_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            quoted = event.style is not None
            self._add(Scalar(whole_characters(event.value), quoted, line, column), event.anchor, event)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self.open) >= MAX_DEPTH:
                deep = phrase("is nested more than {most} deep", most=MAX_DEPTH)
                self._stop(event, deep, phrase("a flatter file"))
            is_list = isinstance(event, yaml.SequenceStartEvent)
            node = Items([], line, column) if is_list else Fields([], line, column)
            self.open.append(_Open(node, event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self.open.pop()
            self._add(done.node, done.anchor, event)
        elif isinstance(event, yaml.AliasEvent):
            known = self.anchors.get(event.anchor or "")
            if known is None:
                lost = phrase("*{name} refers to no finished &{name}", name=Verbatim(event.anchor))
                self._stop(event, lost, phrase("an earlier anchor"))
            else:
                self._count(known[1], event)
                self._place(known[0])

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag != "!":
            tagged = phrase("has the tag {tag}", tag=Verbatim(event.tag))
            self._stop(event, tagged, phrase("plain YAML without tags"))

    def _add(self, node: Node, anchor: str | None, event: yaml.Event) -> None:
        self._count(1, event)
        if anchor is not None:
            self.anchors[anchor] = (node, _size(node))
        self._place(node)

    def _count(self, nodes: int, event: yaml.Event) -> None:
        self.count += nodes
        if self.count > MAX_NODES:
            many = phrase("holds more than {most} values, aliases counted", most=float(MAX_NODES))
            self._stop(event, many, phrase("a smaller file"))

    def _place(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        top = self.open[-1]
        if isinstance(top.node, Items):
            top.node.items.append(node)
        elif top.key is None:
            top.key = self._key(node, top)
        else:
            top.node.fields.append((top.key, node))
            top.key = None

    def _key(self, node: Node, top: _Open) -> Scalar:
        if not isinstance(node, Scalar):
            message = phrase("{what} as a key", what=kind_of(node))
            self.problems.append(
                Problem(self.name, node.line, node.column, "", message, phrase("a word as a key"))
            )
            return Scalar("?", True, node.line, node.column)
        if node.text in top.seen:
            message = phrase("the key '{key}' stands here twice", key=Verbatim(node.text))
            self.problems.append(
                Problem(self.name, node.line, node.column, "", message, phrase("each key once"))
            )
        top.seen.add(node.text)
        return node


def _spot(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _place_of(text: str, position: int) -> tuple[int, int]:
    """Line and column of a character, counted as the YAML parser counts them."""
    ends = [found.end() for found in _LINE_END.finditer(text, 0, position)]
    return len(ends) + 1, position - (ends[-1] if ends else 0) + 1


def _size(node: Node) -> int:
    """How many nodes lie below and at `node`, aliases counted each time (bounded by the caller)."""
    total, waiting = 0, [node]
    while waiting:
        total += 1
        if total > MAX_NODES:
            return total
        current = waiting.pop()
        if isinstance(current, Items):
            waiting.extend(current.items)
        elif isinstance(current, Fields):
            waiting.extend(value for _, value in current.fields)
    return total


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=yaml.SafeLoader)
