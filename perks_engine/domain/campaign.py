"""What a brand offers, to whom, when and how many: a campaign as checked data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from perks_engine.domain.evidence import Evidence
from perks_engine.domain.guards import Guard
from perks_engine.domain.money import Money
from perks_engine.domain.rules import Rule
from perks_engine.domain.verdict import Verdict


class PerkKind(StrEnum):
    ITEM = "item"
    BUNDLE = "bundle"
    EVENT = "event"
    SERVICE = "service"
    EARLY_ACCESS = "early_access"
    CODE = "code"

    @property
    def is_shipped(self) -> bool:
        """Whether a unit travels, so that receipt needs a shipment first."""
        return self in (PerkKind.ITEM, PerkKind.BUNDLE)


class Connection(StrEnum):
    """Why a person must disclose (16 CFR 255.5): the kind of material connection."""

    RECEIVED_ITEM = "received_item"
    RECEIVED_SERVICE = "received_service"
    ATTENDED_EVENT = "attended_event"
    EARLY_ACCESS = "early_access"
    PRIZE = "prize"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a bundle consists of, and its share of the bundle's value."""

    name: str
    fair_market_value: Money

    def __str__(self) -> str:
        return f"{self.name} ({self.fair_market_value})"


@dataclass(frozen=True, slots=True)
class Perk:
    """`reservation` is how long a granted unit is held before it goes back to stock. `hot` says that many
    will claim at the same moment. `parts` are those of a bundle whose parts are told apart, and add up to its
    value."""

    kind: PerkKind
    name: str
    fair_market_value: Money
    quantity: int
    per_person: int
    reservation: timedelta
    hot: bool = False
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Open from `opens_at` (included) to `closes_at` (excluded), aware UTC instants."""

    opens_at: datetime
    closes_at: datetime

    def has_begun(self, now: datetime) -> bool:
        return now >= self.opens_at

    def is_over(self, now: datetime) -> bool:
        return now >= self.closes_at

    def holds(self, now: datetime) -> bool:
        return self.has_begun(now) and not self.is_over(now)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """`instruct` is the message template that tells a recipient what to disclose. `list_entrants` puts who
    only might receive something (a contest's entrants) on the disclosure list, apart and marked. With
    `acknowledge_first` nothing is packed or shipped before the person acknowledged the instruction (16 CFR
    255.1)."""

    connection: Connection
    instruct: str
    list_entrants: bool = False
    acknowledge_first: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A person and the verdict they must get; `because` is a code that must be among the reasons."""

    name: str
    evidence: tuple[Evidence, ...]
    verdict: Verdict
    because: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One version of a campaign, all that its canonical form holds (examples stand beside it). Where
    `approval_required`, somebody of the brand looks at each granted claim before it is packed.
    `feedback_after` is how long after receipt people are asked how they like it; None for the engine's own
    delay."""

    name: str
    brand: str
    title: str
    perk: Perk
    window: Window
    eligibility: Rule
    disclosure: Disclosure
    promotion_allowed: bool
    guards: tuple[Guard, ...]
    approval_required: bool = False
    feedback_after: timedelta | None = None


class CampaignState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


SHOWN = (CampaignState.OPEN, CampaignState.SCHEDULED, CampaignState.PAUSED)
"""Those in which people see a campaign."""


class CampaignAct(StrEnum):
    """What changes the state of a campaign, and the reason of a pause that is given afterwards."""

    OPENED = "opened"
    PAUSED = "paused"
    EXPLAINED = "explained"
    RESUMED = "resumed"
    CLOSED = "closed"
