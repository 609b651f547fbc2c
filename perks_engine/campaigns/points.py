"""A point in a file: `[latitude, longitude]`, in degrees with decimal points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from perks_engine.campaigns.reader import Reader, Schema
from perks_engine.campaigns.shapes import ListOf, Number
from perks_engine.campaigns.yaml_source import Items, Node, Scalar
from perks_engine.domain.phrase import phrase

_ANY = Number()


@dataclass(frozen=True, slots=True)
class PointShape:
    """Two numbers; decimal commas, which make four of them, are told as what they are."""

    number: Number = _ANY

    def _list(self) -> ListOf:
        return ListOf(self.number, shortest=2, longest=2, unique=False)

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if isinstance(node, Items) and len(node.items) in (3, 4) and all(map(_is_whole, node.items)):
            found = phrase("the list has {count} numbers", count=len(node.items))
            wanted = phrase("[latitude, longitude] with decimal points")
            return reader.fault(node, path, found, wanted, phrase("did you write decimal commas?"))
        return self._list().read(node, path, reader)

    def schema(self) -> Schema:
        return self._list().schema()


def _is_whole(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text.removeprefix("-").isdecimal()
