"""The catalogue: every attribute that evidence can be about, declared as data.

What the engine brings is in `builtin_catalogue.yaml`; a deployment adds its own in
`rules/catalogue.yaml`, without code, and cannot redefine what is built in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.campaigns.quantities import SPAN_EXPECTED, SPAN_PATTERN, span
from perks_engine.campaigns.reader import FAILED, Reader
from perks_engine.campaigns.shapes import (
    WORD,
    Boolean,
    ByKind,
    Choice,
    Field,
    ListOf,
    MapOf,
    Number,
    Record,
    Text,
    words_of,
)
from perks_engine.campaigns.yaml_source import Fields, Node, read_yaml, read_yaml_file
from perks_engine.domain.evidence import REGISTER
from perks_engine.domain.phrase import phrase
from perks_engine.domain.rules import Accept

DEFAULT_SOURCE = "profile"
"""Where a value comes from when nothing else is said: the person's own profile."""

TYPES = ("number", "word", "words", "flag", "day", "location", "receipts")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `max_age` is the default freshness (of one source or, under "", of any);
    `trusted` are the sources that a rule accepts when it names none. `keyed_by` says what tells
    several values apart; `shown` is False where the person may not see the value, `own` True where they
    say it themselves, from `DEFAULT_SOURCE`."""

    name: str
    type: str
    title: str
    keyed_by: str = ""
    values: tuple[str, ...] = ()
    minimum: float = -1e15
    maximum: float = 1e15
    sources: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    max_age: Mapping[str, timedelta] | None = None
    shown: bool = True
    register: bool = False
    own: bool = False

    def accept(self, sources: tuple[str, ...] | None, max_age: Mapping[str, timedelta] | None) -> Accept:
        """What a rule accepts that names these sources and ages (None: the catalogue's own)."""
        if self.register:
            return Accept(sources=(REGISTER,))
        ages = dict(self.max_age or {}) | dict(max_age or {})
        if max_age is not None and "" in max_age:
            ages = dict(max_age)  # one age for all sources overrides every default
        chosen = sources or self.trusted
        return Accept(
            sources=chosen,
            max_age=ages.pop("", None),
            max_age_of=tuple(
                sorted((name, age) for name, age in ages.items() if name in chosen or not chosen)
            ),
        )

    @property
    def default_source(self) -> str:
        if self.register:
            return REGISTER
        return (self.trusted or self.sources or (DEFAULT_SOURCE,))[0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    attributes: Mapping[str, Attribute]

    def __getitem__(self, name: str) -> Attribute:
        return self.attributes[name]

    def names(self) -> list[str]:
        return list(self.attributes)


def _ages(value: timedelta | Mapping[str, timedelta]) -> Mapping[str, timedelta]:
    return {"": value} if isinstance(value, timedelta) else value


SPAN = Text(SPAN_EXPECTED, SPAN_PATTERN, build=span)


def max_age_by(sources: tuple[str, ...]) -> ByKind:
    """One age for all sources, or one for each of these; a source that there is not is a fault."""
    each = MapOf(words_of(sources), SPAN)
    return ByKind(phrase("{what}, or one for each source", what=SPAN_EXPECTED), scalar=SPAN, fields=each)


_ATTRIBUTE = Record(
    (
        Field("type", Choice(TYPES, "a type:"), "what its values are", required=True),
        Field("title", Text("its name for a reader"), "its name for a reader, e.g. `score`", required=True),
        Field("keyed_by", Choice(("platform", "brand")), "what tells several values apart", default=""),
        Field("values", ListOf(WORD), "the words it may hold; any word if left out", default=()),
        Field("minimum", Number(), "the lowest value there can be", default=-1e15),
        Field("maximum", Number(), "the highest value there can be", default=1e15),
        Field("sources", ListOf(WORD), "where its values can come from; anywhere if left out", default=()),
        Field("trusted", ListOf(WORD), "the sources a rule accepts when it names none", default=()),
        Field("max_age", max_age_by(()), "how old a value may be when a rule does not say"),
        Field("shown", Boolean(), "false where the person may not see the value", default=True),
        Field(
            "register",
            Boolean(),
            "true where the engine itself keeps it, so that absence is knowledge",
            default=False,
        ),
        Field("own", Boolean(), "true where people say it of themselves, from `profile`", default=False),
    ),
    description="An attribute that evidence can be about.",
)

ATTRIBUTE_NAME = Text("a word of small letters, digits and '_'", r"^[a-z][a-z0-9_]*$", longest=60)
_FILE = Record(
    (Field("attributes", MapOf(ATTRIBUTE_NAME, _ATTRIBUTE), "the attributes by name", required=True),)
)


def builtin_catalogue() -> Catalogue:
    data = resources.files("perks_engine.campaigns").joinpath("builtin_catalogue.yaml").read_bytes()
    return Catalogue(_read(read_yaml(data, "builtin_catalogue.yaml"), "builtin_catalogue.yaml", {}))


def load_catalogue(path: Path | None) -> Catalogue:
    """What is built in, with the deployment's own attributes from `path` where given.

    Raises `FileProblemsError`.
    """
    builtin = builtin_catalogue()
    if path is None:
        return builtin
    own = _read(read_yaml_file(path), str(path), builtin.attributes)
    return Catalogue({**builtin.attributes, **own})


def _read(node: Node, file: str, builtin: Mapping[str, Attribute]) -> dict[str, Attribute]:
    reader = Reader(file)
    data = _FILE.read(node, "", reader)
    attributes: dict[str, Attribute] = {}
    if data is not FAILED:
        listed = node.get("attributes") if isinstance(node, Fields) else None
        for name, values in data["attributes"].items():
            place = (
                next((key for key, _ in listed.fields if key.text == name), node)
                if isinstance(listed, Fields)
                else node
            )
            if name in builtin or name in RESERVED:
                reader.fault(place, f"attributes.{name}", f"'{name}' is built in", "another name")
            elif builtin and (values["register"] or values["type"] in ("location", "receipts")):
                reader.fault(
                    place,
                    f"attributes.{name}",
                    "only the engine itself keeps registers, locations and receipts",
                    "a number, word, words, flag or day",
                )
            elif clash := _clash(values) if builtin else None:
                reader.fault(place, f"attributes.{name}", *clash)
            else:
                attributes[name] = _attribute(name, values)
    if reader.problems:
        raise FileProblemsError(reader.problems)
    return attributes


def _clash(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """What in a declaration contradicts itself or could never take effect, and what was expected."""
    ages = values["max_age"] if isinstance(values["max_age"], Mapping) else {}
    sources = values["sources"]
    strange = [one for one in (*values["trusted"], *ages) if sources and one not in sources]
    if strange:
        return f"'{strange[0]}' is none of its sources", f"one of {', '.join(sources)}"
    if values["values"] and values["type"] not in ("word", "words"):
        return f"type {values['type']} has no list of values", "values only for a word or words"
    if values["keyed_by"] and values["type"] != "number":
        return f"type {values['type']} cannot be keyed", "keyed_by only for a number"
    if values["type"] != "number" and (values["minimum"], values["maximum"]) != (-1e15, 1e15):
        return f"type {values['type']} has no minimum or maximum", "minimum and maximum only for a number"
    if values["own"] and (said_wrong := _why_not_own(values)):
        return said_wrong
    if values["minimum"] > values["maximum"]:
        return "its minimum lies above its maximum", "the lower value as minimum"
    return None


def _why_not_own(values: Mapping[str, Any]) -> tuple[str, str] | None:
    if values["type"] not in ("word", "words", "flag"):
        return f"people do not say a {values['type']} of themselves", "own only for a word, words or a flag"
    if not values["shown"]:
        return "people cannot say what they may not see", "own, or shown: false"
    if values["sources"] and DEFAULT_SOURCE not in values["sources"]:
        return "what people say comes from none of its sources", f"{DEFAULT_SOURCE} among its sources"
    return None


RESERVED = (
    *("all", "any", "not", "at_least", "of", "age", "person", "id", "at"),
    *("handle", "handles", "email", "name", "speaks", "time_zone", "consents", "seen_at"),
)
"""Words that a rule or a person's file already uses for something else."""


def _attribute(name: str, values: dict[str, Any]) -> Attribute:
    ages = values.pop("max_age")
    return Attribute(name=name, max_age=None if ages is None else _ages(ages), **values)
