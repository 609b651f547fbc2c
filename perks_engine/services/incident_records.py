"""Incidents: what was wrong, whom it hit, what is to be done about it, and what was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from perks_engine.domain.fulfillment import Account
from perks_engine.domain.phrase import Phrase, word


@dataclass(frozen=True, slots=True)
class Scope:
    """Which decisions an incident is about: of a campaign (None: of all), by a version, resting on a `source`
    of evidence, made from `since` (included) to `until` (excluded), aware instants."""

    campaign: str | None = None
    version: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """`brand` is whose campaign it is about; None for one over the campaigns of all brands. `wrong` says in
    words what was wrong: everybody hit by it is told so."""

    incident_id: str
    brand: str | None
    scope: Scope
    wrong: str
    opened_by: str
    opened_at: datetime


class IncidentAct(StrEnum):
    REPLAYED = "replayed"
    PLANNED = "planned"
    APPROVED = "approved"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """`subject` is the replay or the plan that it is about; `numbers` what came of it."""

    incident_id: str
    act: IncidentAct
    subject: str
    acted_by: str
    acted_at: datetime
    numbers: Mapping[str, Any]


class Harm(StrEnum):
    """What was done wrongly to somebody."""

    GRANTED = "granted_wrongly"
    REFUSED = "refused_wrongly"
    TOLD = "told_wrongly"
    PROMOTED = "promoted_wrongly"
    SOLICITED = "solicited_wrongly"
    DISCLOSED = "disclosed_wrongly"


@dataclass(frozen=True, slots=True)
class Line:
    """A decision that comes out otherwise: `place` counts from 1. `was` and `now` are verdicts, with the
    codes of what stood, and would stand, in the way; `messages` and `exports` are what said so since."""

    place: int
    decision_id: str
    claim_id: str | None
    person_id: str
    campaign: str
    version: str
    decided_at: datetime
    was: str
    now: str
    was_codes: tuple[str, ...]
    now_codes: tuple[str, ...]
    harms: tuple[Harm, ...]
    messages: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


class Action(StrEnum):
    """What is done for a person hit. `KEEP` leaves them what they received, on the disclosure list as well,
    for they did receive it; `NO_OFFER` and `NOTHING_LEFT` say why there is nothing to do but to tell."""

    VOID = "void"
    KEEP = "keep"
    OFFER = "offer"
    NO_OFFER = "no_offer"
    NOTHING_LEFT = "nothing_left"
    CORRECT = "correct"
    CORRECT_LIST = "correct_list"
    RETRACT = "retract"


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing to do. `entry_id` is where the ledger stood for the claim when it was planned. `why` is the
    template of a phrase, `about` its values: a plan is kept as data."""

    action: Action
    campaign: str
    claim_id: str | None
    entry_id: int | None
    why: str
    about: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> Phrase:
        return Phrase(self.why, {name: word(code) for name, code in self.about})


@dataclass(frozen=True, slots=True)
class Step:
    """All that is to be done for one person, in one transaction, with one letter."""

    number: int
    person_id: str
    actions: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """`outcomes` say of each action what became of it, and why, as a phrase; `message_id` is the letter, None
    after erasure."""

    incident_id: str
    person_id: str
    plan: str
    number: int
    outcomes: Sequence[Mapping[str, Any]]
    message_id: str | None
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What followed from a decision: the claim, and messages about it as (id, kind, purpose). Who was only
    told that a perk is open to them has no claim."""

    claim_id: str | None
    granted: bool
    messages: tuple[tuple[str, str, str], ...]
    listed: tuple[tuple[datetime, datetime | None], ...]
    """The spans over which lists showed the unit as received, which it is recorded never to have been."""
    promotions: tuple[str, ...] = ()
    """What is shown, or may be, of its having been received."""
    asked: bool = False
    """Whether the person was asked how they like it."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the unit of a claim is, and the entry that brought it there."""

    account: Account
    entry_id: int


class IncidentBook(Protocol):
    def add(self, given: Incident) -> None: ...
    def get(self, incident_id: str) -> Incident | None: ...
    def find(self, brands: Sequence[str] | None, after: str | None, limit: int) -> list[Incident]:
        """By time, those of these brands (None: all there are), younger than `after`."""
        ...

    def record(self, event: IncidentEvent) -> None: ...
    def events(self, incident_id: str) -> list[IncidentEvent]: ...
    def told(self, decisions: Sequence[str]) -> dict[str, Told]: ...
    def add_lines(self, incident_id: str, replay: str, lines: Iterable[tuple[Line, Any, Any]]) -> None:
        """Each with the reasons as they were and as they would be."""
        ...

    def lines(
        self,
        replay: str,
        after: int = 0,
        limit: int | None = None,
        by_person: bool = False,
        person_id: str | None = None,
    ) -> Iterator[Line]: ...
    def reasons(self, replay: str, place: int) -> tuple[list[Any], list[Any]]: ...
    def add_steps(self, incident_id: str, plan: str, steps: Sequence[Step]) -> None: ...
    def steps(self, plan: str, after: int = 0, limit: int | None = None) -> Iterator[Step]: ...
    def positions(self, claims: Sequence[str]) -> dict[str, Position]: ...
    def is_done(self, incident_id: str, person_id: str) -> bool: ...
    def add_done(self, done: Done) -> None: ...
    def done(self, incident_id: str) -> Iterator[Done]: ...
    def done_for(self, person_id: str) -> list[Done]: ...
