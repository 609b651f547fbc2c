"""The YAML shapes of conditions, made from the catalogue: one shape per type of attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from perks_engine.campaigns.catalogue import SPAN, Attribute, Catalogue, max_age_by
from perks_engine.campaigns.countries import COUNTRY
from perks_engine.campaigns.quantities import DAY_EXPECTED, DAY_PATTERN, day
from perks_engine.campaigns.reader import Shape, Words
from perks_engine.campaigns.shapes import (
    WORD,
    Boolean,
    Built,
    ByKind,
    Choice,
    Field,
    Integer,
    ListOf,
    Number,
    Record,
    Text,
    words_of,
)
from perks_engine.campaigns.where import WhereShape
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import Phrase, Verbatim, phrase, word
from perks_engine.domain.rules import (
    About,
    AgeIn,
    Condition,
    DayIn,
    FlagIs,
    NumberIn,
    ReceiptsIn,
    WordIn,
    WordsMatch,
)

LANGUAGE = Text(phrase("a language as ISO 639, such as fr"), r"^[a-z]{2,3}$", longest=3)
DAY = Text(DAY_EXPECTED, DAY_PATTERN, build=day)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a condition may have to know of its campaign."""

    brand: str
    campaign: str


def condition_shapes(catalogue: Catalogue, atlas: Atlas, scope: Scope) -> dict[str, tuple[Shape, Words]]:
    """The shape and the description of every condition, by its YAML key."""
    shapes: dict[str, tuple[Shape, Words]] = {}
    for attribute in catalogue.attributes.values():
        shapes[_key(attribute)] = _shape(attribute, atlas, scope)
    return shapes


def _key(attribute: Attribute) -> str:
    """Age is asked for, a birth date is what is on record."""
    return "age" if attribute.name == "born_on" else attribute.name


def _shape(attribute: Attribute, atlas: Atlas, scope: Scope) -> tuple[Shape, Words]:
    title = attribute.title
    if attribute.name == "opted_in":
        return _opted_in(attribute), phrase("the purposes that the person opted in to, all of them")
    if attribute.name == "born_on":
        return _age(attribute), phrase("completed years at the day of the decision")
    if attribute.name in ("relation_to_brand", "blocked_by"):
        return _about_this_brand(attribute, scope), phrase(
            "{title}: one of these; mostly used below `not`", title=word(title)
        )
    match attribute.type:
        case "number":
            return _number(attribute), phrase("{title}: a range, both ends included", title=word(title))
        case "word":
            return _word(attribute), phrase("{title}: one of these", title=word(title))
        case "words":
            return _words(attribute), phrase("{title}: any of these, or all of them", title=word(title))
        case "flag":
            return _flag(attribute), phrase("{title}: true or false", title=word(title))
        case "day":
            return _day(attribute), phrase(
                "{title}: a date in a range, both ends included", title=word(title)
            )
        case "receipts":
            return _receipts(attribute, scope), phrase("how many units the person received before")
        case _:
            inside = phrase(
                "{title}: inside an area, a circle, a territory or postal codes", title=word(title)
            )
            return WhereShape(attribute, atlas), inside


def about(attribute: Attribute, given: Mapping[str, Any], key: str = "") -> About:
    """The attribute as a condition asks for it, with the sources and ages that the rule gives."""
    max_age: timedelta | Mapping[str, timedelta] | None = given.get("max_age")
    ages = {"": max_age} if isinstance(max_age, timedelta) else max_age
    return About(
        attribute=attribute.name,
        title=attribute.title,
        key=key,
        shown=attribute.shown,
        accept=attribute.accept(given.get("source") or given.get("accept"), ages),
    )


def evidence_fields(attribute: Attribute, name: str = "source") -> tuple[Field, ...]:
    """The keys that say where a value must come from and how fresh it must be."""
    source = words_of(attribute.sources)
    return (
        Field(name, ListOf(source, or_one=True), phrase("the sources that count")),
        Field(
            "max_age",
            max_age_by(attribute.sources),
            phrase("how old the evidence may be, for all sources or for each"),
        ),
    )


def _range_fields(bound: Shape) -> tuple[Field, ...]:
    return (
        Field("at_least", bound, phrase("the lowest value, included")),
        Field("at_most", bound, phrase("the highest value, included")),
        Field(
            "between",
            ListOf(bound, shortest=2, longest=2, unique=False),
            phrase("[lowest, highest], both included"),
        ),
    )


_RANGE_KEYS = ("at_least", "at_most", "between")


def _range_record(fields: tuple[Field, ...], bound: Shape, build: Callable[..., Condition]) -> Record:
    """A record with a range: `between`, or either or both of the other two."""

    def checked(node: Any, values: Mapping[str, Any], path: str, reader: Any) -> bool:
        low, high = _bounds(values)
        if low is not None and high is not None and low > high:
            reader.fault(node, path, _empty(low, high), phrase("the lower value first"))
            return False
        return True

    return Record(
        (*_range_fields(bound), *fields),
        build=build,
        groups=(("?between", "at_least"), ("?between", "at_most")),
        at_least_one=_RANGE_KEYS,
        check=checked,
    )


def _empty(low: object, high: object) -> Phrase:
    return phrase("the range from {low} to {high} is empty", low=Verbatim(low), high=Verbatim(high))


def _bounds(values: Mapping[str, Any]) -> tuple[Any, Any]:
    return values["between"] or (values["at_least"], values["at_most"])


def _opted_in(attribute: Attribute) -> Shape:
    def build(words: tuple[str, ...]) -> Condition:
        return WordsMatch(about(attribute, {}), words, every=True)

    return Built(ListOf(WORD, or_one=True), build)


def _age(attribute: Attribute) -> Shape:
    def build(**given: Any) -> Condition:
        low, high = _bounds(given)
        return AgeIn(about(attribute, given), low, high)

    return _range_record(evidence_fields(attribute)[:1], Integer(0, 130, phrase("an age")), build)


def _number(attribute: Attribute) -> Shape:
    key = attribute.keyed_by
    fields = evidence_fields(attribute)
    if key:
        fields = (
            Field(key, WORD, phrase("the {key} that is asked about", key=word(key)), required=True),
            *fields,
        )

    def build(**given: Any) -> Condition:
        low, high = _bounds(given)
        return NumberIn(_titled(about(attribute, given, given.get(key, ""))), low, high)

    return _range_record(fields, Number(attribute.minimum, attribute.maximum), build)


def _titled(asked: About) -> About:
    if not asked.key:
        return asked
    return About(asked.attribute, f"{asked.title} on {asked.key}", asked.key, asked.shown, asked.accept)


def _item(attribute: Attribute) -> Shape:
    if attribute.name == "country":
        return COUNTRY
    if attribute.name == "language":
        return LANGUAGE
    return words_of(attribute.values)


def _word(attribute: Attribute) -> Shape:
    words = ListOf(_item(attribute), or_one=True)

    def short(given: tuple[str, ...]) -> Condition:
        return WordIn(about(attribute, {}), given)

    def build(**given: Any) -> Condition:
        return WordIn(about(attribute, given), given["any_of"])

    record = Record(
        (Field("any_of", words, phrase("one of these"), required=True), *evidence_fields(attribute)), build
    )
    simple = Built(words, short)
    return ByKind(
        phrase("one or several words, or a mapping with any_of"), scalar=simple, items=simple, fields=record
    )


def _words(attribute: Attribute) -> Shape:
    words = ListOf(_item(attribute), or_one=True)

    def short(given: tuple[str, ...]) -> Condition:
        return WordsMatch(about(attribute, {}), given)

    def build(**given: Any) -> Condition:
        chosen = given["any_of"] or given["all_of"]
        return WordsMatch(about(attribute, given), chosen, every=given["all_of"] is not None)

    record = Record(
        (
            Field("any_of", words, phrase("one of these is enough")),
            Field("all_of", words, phrase("every one of these")),
            *evidence_fields(attribute),
        ),
        build,
        groups=(("any_of", "all_of"),),
    )
    simple = Built(words, short)
    return ByKind(
        phrase("one or several words, or a mapping with any_of or all_of"),
        scalar=simple,
        items=simple,
        fields=record,
    )


def _flag(attribute: Attribute) -> Shape:
    def short(wanted: bool) -> Condition:
        return FlagIs(about(attribute, {}), wanted)

    def build(**given: Any) -> Condition:
        return FlagIs(about(attribute, given), given["is"])

    record = Record(
        (Field("is", Boolean(), phrase("the value asked for"), required=True), *evidence_fields(attribute)),
        build,
    )
    return ByKind(
        phrase("true or false, or a mapping with is"), scalar=Built(Boolean(), short), fields=record
    )


def _day(attribute: Attribute) -> Shape:
    def checked(node: Any, values: Mapping[str, Any], path: str, reader: Any) -> bool:
        first, last = values["on_or_after"], values["on_or_before"]
        if first is not None and last is not None and first > last:
            reader.fault(node, path, _empty(first, last), phrase("the earlier day first"))
            return False
        return True

    def build(**given: Any) -> Condition:
        first: date | None = given["on_or_after"]
        last: date | None = given["on_or_before"]
        return DayIn(about(attribute, given), first, last)

    return Record(
        (
            Field("on_or_after", DAY, phrase("the first day")),
            Field("on_or_before", DAY, phrase("the last day")),
            *evidence_fields(attribute),
        ),
        build,
        at_least_one=("on_or_after", "on_or_before"),
        check=checked,
    )


def _about_this_brand(attribute: Attribute, scope: Scope) -> Shape:
    def build(words: tuple[str, ...]) -> Condition:
        return WordsMatch(about(attribute, {}, key=scope.brand), words)

    return Built(ListOf(words_of(attribute.values), or_one=True), build)


_FROM = ("this_campaign", "this_brand", "any_brand")


def _receipts(attribute: Attribute, scope: Scope) -> Shape:
    def build(**given: Any) -> Condition:
        low, high = _bounds(given)
        return ReceiptsIn(
            about(attribute, given),
            low,
            high,
            brand=scope.brand if given["from"] != "any_brand" else "",
            campaign=scope.campaign if given["from"] == "this_campaign" else "",
            within=given["within"],
        )

    fields = (
        Field("from", Choice(_FROM), phrase("whose units count"), required=True),
        Field("within", SPAN, phrase("how long ago at most; for ever if left out")),
    )
    return _range_record(fields, Integer(0, 10_000, phrase("a count")), build)
