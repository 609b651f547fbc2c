"""A person as a file describes them: the evidence in an example, a check or an import.

A value may be bare (`topics: [technology]`), named by its source (`score: {reach: 71}`) or written in
full (`{value: 71, source: reach, observed_at: 2026-11-20T10:00Z}`). What bears no time of its own was
seen at the moment of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from perks_engine.campaigns.catalogue import Attribute, Catalogue
from perks_engine.campaigns.conditions import DAY, LANGUAGE
from perks_engine.campaigns.countries import COUNTRY
from perks_engine.campaigns.problems import did_you_mean
from perks_engine.campaigns.quantities import INSTANT_EXPECTED, INSTANT_PATTERN, instant
from perks_engine.campaigns.reader import (
    FAILED,
    Reader,
    Schema,
    Shape,
    one_of,
)
from perks_engine.campaigns.shapes import (
    NAME,
    WORD,
    Boolean,
    Field,
    ListOf,
    Number,
    Record,
    Text,
    words_of,
)
from perks_engine.campaigns.whereabouts import LocationShape
from perks_engine.campaigns.yaml_source import Fields, Node
from perks_engine.domain.evidence import EarlierReceipt, Evidence
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import Verbatim, phrase, word

UNDATED = datetime.max.replace(tzinfo=UTC)
"""Stands for "at the moment of the decision" until `dated` puts that moment in."""

INSTANT = Text(INSTANT_EXPECTED, INSTANT_PATTERN, build=instant)
Facts = tuple[Evidence, ...]


def dated(facts: Facts, now: datetime) -> Facts:
    """The same facts, with `now` for those that bear no time of their own."""
    return tuple(replace(fact, observed_at=now) if fact.observed_at == UNDATED else fact for fact in facts)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Reads a mapping of attributes into evidence. `brand` is whose campaign is spoken of ("" for none);
    `others` are further keys that the file may hold, kept aside by whoever reads them."""

    catalogue: Catalogue
    atlas: Atlas
    brand: str = ""
    others: tuple[str, ...] = ()

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if not isinstance(node, Fields):
            return reader.found(node, path, phrase("a mapping of what is known of a person"))
        facts: list[Evidence] = []
        failed = False
        for key, value in node.fields:
            inner = f"{path}.{key.text}" if path else key.text
            if key.text in self.others:
                continue
            attribute = self.catalogue.attributes.get(key.text)
            if attribute is None:
                names = self.catalogue.names()
                hint = did_you_mean(key.text, names)
                unknown = phrase("unknown attribute '{name}'", name=Verbatim(key.text))
                reader.fault(key, inner, unknown, one_of(names), hint)
                failed = True
                continue
            found = self._shape(attribute).read(value, inner, reader)
            if found is FAILED:
                failed = True
            else:
                facts.extend(found)
        return FAILED if failed else tuple(facts)

    def schema(self) -> Schema:
        properties = {
            attribute.name: self._shape(attribute).schema() | {"description": word(attribute.title)}
            for attribute in self.catalogue.attributes.values()
        }
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def _shape(self, attribute: Attribute) -> Shape:
        match attribute.type:
            case "location":
                return LocationShape(attribute, self.atlas, INSTANT, UNDATED)
            case "receipts":
                return _ReceiptsShape()
            case _ if attribute.keyed_by:
                return _KeyedShape(attribute, self.brand if attribute.keyed_by == "brand" else "")
            case _:
                return _ValueShape(attribute)


@dataclass(frozen=True, slots=True)
class _ValueShape:
    """One attribute's value: bare, by source, or in full."""

    attribute: Attribute
    key: str = ""

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if not isinstance(node, Fields):
            value = self._bare().read(node, path, reader)
            return FAILED if value is FAILED else (self._fact(value, {}),)
        if any(key.text == "value" for key, _ in node.fields):
            given = self._in_full().read(node, path, reader)
            return FAILED if given is FAILED else (self._fact(given["value"], given),)
        return self._by_source(node, path, reader)

    def _by_source(self, node: Fields, path: str, reader: Reader) -> Any:
        source_shape = words_of(self.attribute.sources)
        facts: list[Evidence] = []
        failed = not node.fields
        if failed:
            reader.fault(node, path, phrase("found an empty mapping"), phrase("a value, or one by source"))
        for key, value in node.fields:
            inner = f"{path}.{key.text}"
            source = source_shape.read(key, inner, reader)
            shape = self._in_full(with_source=False) if isinstance(value, Fields) else self._bare()
            given = shape.read(value, inner, reader)
            if FAILED in (source, given):
                failed = True
                continue
            full: dict[str, Any] = given if isinstance(value, Fields) else {"value": given}
            facts.append(self._fact(full["value"], full | {"source": source}))
        return FAILED if failed else tuple(facts)

    def _fact(self, value: Any, given: Mapping[str, Any]) -> Evidence:
        if self.attribute.type == "words":
            value = frozenset(value)
        return Evidence(
            attribute=self.attribute.name,
            value=value,
            source=given.get("source") or self.attribute.default_source,
            observed_at=given.get("observed_at") or UNDATED,
            key=self.key,
            note=given.get("note") or "",
        )

    def _bare(self) -> Shape:
        attribute = self.attribute
        match attribute.type:
            case "number":
                return Number()
            case "flag":
                return Boolean()
            case "day":
                return DAY
            case "word":
                return _word_shape(attribute)
            case _:
                return ListOf(_word_shape(attribute), or_one=True, shortest=0)

    def _in_full(self, with_source: bool = True) -> Record:
        source = (
            (Field("source", words_of(self.attribute.sources), phrase("who says so")),) if with_source else ()
        )
        return Record(
            (
                Field("value", self._bare(), phrase("the value"), required=True),
                *source,
                Field("observed_at", INSTANT, phrase("when it was seen")),
                Field(
                    "note", Text(phrase("a short note"), longest=200), phrase("what the person is told of it")
                ),
            )
        )

    def schema(self) -> Schema:
        by_source: Schema = {
            "type": "object",
            "propertyNames": {
                "allOf": [words_of(self.attribute.sources).schema(), {"not": {"const": "value"}}]
            },
            "additionalProperties": {
                "anyOf": [self._bare().schema(), self._in_full(with_source=False).schema()]
            },
            "minProperties": 1,
        }
        return {"anyOf": [self._bare().schema(), self._in_full().schema(), by_source]}


def _word_shape(attribute: Attribute) -> Shape:
    if attribute.name == "country":
        return COUNTRY
    if attribute.name == "language":
        return LANGUAGE
    return words_of(attribute.values)


@dataclass(frozen=True, slots=True)
class _KeyedShape:
    """Several values told apart by a key (`followers: {instagram: 12000}`); where the key is the brand
    and the brand is known, a bare list is about that brand."""

    attribute: Attribute
    default_key: str

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if not isinstance(node, Fields):
            if self.default_key:
                return _ValueShape(self.attribute, self.default_key).read(node, path, reader)
            expected = phrase("one value for each {key}", key=word(self.attribute.keyed_by))
            return reader.found(node, path, expected)
        facts: list[Evidence] = []
        failed = False
        for key, value in node.fields:
            name = self._key_shape().read(key, f"{path}.{key.text}", reader)
            found = _ValueShape(self.attribute, key.text).read(value, f"{path}.{key.text}", reader)
            if FAILED in (name, found):
                failed = True
            else:
                facts.extend(found)
        return FAILED if failed else tuple(facts)

    def _key_shape(self) -> Shape:
        return NAME if self.attribute.keyed_by == "brand" else WORD

    def schema(self) -> Schema:
        value = _ValueShape(self.attribute).schema()
        mapping: Schema = {
            "type": "object",
            "propertyNames": self._key_shape().schema(),
            "additionalProperties": value,
        }
        if not self.default_key:
            return mapping
        bare = [one for one in value["anyOf"] if one.get("type") != "object"]
        return {"anyOf": [*bare, mapping]}


@dataclass(frozen=True, slots=True)
class _ReceiptsShape:
    """`[{brand, campaign, received_at}]`."""

    def _list(self) -> ListOf:
        return ListOf(
            Record(
                (
                    Field("brand", NAME, phrase("whose perk it was"), required=True),
                    Field("campaign", NAME, phrase("which campaign"), required=True),
                    Field("received_at", INSTANT, phrase("when it was received"), required=True),
                ),
                build=EarlierReceipt,
            ),
            shortest=0,
        )

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        receipts = self._list().read(node, path, reader)
        if receipts is FAILED:
            return FAILED
        return (Evidence("earlier_receipts", receipts, "register", UNDATED),)

    def schema(self) -> Schema:
        return self._list().schema()
