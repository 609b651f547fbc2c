"""Files of people: YAML or JSON lists, JSON Lines, CSV. Nobody is taken without proof of consent.

In YAML and JSON a person is a mapping: `id`, how to reach them, `consents`, and the evidence in the
same form as in examples. In CSV an attribute is a column (`born_on`, `topics` with `;` between,
`score.reach`, `followers.instagram`), a handle on a platform is `handles.instagram`, a location is
`location.SOURCE.lat`, `.lon`, `.radius_m` or `location.claimed`, and `seen_at` dates the row's evidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from perks_engine.campaigns.catalogue import Attribute, Catalogue
from perks_engine.campaigns.person_facts import INSTANT, PersonFacts, dated
from perks_engine.campaigns.problems import FileProblemsError, Problem
from perks_engine.campaigns.quantities import QuantityError
from perks_engine.campaigns.reader import FAILED, Reader
from perks_engine.campaigns.shapes import (
    WORD,
    Field,
    Integer,
    ListOf,
    MapOf,
    Record,
    Text,
)
from perks_engine.campaigns.tables_in import MAX_BYTES, Row, read_csv
from perks_engine.campaigns.yaml_source import Fields, Items, Node, Scalar, read_yaml
from perks_engine.domain.evidence import Evidence
from perks_engine.domain.geography import Atlas
from perks_engine.domain.progress import Report, reported, unreported
from perks_engine.domain.time_zones import EXPECTED, is_zone, near_zone


def _zone(name: str) -> str:
    """Raises `QuantityError` for what is no zone, with the one that was probably meant."""
    if not is_zone(name):
        near = near_zone(name)
        raise QuantityError(f"there is no time zone '{name}'", f"did you mean '{near}'?" if near else "")
    return name


ID = Text("an identifier without spaces", r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$", longest=80)
LANGUAGE_TAG = Text("a language such as en, es or fr", r"^[a-z]{2}$", longest=2)
TIME_ZONE = Text(EXPECTED, longest=60, build=_zone)
HANDLE = Text("a handle without spaces", r"^@?[^\s@/:;,=+-][^\s/:;,]*$", longest=100)
EMAIL = Text("an e-mail address", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", longest=254)


@dataclass(frozen=True, slots=True)
class Consented:
    """An act of opting in, with its proof. `confirmed_at` is when a double opt-in was."""

    purpose: str
    channel: str
    given_at: datetime
    how: str
    text_version: int | None = None
    origin: str = ""
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person of a file; `place` is where (`people.csv:7`)."""

    place: str
    person_id: str
    handle: str | None
    email: str | None
    name: str | None
    language: str | None
    consents: tuple[Consented, ...]
    facts: tuple[Evidence, ...]
    handles: dict[str, str] | None = None
    time_zone: str | None = None


_CONSENT = Record(
    (
        Field("purpose", WORD, "what was agreed to, such as perks", required=True),
        Field("channel", WORD, "by which channel, such as email", default="email"),
        Field("given_at", INSTANT, "when", required=True),
        Field(
            "how", Text("the proof: which form, which act"), "the proof: which form, which act", required=True
        ),
        Field("text_version", Integer(1, 1_000_000, "a version"), "of the words that they were shown"),
        Field("origin", Text("from where"), "from where, such as an address and a browser", default=""),
        Field("confirmed_at", INSTANT, "when they confirmed it by mail"),
    ),
    build=Consented,
)
_MORE_OF_CONSENTS = ("consent_channel", "consent_text_version", "consent_origin", "consent_confirmed_at")
_OTHERS = ("id", "handle", "handles", "email", "name", "speaks", "time_zone", "consents")
_IDENTITY = Record(
    (
        Field("id", ID, "who it is; the same id is the same person", required=True),
        Field("handle", ID, "their public handle"),
        Field("handles", MapOf(WORD, HANDLE), "their handle on each platform, all that there are"),
        Field("email", EMAIL, "their e-mail address"),
        Field("name", Text("a name", longest=200), "their name"),
        Field("speaks", LANGUAGE_TAG, "the language to write to them in"),
        Field("time_zone", TIME_ZONE, "the zone that they live by, of the IANA database"),
        Field("consents", ListOf(_CONSENT), "what they opted in to, with proof", required=True),
    )
)


@dataclass(frozen=True, slots=True)
class PeopleReader:
    catalogue: Catalogue
    atlas: Atlas

    def read_file(self, path: Path, now: datetime, report: Report = unreported) -> list[PersonEntry]:
        """Everybody in the file; what bears no time was seen at `now`. Raises `FileProblemsError` with
        every fault of every row, somebody who stands in two of them among it."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise FileProblemsError(
                [Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror}")]
            ) from error
        reader = Reader(str(path))
        entries: list[PersonEntry | None] = []
        first_lines: dict[str, int] = {}
        nodes = self._nodes(data, path.suffix.lower(), reader)
        for spot, node in reported(nodes, f"reading {path.name}", 0, report):
            _refuse_again(node, spot, first_lines, reader)
            entries.append(self._entry(node, spot, reader, now))
        if reader.problems:
            raise FileProblemsError(reader.problems)
        return [entry for entry in entries if entry is not None]

    def _nodes(self, data: bytes, suffix: str, reader: Reader) -> Iterator[tuple[str, Node]]:
        """Each person, not yet read, with the path to them in the file."""
        if suffix == ".csv":
            return (("", self._of_row(row)) for row in self._csv(data, reader))
        if suffix in (".jsonl", ".ndjson"):
            return (("", node) for node in _json_lines(data, reader.file))
        return iter(_listed(read_yaml(data, reader.file), reader))

    def _entry(self, node: Node, path: str, reader: Reader, now: datetime) -> PersonEntry | None:
        if not isinstance(node, Fields):
            reader.found(node, path, "a mapping with id and consents")
            return None
        identity = Fields(
            [(key, value) for key, value in node.fields if key.text in _OTHERS], node.line, node.column
        )
        who = _IDENTITY.read(identity, path, reader)
        facts = PersonFacts(self.catalogue, self.atlas, others=_OTHERS).read(node, path, reader)
        if FAILED in (who, facts):
            return None
        if any(fact.attribute == "opted_in" for fact in facts):
            reader.fault(
                node,
                f"{path}.opted_in".lstrip("."),
                "an opt-in needs its proof",
                "consents: [{purpose, given_at, how}]",
            )
            return None
        return PersonEntry(
            place=f"{reader.file}:{node.line}",
            person_id=who["id"],
            handle=who["handle"],
            email=who["email"],
            name=who["name"],
            language=who["speaks"],
            time_zone=who["time_zone"],
            consents=who["consents"],
            facts=dated(facts, now),
            handles=who["handles"],
        )

    def _csv(self, data: bytes, reader: Reader) -> Iterator[Row]:
        required = ("id", "consent_purposes", "consent_given_at", "consent_how")
        optional = ("handle", "email", "name", "speaks", "time_zone", *_MORE_OF_CONSENTS, "seen_at")
        free = " ".join(("handles", *self.catalogue.names()))
        return read_csv(data, reader.file, required, optional, free, reader.problems)

    def _of_row(self, row: Row) -> Fields:
        """A row, as the YAML of the same meaning."""
        line, cells = row.line, row.cells
        fields: list[tuple[str, Node]] = [
            (name, _text(cells[name], line))
            for name in ("id", "handle", "email", "name", "speaks", "time_zone")
            if name in cells
        ]
        on = [
            (column.removeprefix("handles."), _text(text, line))
            for column, text in cells.items()
            if column.startswith("handles.")
        ]
        if on:
            fields.append(("handles", _mapping(on, line)))
        fields.append(("consents", _consents(cells, line)))
        by_attribute: dict[str, dict[str, str]] = {}
        for column, text in cells.items():
            name, _, rest = column.partition(".")
            if name in self.catalogue.attributes:
                by_attribute.setdefault(name, {})[rest] = text
        seen_at = cells.get("seen_at")
        for name, values in by_attribute.items():
            fields.append((name, _attribute_node(self.catalogue[name], values, seen_at, line)))
        return _mapping(fields, line)


def _refuse_again(node: Node, path: str, first_lines: dict[str, int], reader: Reader) -> None:
    """One person in two places would be two truths, of which the order of the rows would choose one."""
    given = node.get("id") if isinstance(node, Fields) else None
    if not isinstance(given, Scalar) or not isinstance(given.resolve(), str):
        return
    first = first_lines.get(given.text)
    if first is None:
        first_lines[given.text] = given.line
    else:
        message = f"the person {given.text} stands in line {first} already"
        reader.fault(given, f"{path}.id".lstrip("."), message, "each person once")


def _consents(cells: dict[str, str], line: int) -> Node:
    purposes = [one.strip() for one in cells.get("consent_purposes", "").split(";") if one.strip()]
    items: list[Node] = []
    for purpose in purposes:
        parts = [("purpose", _text(purpose, line))]
        given = (
            (name, f"consent_{name}") for name in ("given_at", "how", "channel", "origin", "confirmed_at")
        )
        parts.extend((name, _text(cells[column], line)) for name, column in given if column in cells)
        fields: list[tuple[str, Node]] = list(parts)
        if (column := "consent_text_version") in cells:
            fields.append(("text_version", Scalar(cells[column], False, line, 1)))
        items.append(_mapping(fields, line))
    return Items(items, line, 1)


def _attribute_node(attribute: Attribute, values: dict[str, str], seen_at: str | None, line: int) -> Node:
    """The cells of one attribute, as the YAML of the same meaning."""
    if attribute.type == "location":
        return _location_node(values, seen_at, line)
    parts: list[tuple[str, Node]] = []
    for rest, text in values.items():
        bare = (
            _list(text, line)
            if attribute.type == "words"
            else Scalar(text, attribute.type in ("word", "day"), line, 1)
        )
        full = [("value", bare)]
        if seen_at and attribute.name != "born_on":
            full.append(("observed_at", _text(seen_at, line)))
        if rest:
            parts.append((rest, _mapping(full, line)))
        elif attribute.keyed_by:
            return _text(text, line)
        else:
            parts.extend(full)
    return _mapping(parts, line)


def _location_node(values: dict[str, str], seen_at: str | None, line: int) -> Node:
    by_source: dict[str, dict[str, str]] = {}
    for rest, text in values.items():
        source, _, part = rest.partition(".")
        by_source.setdefault(source, {})[part] = text
    items: list[Node] = []
    for source, parts in by_source.items():
        radius = parts.pop("radius_m", None)
        fields: list[tuple[str, Node]] = [(source, _where(parts, line))]
        if radius is not None:
            fields.append(("radius", _text(f"{radius} m", line)))
        if seen_at:
            fields.append(("observed_at", _text(seen_at, line)))
        items.append(_mapping(fields, line))
    return Items(items, line, 1)


def _where(parts: dict[str, str], line: int) -> Node:
    if "" in parts:
        return _text(parts[""], line)
    fields: list[tuple[str, Node]] = []
    if "lat" in parts or "lon" in parts:
        point = [Scalar(parts.pop(name, ""), False, line, 1) for name in ("lat", "lon")]
        fields.append(("point", Items(list(point), line, 1)))
    fields.extend((name, _text(text, line)) for name, text in parts.items())
    return _mapping(fields, line)


def _list(text: str, line: int) -> Node:
    return Items([_text(one.strip(), line) for one in text.split(";") if one.strip()], line, 1)


def _text(text: str, line: int) -> Node:
    return Scalar(text, True, line, 1)


def _mapping(fields: Iterable[tuple[str, Node]], line: int) -> Fields:
    return Fields([(Scalar(name, True, line, 1), node) for name, node in fields], line, 1)


def _listed(node: Node, reader: Reader) -> list[tuple[str, Node]]:
    if isinstance(node, Fields) and node.get("people") is not None:
        node = node.get("people") or node
    if isinstance(node, Items):
        return [(f"people[{place}]", item) for place, item in enumerate(node.items)]
    if isinstance(node, Fields):
        return [("", node)]
    reader.found(node, "", "a list of people")
    return []


def _json_lines(data: bytes, name: str) -> list[Node]:
    if len(data) > MAX_BYTES:
        raise FileProblemsError(
            [Problem(name, 0, 0, "", f"is {len(data):,} bytes long", f"at most {MAX_BYTES:,}")]
        )
    nodes: list[Node] = []
    problems: list[Problem] = []
    for number, text in enumerate(data.splitlines(), start=1):
        if not text.strip():
            continue
        try:
            nodes.append(node_of(json.loads(text, object_pairs_hook=_each_key_once), number))
        except _KeyTwiceError as error:
            message = f"the key '{error}' stands here twice"
            problems.append(Problem(name, number, 1, "", message, "each key once"))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(name, number, 1, "", f"is not JSON: {error}"))
    if problems:
        raise FileProblemsError(problems)
    return nodes


class _KeyTwiceError(Exception):
    """Names the key."""


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise _KeyTwiceError(name)
        fields[name] = value
    return fields


def node_of(data: Any, line: int) -> Node:
    """JSON data as a node, all of it on one line."""
    if isinstance(data, dict):
        return _mapping(((name, node_of(value, line)) for name, value in data.items()), line)
    if isinstance(data, list):
        return Items([node_of(value, line) for value in data], line, 1)
    if isinstance(data, str):
        return Scalar(data, True, line, 1)
    return Scalar("null" if data is None else json.dumps(data), False, line, 1)
