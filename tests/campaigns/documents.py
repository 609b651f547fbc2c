"""Documents as editors see them, and every small change that can be made to one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

Place = tuple[str | int, ...]
Document = dict[str, Any]

WRONG_SCALARS: tuple[Any, ...] = (None, True, -1, 0.5, "", "no such word!", [], {}, ["a", ["b"]])
WRONG_LISTS: tuple[Any, ...] = (None, True, 7, "no such word!", [], {}, [None], [{}])
WRONG_MAPPINGS: tuple[Any, ...] = (None, True, 7, "no such word!", [], {}, [{}], {"surprise": 1})


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value in a document, with the keys that lead to it."""
    yield at, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*at, number))


def sites(document: Document) -> Iterator[tuple[Document, Place, Any]]:
    """Every place that can be spoiled, each in the smallest document that has it: without examples, or with
    one. What several examples have alike is taken once."""
    plain = {key: value for key, value in document.items() if key != "examples"}
    for place, value in places(plain):
        yield plain, place, value
    seen: set[tuple[Place, type]] = set()
    for example in document["examples"]:
        for place, value in places({"examples": [example]}):
            if place and (place, type(value)) not in seen:
                seen.add((place, type(value)))
                yield plain | {"examples": [example]}, place, value


def with_value(document: Document, place: Place, change: Callable[[Any, Any], None]) -> Document:
    """A copy in which `change` was called with what holds that place, and its last key."""
    spoiled = copy.deepcopy(document)
    holder: Any = spoiled
    for key in place[:-1]:
        holder = holder[key]
    change(holder, place[-1])
    return spoiled


def without_a_key(document: Document) -> Iterator[tuple[str, Document]]:
    for whole, place, _ in sites(document):
        if place and isinstance(place[-1], str):
            yield f"without {place}", with_value(whole, place, lambda holder, key: holder.pop(key))


def with_a_strange_key(document: Document) -> Iterator[tuple[str, Document]]:
    for whole, place, value in sites(document):
        if isinstance(value, dict):
            key = (*place, "surprise")
            yield f"with {key}", with_value(whole, key, lambda holder, key: holder.update({key: 1}))


def with_a_wrong_value(document: Document) -> Iterator[tuple[str, Document]]:
    for whole, place, value in sites(document):
        wrong = WRONG_MAPPINGS if isinstance(value, dict) else WRONG_SCALARS
        for other in WRONG_LISTS if isinstance(value, list) else wrong:
            if place:
                yield (
                    f"{place} = {other!r}",
                    with_value(whole, place, lambda holder, key, new=other: holder.__setitem__(key, new)),
                )


def with_an_item_more(document: Document) -> Iterator[tuple[str, Document]]:
    for whole, place, value in sites(document):
        if isinstance(value, list):
            for item in (value[0], None, 7, "no such word!"):
                yield (
                    f"{place} and {item!r}",
                    with_value(whole, place, lambda holder, key, new=item: holder[key].append(new)),
                )


def with_an_item_less(document: Document) -> Iterator[tuple[str, Document]]:
    for whole, place, _ in sites(document):
        if place and isinstance(place[-1], int):
            yield f"without {place}", with_value(whole, place, lambda holder, key: holder.pop(key))
