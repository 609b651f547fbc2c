"""The file of purposes that people can consent to: what travels with the engine, and a deployment's own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.campaigns.reader import FAILED, Reader
from perks_engine.campaigns.shapes import (
    WORD,
    Boolean,
    Field,
    Integer,
    ListOf,
    MapOf,
    Record,
    Text,
)
from perks_engine.campaigns.yaml_source import Fields, Node, read_yaml, read_yaml_file
from perks_engine.domain.consent import (
    ACCOUNT,
    FALLBACK_LANGUAGE,
    OPERATIONS,
    SMS,
    Ask,
    ConsentText,
    Purpose,
    Purposes,
)

BUILTIN = "consent_purposes.yaml"
OWN = "consents.yaml"
LANGUAGES = ("en", "es", "fr")
_VERSION = Integer(1, 1_000_000, "a version")
_WORDS = Text("the exact words that people are shown", longest=4_000)


def _by_language(shape: Text) -> tuple[Field, ...]:
    return tuple(
        Field(language, shape, f"in {language}", required=language == FALLBACK_LANGUAGE)
        for language in LANGUAGES
    )


_TEXTS = ListOf(
    Record((Field("version", _VERSION, "counts up with every change", required=True), *_by_language(_WORDS)))
)
_CHANNEL = Record(
    (
        Field("double_opt_in", Boolean(), "true where a yes has to be confirmed by mail", required=True),
        Field("texts", _TEXTS, "the words for this channel; else those of the purpose", default=()),
    )
)
_PURPOSE = Record(
    (
        Field("title", Record(_by_language(Text("a short name", longest=80))), "its name", required=True),
        Field("commercial", Boolean(), "true for what advertises", required=True),
        Field("channels", MapOf(WORD, _CHANNEL), "by which channels people are asked", required=True),
        Field("texts", _TEXTS, "the words, every version of them", default=()),
    )
)
_FILE = Record((Field("purposes", MapOf(WORD, _PURPOSE), "the purposes by name", required=True),))


def load_purposes(path: Path | None) -> Purposes:
    """What travels with the engine, and the deployment's own purposes from `path`, where given: one of the
    same name takes the other's place, whole. Raises `FileProblemsError`."""
    data = resources.files("perks_engine.campaigns").joinpath(BUILTIN).read_bytes()
    builtin = _read(read_yaml(data, BUILTIN), BUILTIN, {})
    own = _read(read_yaml_file(path), str(path), builtin) if path is not None else {}
    return Purposes(builtin | own)


def _read(node: Node, file: str, builtin: Mapping[str, Purpose]) -> dict[str, Purpose]:
    reader = Reader(file)
    data = _FILE.read(node, "", reader)
    found: dict[str, Purpose] = {}
    if data is not FAILED:
        for name, values in data["purposes"].items():
            place = _place(node, name)
            for fault in _faults(name, values, builtin):
                reader.fault(place, f"purposes.{name}", *fault)
            found[name] = _purpose(name, values)
    if reader.problems:
        raise FileProblemsError(reader.problems)
    return found


def _place(node: Node, name: str) -> Node:
    """The key of that purpose, to point at."""
    listed = node.get("purposes") if isinstance(node, Fields) else None
    if not isinstance(listed, Fields):
        return node
    return next((key for key, _ in listed.fields if key.text == name), node)


def _faults(name: str, values: Mapping[str, Any], builtin: Mapping[str, Purpose]) -> list[tuple[str, str]]:
    """What contradicts itself, and what was expected."""
    faults: list[tuple[str, str]] = []
    if name in (ACCOUNT, OPERATIONS):
        faults.append(("what goes by this name is sent without asking", "another name"))
    if name in builtin and builtin[name].commercial and not values["commercial"]:
        faults.append(("it advertises, and is called not commercial", "commercial: true"))
    for channel, one in values["channels"].items():
        texts = one["texts"] or values["texts"]
        if not texts:
            faults.append((f"by {channel} there are no words to ask with", "texts with a version and en"))
        if channel == SMS and one["double_opt_in"]:
            faults.append(
                (
                    f"a letter does not show who holds a number: a yes by {channel} is not confirmed by it",
                    "double_opt_in: false",
                )
            )
        versions = [text["version"] for text in texts]
        if len(set(versions)) < len(versions):
            faults.append(("two texts have the same version", "a version of its own for each"))
    return list(dict.fromkeys(faults))


def _purpose(name: str, values: Mapping[str, Any]) -> Purpose:
    asks = (
        Ask(name, channel, one["double_opt_in"], _texts(one["texts"] or values["texts"]))
        for channel, one in values["channels"].items()
    )
    titles = {language: title for language, title in values["title"].items() if title is not None}
    return Purpose(name, titles, values["commercial"], tuple(asks))


def _texts(declared: tuple[Mapping[str, Any], ...]) -> tuple[ConsentText, ...]:
    return tuple(
        ConsentText(one["version"], language, one[language])
        for one in declared
        for language in LANGUAGES
        if one[language] is not None
    )
