"""Why a rule came out as it did: a tree that mirrors the rule, node by node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.verdict import Mark, Verdict, negate, verdict_of

ALL, ANY, NOT, AT_LEAST, CONDITION = "all", "any", "not", "at_least", "condition"


@dataclass(frozen=True, slots=True)
class Reason:
    """One node of the explanation.

    `node` is `all`, `any`, `not`, `at_least` or `condition`. A condition carries a dotted `code`
    (`location.outside`), what was found (`actual`), what the rule asks (`required`) and what would
    change the outcome (`change`). `shown` is False where the person may not see `actual`.
    `edge_m` is the distance in metres to the edge of the zone that a location condition asks about.
    """

    node: str
    mark: Mark
    code: str
    required: Phrase
    actual: Phrase | None = None
    change: Phrase | None = None
    attribute: str = ""
    source: str = ""
    observed_at: datetime | None = None
    shown: bool = True
    edge_m: float | None = None
    children: tuple[Reason, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.mark)

    def leaves(self) -> Iterator[Reason]:
        if self.node == CONDITION:
            yield self
        for child in self.children:
            yield from child.leaves()


def obstacles(reason: Reason) -> list[Reason]:
    """The conditions that stand in the way of `eligible`, failed ones first, each once."""
    found: list[Reason] = []
    for leaf in _in_the_way(reason, negated=False):
        if leaf not in found:
            found.append(leaf)
    return sorted(found, key=lambda leaf: leaf.mark is Mark.UNKNOWN)


def deciding_codes(reason: Reason) -> frozenset[str]:
    """The codes of those conditions that alone make the outcome what it is."""
    return frozenset(leaf.code for leaf in _deciding(reason))


def _in_the_way(reason: Reason, negated: bool) -> Iterator[Reason]:
    mark = negate(reason.mark) if negated else reason.mark
    if mark is Mark.MET:
        return
    if reason.node == CONDITION:
        yield _as_obstacle(reason) if negated else reason
    for child in reason.children:
        yield from _in_the_way(child, negated ^ (reason.node == NOT))


def _as_obstacle(reason: Reason) -> Reason:
    """A condition below a `not`, turned into what is asked of the person."""
    return replace(
        reason,
        mark=negate(reason.mark),
        required=phrase("none of this: {what}", what=reason.required),
        change=phrase("It would have to be no longer so.") if reason.mark is Mark.MET else reason.change,
    )


def _deciding(reason: Reason) -> Iterator[Reason]:
    if reason.node == CONDITION:
        yield reason
    for child in reason.children:
        # Under a counting node a child decides when it bears the node's own mark.
        if child.mark is reason.mark or reason.node == NOT:
            yield from _deciding(child)


def reason_to_json(reason: Reason) -> dict[str, Any]:
    """The whole node as JSON, enough to be shown years later, in any language there is a translation for."""
    data: dict[str, Any] = {"node": reason.node, "mark": reason.mark.value, "code": reason.code}
    data["required"] = reason.required.to_json()
    for name in ("actual", "change"):
        words: Phrase | None = getattr(reason, name)
        if words is not None:
            data[name] = words.to_json()
    for name in ("attribute", "source"):
        if getattr(reason, name):
            data[name] = getattr(reason, name)
    if reason.observed_at is not None:
        data["observed_at"] = reason.observed_at.isoformat()
    if not reason.shown:
        data["shown"] = False
    if reason.edge_m is not None:
        data["edge_m"] = round(reason.edge_m, 3)
    if reason.children:
        data["children"] = [reason_to_json(child) for child in reason.children]
    return data


def reason_from_json(data: Mapping[str, Any]) -> Reason:
    def words(name: str) -> Phrase | None:
        return Phrase.from_json(data[name]) if name in data else None

    observed_at = data.get("observed_at")
    return Reason(
        node=data["node"],
        mark=Mark(data["mark"]),
        code=data["code"],
        required=Phrase.from_json(data["required"]),
        actual=words("actual"),
        change=words("change"),
        attribute=data.get("attribute", ""),
        source=data.get("source", ""),
        observed_at=datetime.fromisoformat(observed_at) if observed_at else None,
        shown=data.get("shown", True),
        edge_m=data.get("edge_m"),
        children=tuple(reason_from_json(child) for child in data.get("children", ())),
    )
