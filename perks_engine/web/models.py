"""The bodies of requests and answers, as the API's schema shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from perks_engine.web.values import Instant, PartName, Price, RecordableMove, StorableText


class Body(BaseModel):
    """A request body: unknown fields are errors, nothing is coerced beyond what JSON needs."""

    model_config = ConfigDict(extra="forbid")


class Reason(BaseModel):
    """One condition that failed or could not be known."""

    code: str = Field(examples=["location.outside"])
    mark: str = Field(description="met, not_met or unknown", examples=["not_met"])
    required: str
    actual: str | None = None
    change: str | None = Field(None, description="what would change it")
    source: str | None = None
    observed_at: datetime | None = None


class ReasonNode(Reason):
    """The whole explanation; it mirrors the rule."""

    node: str = Field(description="all, any, not, at_least or condition")
    children: list[ReasonNode] | None = None


class PerkItem(BaseModel):
    kind: str
    name: str
    fair_market_value: str = Field(examples=["449.00 USD"])
    per_person: int


class TaxNotice(BaseModel):
    """With this unit, what the person got from the brand in a year is reported to the tax authority."""

    year: int
    brand: str
    before: str = Field(description="received this year or on its way", examples=["1800.00 USD"])
    with_this: str
    threshold: str
    source: str = Field(description="the law")
    text: str


class Perk(BaseModel):
    """A perk, and the decision that a claim would come to right now."""

    campaign: str
    brand: str
    title: str
    perk: PerkItem
    disclosure: str = Field(description="the kind of material connection (16 CFR 255.5)")
    opens: datetime
    closes: datetime
    version: str
    verdict: str = Field(description="eligible, ineligible or unknown")
    claimable: bool = Field(description="eligible, open, in stock, and not yet had")
    reasons: list[Reason]
    tree: ReasonNode
    decided_at: datetime
    tax_notice: TaxNotice | None = None


class Page(BaseModel):
    next: str | None = Field(None, description="the cursor of the next page; the last has none")


class Perks(Page):
    perks: list[Perk]


class ClaimRequest(Body):
    campaign: StorableText = Field(min_length=1, max_length=60, examples=["phone-launch-nyc"])


class Claim(BaseModel):
    claim: str
    person: str
    campaign: str
    version: str
    outcome: str = Field(description="granted or refused")
    created_at: datetime
    reserved_until: datetime | None = None
    where: str | None = Field(None, description="the account that the unit is in")


class DecidedClaim(Claim):
    verdict: str
    decision: str
    reasons: list[Reason]
    tax_notice: TaxNotice | None = None


class Step(BaseModel):
    move: str
    to: str
    on: str


class ClaimWithHistory(DecidedClaim):
    history: list[Step]


class Claims(Page):
    claims: list[Claim]


class FulfillmentRecord(Body):
    """Something that happened to the unit of one claim."""

    claim: StorableText = Field(min_length=1, max_length=80)
    move: RecordableMove
    occurred_at: Instant
    evidence: StorableText = Field(
        "", max_length=40, description="what a receipt rests on: carrier, check_in, …"
    )
    reference: StorableText = Field("", max_length=120, description="a tracking number, a ticket")
    note: StorableText = Field("", max_length=500, description="why, for a correction")
    carrier: StorableText = Field("", max_length=60, examples=["usps"])
    parts: list[PartName] = Field([], max_length=100, description="of a bundle, the parts that it is about")
    item: StorableText = Field("", max_length=120, description="for substitute: what is sent instead")
    fair_market_value: Price | None = Field(None, description="for substitute: what that is worth")


class Fulfillments(Body):
    records: list[FulfillmentRecord] = Field(min_length=1, max_length=1_000)


class Recorded(BaseModel):
    recorded: int
    already_recorded: int


class CampaignState(BaseModel):
    campaign: str
    brand: str
    state: str
    version: str | None
    opens: datetime | None
    closes: datetime | None
    free_units: int
    paused_because: str | None = Field(
        None, description="why it is paused, with a guard's numbers; empty where nobody has said it yet"
    )
    paused_by: str | None = Field(None, examples=["guard same_point"])
    paused_at: datetime | None = None


class GuardReading(BaseModel):
    """What a guard has counted since the campaign was opened or resumed."""

    guard: str = Field(examples=["same_point"])
    healthy: str = Field(description="what the campaign declares healthy")
    found: str = Field(description="what was counted, in words")
    holds: bool
    hits: int
    total: int
    point: str | None = Field(None, description="the point that most people are on, latitude and longitude")


class CampaignAct(BaseModel):
    """What somebody, a guard or the calendar did with the campaign."""

    at: datetime
    act: str = Field(
        description="opened, paused, explained (the reason of a pause, given afterwards), resumed or closed"
    )
    by: str
    why: str | None = None
    version: str | None = None


class CampaignVersion(BaseModel):
    """A version of the campaign's file, and who answers for it."""

    version: str = Field(description="by its hash")
    loaded_at: datetime
    loaded_by: str
    examples: int
    examples_failed: int
    previewed_by: str | None = None
    previewed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


class CampaignDetail(CampaignState):
    counted_from: datetime | None = Field(None, description="since when the guards count")
    guards: list[GuardReading]
    history: list[CampaignAct]
    versions: list[CampaignVersion]


class Campaigns(Page):
    campaigns: list[CampaignState]


class LogHead(BaseModel):
    """A signed head of the log."""

    size: int = Field(description="how many entries it is over")
    signed_at: str
    note: str = Field(description="the signed note (C2SP tlog-checkpoint)")


class LogHeads(BaseModel):
    keys: list[str] = Field(description="the public keys that open the notes, the newest first")
    heads: list[LogHead]


class Consistency(BaseModel):
    """A consistency proof: hashes in hex, from the leaves upwards."""

    first: int
    second: int
    path: list[str]
