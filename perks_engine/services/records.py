"""What the services keep: plain frozen records, the same whatever database holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from perks_engine.domain.campaign import CampaignAct, CampaignState
from perks_engine.domain.consent import ConsentAct
from perks_engine.domain.contents import Contents
from perks_engine.domain.evidence import EarlierReceipt, Evidence, Location
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.domain.guards import Counted
from perks_engine.domain.reasons import Reason
from perks_engine.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """`version` is the live one, None before the first opening; `latest` the one loaded last;
    `counted_from` is since when the guards count."""

    name: str
    brand: str
    state: CampaignState
    version: str | None
    latest: str
    opens_at: datetime | None
    closes_at: datetime | None
    counted_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class CampaignEvent:
    """What somebody did with a campaign, and the state that it has since. `numbers` are what a guard had
    counted when it paused the campaign."""

    campaign: str
    act: CampaignAct
    state: CampaignState
    version: str | None
    acted_by: str
    acted_at: datetime
    why: str = ""
    numbers: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class VersionRecord:
    version: str
    campaign: str
    brand: str
    canonical: str
    source: bytes
    examples_total: int
    examples_failed: int
    loaded_at: datetime
    loaded_by: str


@dataclass(frozen=True, slots=True)
class PreviewRecord:
    version: str
    made_by: str
    made_at: datetime
    summary: Mapping[str, Any]
    preview_id: int | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """`preview_id` is the preview that the version was approved by."""

    version: str
    preview_id: int
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Who somebody is to the engine: how to reach and name them. Their evidence stands apart. `time_zone` is
    the name of the zone that they live by, where they said so."""

    person_id: str
    joined_at: datetime
    handle: str | None = None
    email: str | None = None
    name: str | None = None
    language: str = "en"
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """How many decisions there are, and when the first and the last of them were made."""

    total: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with all that it saw.

    `reason` mirrors the rule; `standing` says what else stands in the way (closed, paused, sold out,
    already had). Only `grants` grants.
    """

    decision_id: str
    person_id: str
    campaign: str
    version: str
    purpose: str
    verdict: Verdict
    reason: Reason
    standing: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    decided_at: datetime

    @property
    def grants(self) -> bool:
        return self.verdict is Verdict.ELIGIBLE and not self.standing

    @property
    def edge_m(self) -> float | None:
        """Metres from the person to the edge of the area that the rule asks about, where measured."""
        return next((leaf.edge_m for leaf in self.reason.leaves() if leaf.edge_m is not None), None)

    @property
    def point(self) -> str | None:
        """The point (to about 0.1 m) of the location that decided, to find people piled on one."""
        located = [
            (fact, fact.value.disc)
            for fact in self.evidence
            if isinstance(fact.value, Location) and fact.value.disc is not None
        ]
        if not located:
            return None
        for leaf in self.reason.leaves():
            for fact, disc in located:
                decided_by = (leaf.attribute, leaf.source, leaf.observed_at)
                if (fact.attribute, fact.source, fact.observed_at) == decided_by:
                    return f"{disc.lat:.6f},{disc.lon:.6f}"
        return None


@dataclass(frozen=True, slots=True)
class GuardCount:
    """One person to be counted by the guard of that place in the campaign's version; `over` is its span."""

    guard: int
    counted: Counted
    over: timedelta | None


@dataclass(frozen=True, slots=True)
class Counting:
    """What one decided claim is to be counted for, at the moment of its decision; `alone` with none of its
    campaign counted meanwhile."""

    campaign: str
    version: str
    counts: Sequence[GuardCount]
    at: datetime
    alone: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What a claim finds when it is about to be counted: the campaign as it is now, and when the same
    person last came to the same verdict, and was last granted, since the guards count."""

    state: CampaignState
    version: str | None
    decided_at: datetime | None
    granted_at: datetime | None


class ClaimOutcome(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """`account` is where the granted unit is now; None for a refused claim."""

    claim_id: str
    person_id: str
    campaign: str
    version: str
    decision_id: str
    outcome: ClaimOutcome
    created_at: datetime
    reserved_until: datetime | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger, to be appended or as it stands (then with `entry_id`)."""

    campaign: str
    move: MoveKind
    source: Account
    target: Account
    units: int
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str
    claim_id: str | None = None
    person_id: str | None = None
    evidence: str = ""
    reference: str = ""
    note: str = ""
    corrects: int | None = None
    entry_id: int | None = None
    carrier: str = ""
    contents: Contents | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Where the unit of a claim is, by which entry it got there, and what that entry says of it."""

    claim_id: str
    campaign: str
    person_id: str
    account: Account
    entry_id: int
    move: MoveKind
    occurred_at: datetime
    evidence: str = ""
    contents: Contents | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A member of a brand's staff."""

    brand: str
    email: str
    name: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """To a person, to the contacts of the brand that `staff_of` names, or to an e-mail address that may be
    nobody's on record: one of the three. What is sent to an address is deleted when it `expires_at`."""

    message_id: str
    person_id: str | None
    staff_of: str | None
    campaign: str
    claim_id: str | None
    kind: str
    purpose: str
    channel: str
    subject: str
    body_text: str
    body_html: str
    created_at: datetime
    state: str = "queued"
    address: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a write, under its idempotency key."""

    request_hash: str
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that a person holds or is about to get: of which version, where it is, and since when.
    `contents` is what it consists of, None for the perk as it is declared."""

    brand: str
    version: str
    account: Account
    since: datetime
    contents: Contents | None = None


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """All that a decision about a person and a campaign rests on, as it was at one moment; of somebody or
    something unknown there is None.

    `consents` are all acts, oldest first; `answer` is what was answered to the idempotency key before.
    `decided_at` and `granted_at` say when the same person last came to each verdict, and was last granted,
    since the campaign's guards count.
    """

    card: PersonCard | None
    campaign: CampaignRecord | None
    answer: Answer | None
    units_had: int
    has_free_unit: bool
    evidence: tuple[Evidence, ...]
    consents: tuple[ConsentAct, ...]
    receipts: tuple[EarlierReceipt, ...]
    decided_at: Mapping[Verdict, datetime]
    granted_at: datetime | None
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class DecidedClaim:
    """A claim with all that it leaves behind, but for the unit itself: the decision that it rests on, what
    the person is told, and the answer under its idempotency key."""

    decision: Decision
    claim: ClaimRecord
    messages: tuple[Message, ...]
    scope: str
    key: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry as the log takes it, in the order of the columns that storage reads."""

    entry_id: int
    campaign: str
    version: str | None
    move: str
    source: str
    target: str
    units: int
    evidence: str
    corrects: int | None
    occurred_at: datetime
    recorded_at: datetime
    claim: str | None
    person: str | None
    recorded_by: str
    reference: str
    note: str
    carrier: str
    contents: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class SealedLeaf:
    """A leaf of the log: `data` is the text whose bytes were hashed."""

    position: int
    entry_id: int
    data: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The head over the first `size` leaves, as a signed note."""

    size: int
    note: str
    signed_at: datetime
