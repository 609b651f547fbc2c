"""Facts about a person, each with its source and time.

Evidence is never a bare value: a rule asks who says so, when it was seen, and how exactly.
Registers that the engine keeps itself (opt-ins, blocks, relations to a brand, earlier receipts) are
handed to a rule in the same form; there absence is knowledge, elsewhere it is `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from perks_engine.domain.geography import Disc

CLAIMED = "claimed"
"""The source of what a person merely typed in about themself."""
IP = "ip"
"""The source of what was looked up from a network address."""
REGISTER = "register"
"""The source of what the engine itself recorded: complete, and never stale."""


@dataclass(frozen=True, slots=True)
class Location:
    """What one source says of a location: a disc, an address's parts, a text; any of them may be absent.

    `country` is ISO 3166-1 alpha-2, `region` ISO 3166-2 (`US-NY`), `postal_code` as written locally.
    `candidates` counts the places that the text may mean, where it was looked up.
    """

    disc: Disc | None = None
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    text: str | None = None
    candidates: int | None = None


@dataclass(frozen=True, slots=True)
class EarlierReceipt:
    """A unit the person received before, by brand and campaign, at an aware UTC instant."""

    brand: str
    campaign: str
    received_at: datetime


Value = float | str | bool | date | frozenset[str] | Location | tuple[EarlierReceipt, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact. `key` tells apart facts of one attribute (the platform of a follower count, the brand
    of a relation). `observed_at` is an aware UTC instant; `note` is told to the person."""

    attribute: str
    value: Value
    source: str
    observed_at: datetime
    key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who opted in, as the evidence shows them at one moment."""

    person_id: str
    evidence: tuple[Evidence, ...]

    def about(self, attribute: str, key: str = "") -> list[Evidence]:
        return [fact for fact in self.evidence if fact.attribute == attribute and fact.key == key]


def newest_by_source(facts: Iterable[Evidence]) -> dict[str, list[Evidence]]:
    """The latest facts of each source; more than one where they bear the same instant but differ."""
    newest: dict[str, list[Evidence]] = {}
    for fact in facts:
        kept = newest.get(fact.source)
        if kept is None or fact.observed_at > kept[0].observed_at:
            newest[fact.source] = [fact]
        elif fact.observed_at == kept[0].observed_at and all(fact.value != other.value for other in kept):
            kept.append(fact)
    return newest
