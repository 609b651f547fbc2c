"""What requests and answers hold.

Made by `make client`; do not edit.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, PositiveFloat, RootModel


class Act(BaseModel):
    act: str
    """
    queued, published, cancelled, retracted or taken_down
    """
    cause: str
    """
    asked, reported, staff, or what fell away: consent, dispute, return, …
    """
    at: AwareDatetime
    by: str | None = None


class Acted(BaseModel):
    promotion: str
    state: str


class Address(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    country: str
    region: str | None = None
    postal_code: str | None = None


class Admitted(BaseModel):
    claim: str
    person: str
    campaign: str
    version: str
    outcome: str
    """
    granted or refused
    """
    created_at: AwareDatetime
    reserved_until: AwareDatetime | None = None
    where: str | None = None
    """
    the account that the unit is in
    """
    name: str | None = None
    """
    who it is, for you to look up
    """
    already: bool
    """
    it was recorded before, and nothing changed
    """


class Answer(BaseModel):
    """
    What I think; what is left out is not said, or taken back where it was.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    rating: int | None = None
    """
    1 to 5, or none
    """
    text: str = ""


class Approval(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    decision: Literal["approve", "decline"]
    why: str = ""
    """
    for decline: why; the person is told
    """


class ApproveVersion(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    version: str
    """
    the version that you looked at
    """


class Asked(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    address: str
    """
    an e-mail address, or a handle
    """


class BirthDate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    born_on: str


class CampaignAct(BaseModel):
    """
    What somebody, a guard or the calendar did with the campaign.
    """

    at: AwareDatetime
    act: str
    """
    opened, paused, explained (the reason of a pause, given afterwards), resumed or closed
    """
    by: str
    why: str | None = None
    version: str | None = None


class CampaignState(BaseModel):
    campaign: str
    brand: str
    state: str
    version: str | None
    opens: AwareDatetime | None
    closes: AwareDatetime | None
    free_units: int
    paused_because: str | None = None
    """
    why it is paused, with a guard's numbers; empty where nobody has said it yet
    """
    paused_by: str | None = None
    paused_at: AwareDatetime | None = None


class CampaignVersion(BaseModel):
    """
    A version of the campaign's file, and who answers for it.
    """

    version: str
    """
    by its hash
    """
    loaded_at: AwareDatetime
    loaded_by: str
    examples: int
    examples_failed: int
    previewed_by: str | None = None
    previewed_at: AwareDatetime | None = None
    approved_by: str | None = None
    approved_at: AwareDatetime | None = None


class Campaigns(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    campaigns: list[CampaignState]


class ChangedKey(BaseModel):
    """
    A key of the file that is different.
    """

    path: str
    old: str
    """
    what stands there in words; empty where nothing does
    """
    new: str


class ChangedLine(BaseModel):
    """
    A line of the file that changed, or stands near one that did.
    """

    kind: Literal["kept", "gone", "come"]
    old: int | None
    """
    its number in the old file, from 1
    """
    new: int | None
    """
    its number in the new file
    """
    text: str


class ChangesFormat(RootModel[Literal["text", "csv", "json"]]):
    root: Literal["text", "csv", "json"]


class ChosenLines(BaseModel):
    """
    Which lines an export was asked for.
    """

    brand: str | None = None
    campaign: str | None = None
    person: str | None = None
    received_from: AwareDatetime | None = None
    received_before: AwareDatetime | None = None
    annex: bool | None = None


class Claim(BaseModel):
    claim: str
    person: str
    campaign: str
    version: str
    outcome: str
    """
    granted or refused
    """
    created_at: AwareDatetime
    reserved_until: AwareDatetime | None = None
    where: str | None = None
    """
    the account that the unit is in
    """


class ClaimCode(BaseModel):
    claim: str
    code: str


class ClaimRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    campaign: str


class Claims(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    claims: list[Claim]


class ComparedVersion(BaseModel):
    version: str
    """
    by its hash
    """
    title: str


class Confirmation(BaseModel):
    title: str
    text: str
    expires_at: AwareDatetime
    confirmed_at: AwareDatetime | None
    how: str


class ConsentAct(BaseModel):
    """
    Something that was said, with its proof.
    """

    purpose: str
    channel: str
    given: bool
    at: AwareDatetime
    how: str
    through: str
    """
    own, link, import, provider or staff
    """
    text_version: int | None = None
    text_sha256: str | None = None
    language: str | None = None
    origin: str | None = None
    recorded_by: str | None = None
    why: str | None = None
    confirmed_at: AwareDatetime | None = None


class Consistency(BaseModel):
    """
    A consistency proof: hashes in hex, from the leaves upwards.
    """

    first: int
    second: int
    path: list[str]


class Corrected(BaseModel):
    person: str
    corrected: list[str]
    """
    what was otherwise before
    """
    told: list[str]
    """
    the brands whose staff is told to take its lists again
    """


class Country(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    country: str


class Delivery(BaseModel):
    """
    An event on its way to a webhook.
    """

    position: int
    event: str
    """
    the header `webhook-id`; the same however often it is sent
    """
    type: str
    campaign: str | None = None
    claim: str | None = None
    subject: str | None = None
    recorded_at: AwareDatetime
    state: str
    """
    queued, delivered, dead or cancelled
    """
    attempts: int
    tried_at: AwareDatetime | None
    next_at: AwareDatetime | None
    settled_at: AwareDatetime | None
    status: int | None
    """
    of the last answer
    """
    why: str


class DeliveryState(RootModel[Literal["queued", "delivered", "dead", "cancelled"]]):
    root: Literal["queued", "delivered", "dead", "cancelled"]


class Denial(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    why: str = ""
    """
    what you know of it
    """


class DeniedClaim(BaseModel):
    claim: str
    person: str
    campaign: str
    version: str
    outcome: str
    """
    granted or refused
    """
    created_at: AwareDatetime
    reserved_until: AwareDatetime | None = None
    where: str | None = None
    """
    the account that the unit is in
    """
    denied_at: AwareDatetime
    """
    when you said so
    """
    dispute: str | None = None
    """
    the dispute that this opened: others say that it arrived
    """


class Dismissal(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    why: str
    """
    what you found
    """


class DistrustBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    source: str
    since: AwareDatetime | None = None
    """
    only what was observed from here on
    """
    until: AwareDatetime | None = None
    """
    only what was observed before this
    """


class Duty(BaseModel):
    """
    Somebody who holds what they received, and of whom no post is on record.
    """

    claim: str
    person: str
    handle: str | None
    brand: str
    campaign: str
    received_at: AwareDatetime
    days: int
    """
    how many days ago that was
    """
    acknowledged: bool
    """
    whether they acknowledged how to disclose
    """
    reminders: int
    """
    how many reminders went out
    """
    last_step_at: AwareDatetime | None
    next_step: str | None
    """
    reminder, escalation (the brand is told), or none any more
    """
    next_step_at: AwareDatetime | None
    escalated_at: AwareDatetime | None


class Ended(BaseModel):
    ended: int
    """
    how many sessions
    """


class Export(BaseModel):
    """
    A disclosure list that was exported.
    """

    export: str
    made_by: str
    made_at: AwareDatetime
    chosen: ChosenLines
    as_of: AwareDatetime
    format: str
    columns: str
    """
    the version of the columns
    """
    proofs: bool
    lines: int
    bytes: int
    sha256: str
    """
    of the file, in hex
    """
    head_size: int
    """
    the size of the log's newest head then
    """


class Exports(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    exports: list[Export]


class Fact(BaseModel):
    """
    Something that is known, from where and of when.
    """

    attribute: str
    value: Any
    """
    of a location its coordinates or its words; else a value
    """
    source: str
    key: str | None = None
    observed_at: AwareDatetime


class FeedbackFormat(RootModel[Literal["csv", "json"]]):
    root: Literal["csv", "json"]


class FeedbackVersion(BaseModel):
    version: int
    act: str
    """
    answered or withdrawn
    """
    rating: int | None
    text: str
    through: str
    """
    own (signed in) or link
    """
    said_at: AwareDatetime


class FileKind(RootModel[Literal["csv", "json", "xlsx", "pdf"]]):
    root: Literal["csv", "json", "xlsx", "pdf"]


class Form(RootModel[Literal["json", "html"]]):
    root: Literal["json", "html"]


class FulfillmentRecord(BaseModel):
    """
    Something that happened to the unit of one claim.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    claim: str
    move: Literal[
        "cancel",
        "substitute",
        "pack",
        "ship",
        "deliver",
        "deliver_more",
        "hand_over",
        "check_in",
        "redeem",
        "lose",
        "find",
        "refuse",
        "return",
        "return_part",
        "replace",
        "void",
    ]
    occurred_at: AwareDatetime
    evidence: str = ""
    """
    what a receipt rests on: carrier, check_in, …
    """
    reference: str = ""
    """
    a tracking number, a ticket
    """
    note: str = ""
    """
    why, for a correction
    """
    carrier: str = ""
    parts: list[str] = []
    """
    of a bundle, the parts that it is about
    """
    item: str = ""
    """
    for substitute: what is sent instead
    """
    fair_market_value: str | None = None
    """
    for substitute: what that is worth
    """


class Fulfillments(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    records: list[FulfillmentRecord]


class GivenFile(BaseModel):
    file: str
    name: str
    kind: str
    bytes: int
    sha256: str
    given_at: AwareDatetime


class GivenPicture(BaseModel):
    picture: str
    kind: str
    width: int
    height: int
    bytes: int
    sha256: str
    """
    of the bytes that are kept
    """
    given_at: AwareDatetime


class GuardReading(BaseModel):
    """
    What a guard has counted since the campaign was opened or resumed.
    """

    guard: str
    healthy: str
    """
    what the campaign declares healthy
    """
    found: str
    """
    what was counted, in words
    """
    holds: bool
    hits: int
    total: int
    point: str | None = None
    """
    the point that most people are on, latitude and longitude
    """


class Hold(BaseModel):
    hold: str
    person: str
    why: str
    set_by: str
    set_at: AwareDatetime
    lifted_by: str | None = None
    lifted_at: AwareDatetime | None = None
    lifted_because: str | None = None


class Holds(BaseModel):
    holds: list[Hold]


class Incident(BaseModel):
    incident: str
    state: str
    """
    open, replayed, planned, approved or applied
    """
    brand: str | None
    scope: dict[str, Any]
    wrong: str
    opened_by: str
    opened_at: str
    history: list[dict[str, Any]]
    """
    who did what, with what came of it
    """


class IncidentPage(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    incidents: list[Incident]


class Instruction(BaseModel):
    """
    How to disclose, as the person was told.
    """

    claim: str
    instruction: str
    """
    the id of the message
    """
    subject: str
    text: str
    channel: str
    sent_at: AwareDatetime
    acknowledged_at: AwareDatetime | None = None
    how: str | None = None
    """
    by which way it was acknowledged
    """


class Job(BaseModel):
    """
    A replay or an application of a plan. Of an incident one is under way at a time.
    """

    job: str
    incident: str
    kind: Literal["replay", "apply"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    """
    decisions judged, or people dealt with
    """
    total: int
    error: dict[str, str] | None
    """
    `code` and `detail` of what ended it
    """
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None


class Jobs(BaseModel):
    jobs: list[Job]


class JudgedInput(RootModel[Literal["nobody", "few", "everybody"]]):
    root: Literal["nobody", "few", "everybody"]
    """
    Who is asked what a change does to them; `few` is everybody, unless too many to wait for.
    """


class JudgedOutput(BaseModel):
    post: int
    judgement: str
    outcome: str
    fix_asked: bool
    """
    whether the person is asked for a fix
    """


class Judgement(BaseModel):
    """
    What somebody saw of a post.
    """

    judgement: str
    outcome: str
    """
    pass, fail or unclear: is it clear and conspicuous (16 CFR 255.0(f))?
    """
    failures: list[str]
    why: list[str]
    """
    the failures in words
    """
    note: str
    picture: str | None
    judged_by: str
    judged_at: AwareDatetime


class Lines(BaseModel):
    lines: list[dict[str, Any]]
    next: int | None = None


class LinkState(BaseModel):
    expires_at: AwareDatetime
    used_at: AwareDatetime | None
    how: str


class LogHead(BaseModel):
    """
    A signed head of the log.
    """

    size: int
    """
    how many entries it is over
    """
    signed_at: str
    note: str
    """
    the signed note (C2SP tlog-checkpoint)
    """


class LogHeads(BaseModel):
    keys: list[str]
    """
    the public keys that open the notes, the newest first
    """
    heads: list[LogHead]


class MoveKind(
    RootModel[
        Literal[
            "supply",
            "withdraw",
            "reserve",
            "expire",
            "approve",
            "decline",
            "cancel",
            "substitute",
            "pack",
            "ship",
            "deliver",
            "confirm",
            "deliver_more",
            "hand_over",
            "check_in",
            "redeem",
            "lose",
            "find",
            "refuse",
            "return",
            "return_part",
            "replace",
            "void",
            "amend",
        ]
    ]
):
    root: Literal[
        "supply",
        "withdraw",
        "reserve",
        "expire",
        "approve",
        "decline",
        "cancel",
        "substitute",
        "pack",
        "ship",
        "deliver",
        "confirm",
        "deliver_more",
        "hand_over",
        "check_in",
        "redeem",
        "lose",
        "find",
        "refuse",
        "return",
        "return_part",
        "replace",
        "void",
        "amend",
    ]


class NewIncident(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    wrong: str
    """
    what was wrong; everybody hit is told so
    """
    campaign: str | None = None
    version: str | None = None
    """
    the beginning of a version's name, with `campaign`
    """
    source: str | None = None
    """
    the source of evidence that was wrong
    """
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class NewPost(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    url: str
    seen_at: AwareDatetime | None = None
    """
    when it was posted or seen; now if left out
    """


class NewPromotion(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    claim: str
    channel: str
    """
    where it is to be shown, as consents name it
    """
    publisher: str
    """
    who shows it
    """


class NewSighting(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    url: str
    seen_at: AwareDatetime | None = None
    """
    when it was posted or seen; now if left out
    """
    claim: str
    note: str = ""
    """
    how it was disclosed
    """


class NewWebhook(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    brand: str
    url: str
    events: list[str]
    """
    types of events; `*` for every one
    """
    publisher: str | None = None
    """
    only events of promotions that this publisher shows; left out: of all
    """


class Noted(BaseModel):
    message: str
    event: str
    """
    bounced, complained, undelivered or delayed
    """
    status: str | None
    """
    the enhanced status (RFC 3463), where there is one
    """


class OfferRun(BaseModel):
    run: str
    campaign: str
    state: str
    """
    `under_way`, `waiting` or `ended`
    """
    waits_for: str | None = None
    """
    why it cannot go on for now, and what mends it
    """
    offered: int
    """
    to how many people an offer was written
    """
    passed_over: int
    """
    how many agreed to hear of perks, and it is not open to them
    """
    asked_by: str
    asked_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class OfferRuns(BaseModel):
    runs: list[OfferRun]


class OldAndNew(BaseModel):
    old: int
    new: int


class OwnCorrection(BaseModel):
    """
    What is left out stays as it is.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    name: str | None = None
    handle: str | None = None
    email: str | None = None
    speaks: str | None = None
    """
    the language to write in
    """
    time_zone: str | None = None
    """
    by which letters come at no time of night; null for the zones of the country
    """


class OwnIncident(BaseModel):
    """
    An incident that hit you: what was wrong, what it did to you, and what was done about it.
    """

    incident: str
    wrong: str
    days: list[str]
    happened: list[str]
    done: list[str]
    decisions: list[dict[str, Any]]
    letter: str | None
    done_at: str


class OwnIncidents(BaseModel):
    incidents: list[OwnIncident]


class PerkItem(BaseModel):
    kind: str
    name: str
    fair_market_value: str
    per_person: int


class Place(BaseModel):
    """
    Where my device says that it is. `text_sha256` names the words of the consent that were shown, where I
    agree to them by this; it is not needed again once I agreed.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    lat: float
    lon: float
    accuracy_m: PositiveFloat
    """
    the radius that is right in 68 % of cases
    """
    text_sha256: str | None = None


class PlanApproval(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    plan: str
    """
    the hash of the plan
    """


class PostState(RootModel[Literal["waiting", "pass", "fail", "unclear"]]):
    root: Literal["waiting", "pass", "fail", "unclear"]
    """
    `waiting` for somebody to look: never judged, or said to be mended since.
    """


class PreviewHead(BaseModel):
    """
    Whom the version would reach: the counts of its preview.
    """

    made_by: str
    made_at: AwareDatetime
    people: int
    eligible: int
    ineligible: int
    unknown: int


class Problem(BaseModel):
    """
    A problem detail (RFC 9457). `code` is stable; `detail` says what is so and what would mend it.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[str] | None = None
    """
    each thing that is wrong with the input
    """


class Promotion(BaseModel):
    promotion: str
    claim: str
    brand: str
    campaign: str
    channel: str
    publisher: str
    state: str
    """
    queued, published, cancelled, retracted or taken_down
    """
    text: str | None
    """
    none once the person was erased
    """
    disclosure: str
    """
    to be shown with the text, as easy to see
    """
    text_hash: str
    """
    SHA-256 over a salt, the text and the disclosure
    """
    place: str | None
    """
    where it is or was
    """
    asked_at: AwareDatetime


class PromotionState(RootModel[Literal["queued", "published", "cancelled", "retracted", "taken_down"]]):
    root: Literal["queued", "published", "cancelled", "retracted", "taken_down"]
    """
    Each is reached by an act of the same name.
    """


class Promotions(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    promotions: list[Promotion]


class Publication(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    place: str | None = None
    """
    where it is
    """


class Reason(BaseModel):
    """
    One condition that failed or could not be known.
    """

    code: str
    mark: str
    """
    met, not_met or unknown
    """
    required: str
    actual: str | None = None
    change: str | None = None
    """
    what would change it
    """
    source: str | None = None
    observed_at: AwareDatetime | None = None


class ReasonNode(BaseModel):
    """
    The whole explanation; it mirrors the rule.
    """

    code: str
    mark: str
    """
    met, not_met or unknown
    """
    required: str
    actual: str | None = None
    change: str | None = None
    """
    what would change it
    """
    source: str | None = None
    observed_at: AwareDatetime | None = None
    node: str
    """
    all, any, not, at_least or condition
    """
    children: list[ReasonNode] | None = None


class ReceiptInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    parts: list[str] = []
    """
    of a bundle, those that arrived; else all
    """


class ReceiptLine(BaseModel):
    what: str
    count: int
    why: str | None = None
    until: AwareDatetime | None = None


class Recorded(BaseModel):
    recorded: int
    already_recorded: int


class Refusal(BaseModel):
    """
    A refused claim: kept under its id, with every reason.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[str] | None = None
    """
    each thing that is wrong with the input
    """
    claim: str
    verdict: str
    reasons: list[Reason]


class Refused(BaseModel):
    """
    The gate's no, recorded as a decision.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[str] | None = None
    """
    each thing that is wrong with the input
    """
    decision: str | None = None
    verdict: str | None = None
    reasons: list[Reason] | None = None
    promotion: str | None = None
    """
    the one that is live already
    """


class Remedy(BaseModel):
    """
    What is done about a failing post.
    """

    open: bool
    asked_at: AwareDatetime
    due_at: AwareDatetime
    """
    when the brand hears of it
    """
    fixed_at: AwareDatetime | None
    """
    when the person said that it is mended
    """
    later_post: bool
    escalated_at: AwareDatetime | None


class Removed(BaseModel):
    webhook: str
    cancelled: int
    """
    how many deliveries waited, and are not made any more
    """


class Replay(BaseModel):
    """
    One of these: an event, a span of time, or what is dead.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    event: str | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    dead: bool = False


class Replayed(BaseModel):
    queued: int


class ReportInput(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    raw: str
    """
    the whole report, headers first, as it came
    """


class ReportOutput(BaseModel):
    """
    A carrier's report, and what became of it.
    """

    report: str | None = None
    source: str | None = None
    state: str
    """
    applied, noted, waiting, refused or dismissed
    """
    code: str | None = None
    """
    what stands in its way
    """
    why: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    status: str | None = None
    occurred_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None
    claim: str | None = None
    settled_by: str | None = None


class ReportState(RootModel[Literal["applied", "noted", "waiting", "refused", "dismissed"]]):
    root: Literal["applied", "noted", "waiting", "refused", "dismissed"]
    """
    What became of a carrier's report.
    """


class Reports(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    reports: list[ReportOutput]


class Rotation(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    overlap_h: int = 24
    """
    for how many hours older secrets sign along
    """


class Said(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    words: list[str]
    """
    all of them, as they are to be
    """


class Section(BaseModel):
    """
    What one table holds.
    """

    table: str
    what: str
    why: str
    basis: str
    kept: str
    span: str
    """
    what `kept` says, without the number of days
    """
    days: int | None
    rows: list[dict[str, Any]]


class Shown(BaseModel):
    """
    A code that somebody shows.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    code: str
    occurred_at: AwareDatetime | None = None
    """
    when; now if left out
    """


class Sighting(BaseModel):
    """
    Where the disclosure of what a claim granted was seen.
    """

    claim: str
    url: str
    seen_at: AwareDatetime
    reported_by: str
    note: str


class SignInLink(BaseModel):
    expires_at: AwareDatetime
    used: bool
    this_browser: bool
    """
    whether this browser asked for it, so that it can be signed in
    """


class SignedIn(BaseModel):
    """
    A session: its cookie is sent by the browser itself; a write has to bring `csrf` in a header, too.
    """

    session: str
    role: Literal["influencer", "brand_manager", "fulfillment", "compliance", "operator"]
    person: str | None
    holder: str | None
    csrf: str
    """
    to be sent as X-CSRF-Token with every write
    """
    expires_at: AwareDatetime


class StaffAction(BaseModel):
    """
    A write that somebody of staff asked for, or a look at somebody's whole data; and what came of it.
    """

    action: int
    at: AwareDatetime
    by: str
    """
    under which name it is recorded elsewhere, too
    """
    role: str
    credential: str
    """
    the id of the token or session
    """
    route: str
    """
    or the command, such as `perks campaign pause`
    """
    about: str
    """
    what its path named, where that is there
    """
    person: str | None
    """
    whom it was about; nobody any more once they are erased
    """
    brand: str | None
    """
    to which it was done, where it was one
    """
    status: int
    """
    of the answer
    """
    code: str
    """
    of the problem, where it was one
    """
    request: str
    """
    the id that the request has in the logs (`X-Request-ID`)
    """


class StaffActions(BaseModel):
    actions: list[StaffAction]
    next: int | None = None
    """
    `cursor` of the next page; absent on the last
    """


class StaffNo(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    why: str


class StaffYes(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    text_sha256: str
    """
    the hash of the words that were shown
    """
    why: str


class Stale(BaseModel):
    """
    It was changed since you looked; nothing was done.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[str] | None = None
    """
    each thing that is wrong with the input
    """
    edition: str
    """
    the present one, as `ETag` of a look now would have it
    """


class StatementFormat(RootModel[Literal["json", "pdf"]]):
    root: Literal["json", "pdf"]


class StatementLater(BaseModel):
    at: str
    until: AwareDatetime
    how: str


class Step(BaseModel):
    move: str
    to: str
    on: str


class Steps(BaseModel):
    steps: list[dict[str, Any]]
    next: int | None = None


class Switch(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    enabled: bool


class TaxNotice(BaseModel):
    """
    With this unit, what the person got from the brand in a year is reported to the tax authority.
    """

    year: int
    brand: str
    before: str
    """
    received this year or on its way
    """
    with_this: str
    threshold: str
    source: str
    """
    the law
    """
    text: str


class Telling(BaseModel):
    """
    The words were given to a publisher.
    """

    publisher: str
    at: AwareDatetime
    text_hash: str
    by: str | None = None


class TokenRotation(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    overlap_h: int = 24
    """
    for how many hours the secret before works along
    """


class Turned(BaseModel):
    """
    A condition by which a verdict changes.
    """

    title: str
    """
    what it is about
    """
    old_required: str
    """
    what the old one asks for in words; empty where nothing
    """
    new_required: str
    old: str
    """
    what came of it under the old one
    """
    new: str
    people: int
    by_itself: int
    """
    of them, those whose verdict it alone changes
    """


class Unsubscription(BaseModel):
    title: str
    """
    what the letters are about
    """
    state: str
    """
    `sent`: such letters are sent; `ended`: they are not
    """
    others: bool
    """
    whether the person gets letters of other kinds beside answers
    """


class VersionApproved(BaseModel):
    campaign: str
    version: str
    approved_by: str
    approved_at: AwareDatetime
    preview: PreviewHead
    """
    by which it was approved
    """


class VersionToApprove(BaseModel):
    campaign: str
    version: str
    """
    the latest version, by its hash
    """
    loaded_by: str
    """
    who cannot approve it
    """
    loaded_at: AwareDatetime
    examples: int
    examples_failed: int
    preview: PreviewHead | None
    """
    its latest one; null: nobody has seen one yet
    """
    approved_by: str | None
    approved_at: AwareDatetime | None


class Webhook(BaseModel):
    webhook: str
    brand: str
    url: str
    events: list[str]
    publisher: str | None
    state: str
    """
    enabled, disabled, or resting while the receiver is away
    """
    created_by: str
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None = None
    why: str | None = None
    failures: int | None = None
    rests_until: AwareDatetime | None = None
    secrets: int | None = None
    """
    how many it has had; where one webhook is shown
    """
    older_secrets_until: list[AwareDatetime] | None = None
    """
    until when secrets before the newest one sign along
    """


class WebhookWithSecret(BaseModel):
    webhook: str
    brand: str
    url: str
    events: list[str]
    publisher: str | None
    state: str
    """
    enabled, disabled, or resting while the receiver is away
    """
    created_by: str
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None = None
    why: str | None = None
    failures: int | None = None
    rests_until: AwareDatetime | None = None
    secrets: int | None = None
    """
    how many it has had; where one webhook is shown
    """
    older_secrets_until: list[AwareDatetime] | None = None
    """
    until when secrets before the newest one sign along
    """
    secret: str | None = None
    """
    shown this once; not in the answer to a repeated request. Lost: rotate it
    """


class Webhooks(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    webhooks: list[Webhook]


class Why(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    why: str


class Withdrawal(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    text: str = ""
    """
    why, if you like
    """


class Yes(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    text_sha256: str
    """
    the hash of the words that were shown
    """


class ConsentsWords(BaseModel):
    """
    The exact words of one version in one language.
    """

    version: int
    language: str
    sha256: str
    """
    of the text in UTF-8; a yes names it
    """
    text: str


class DisputesObjection(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    text: str


class EvidenceWords(BaseModel):
    """
    What I say of myself about one attribute.
    """

    attribute: str
    title: str
    several: bool
    """
    whether more than one word may be said
    """
    choices: list[str]
    """
    what there is to choose from
    """
    free: bool
    """
    whether other words may be said as well
    """
    said: list[str]
    others: list[Fact]
    """
    what is known of it from other sources
    """


class IncidentsCorrection(BaseModel):
    """
    What should have been so: at least one of the four.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    version: str | None = None
    """
    a loaded version of the incident's campaign
    """
    campaign_file: str | None = None
    """
    one as YAML
    """
    people_file: str | None = None
    """
    people with the evidence that is right, as YAML
    """
    distrust: list[DistrustBody] | None = None


class PromotionsWords(BaseModel):
    promotion: str
    text: str
    disclosure: str
    text_hash: str


class ReceiptLinksReceipt(BaseModel):
    claim: str
    brand: str
    item: str
    state: str
    """
    `received`, `disputed` (and not settled yet) or `not_received`
    """
    received_at: AwareDatetime | None = None
    evidence: str | None = None
    """
    what the receipt rests on
    """
    dispute: str | None = None


class RecordsCorrection(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    name: str | None = None
    handle: str | None = None
    email: str | None = None
    speaks: str | None = None
    """
    the language to write in
    """
    time_zone: str | None = None
    """
    by which letters come at no time of night; null for the zones of the country
    """
    born_on: str | None = None
    address: Address | None = None
    why: str


class RecordsReceipt(BaseModel):
    """
    What an erasure did.
    """

    pseudonym: str
    """
    what is kept bears it since
    """
    erased_at: AwareDatetime
    gone: list[ReceiptLine]
    kept: list[ReceiptLine]
    ended: list[ReceiptLine]
    statement: StatementLater
    letter: str | None
    already: bool
    """
    it was done before, and nothing changed now
    """


class SignInAccepted(BaseModel):
    told: str


class StatementsAccepted(BaseModel):
    detail: str


class StatementsObjection(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    claim: str
    """
    as the statement names it
    """
    text: str
    """
    what is wrong about it
    """


class ApiToken(BaseModel):
    token: str
    label: str
    role: Literal["influencer", "brand_manager", "fulfillment", "compliance", "operator"]
    brands: list[str]
    person: str | None
    holder: str | None
    permissions: (
        list[
            Literal[
                "claim",
                "record_fulfillment",
                "approve_claims",
                "export_disclosures",
                "see_campaigns",
                "run_campaigns",
                "settle_disputes",
                "make_statements",
                "see_legal_names",
                "record_sightings",
                "export_tax",
                "run_incidents",
                "record_consents",
                "manage_webhooks",
                "keep_records",
                "read_feedback",
                "judge_posts",
                "promote",
                "retract_promotions",
                "make_offers",
                "manage_tokens",
                "approve_campaigns",
            ]
        ]
        | None
    )
    """
    null: all that its role may
    """
    issued_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    rotated_at: AwareDatetime | None
    older_secret_until: AwareDatetime | None
    """
    until when the secret before works along
    """
    last_used_at: AwareDatetime | None
    """
    to the minute or so
    """


class ApiTokenWithSecret(BaseModel):
    token: str
    label: str
    role: Literal["influencer", "brand_manager", "fulfillment", "compliance", "operator"]
    brands: list[str]
    person: str | None
    holder: str | None
    permissions: (
        list[
            Literal[
                "claim",
                "record_fulfillment",
                "approve_claims",
                "export_disclosures",
                "see_campaigns",
                "run_campaigns",
                "settle_disputes",
                "make_statements",
                "see_legal_names",
                "record_sightings",
                "export_tax",
                "run_incidents",
                "record_consents",
                "manage_webhooks",
                "keep_records",
                "read_feedback",
                "judge_posts",
                "promote",
                "retract_promotions",
                "make_offers",
                "manage_tokens",
                "approve_campaigns",
            ]
        ]
        | None
    )
    """
    null: all that its role may
    """
    issued_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    rotated_at: AwareDatetime | None
    older_secret_until: AwareDatetime | None
    """
    until when the secret before works along
    """
    last_used_at: AwareDatetime | None
    """
    to the minute or so
    """
    secret: str | None = None
    """
    what to send as `Authorization: Bearer …`; shown this once, and not in the answer to a repeated request. Lost: rotate it
    """


class ApiTokens(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    tokens: list[ApiToken]


class CampaignDetail(BaseModel):
    campaign: str
    brand: str
    state: str
    version: str | None
    opens: AwareDatetime | None
    closes: AwareDatetime | None
    free_units: int
    paused_because: str | None = None
    """
    why it is paused, with a guard's numbers; empty where nobody has said it yet
    """
    paused_by: str | None = None
    paused_at: AwareDatetime | None = None
    counted_from: AwareDatetime | None = None
    """
    since when the guards count
    """
    guards: list[GuardReading]
    history: list[CampaignAct]
    versions: list[CampaignVersion]


class ChangedVerdict(BaseModel):
    """
    People whose verdict is another one.
    """

    old: Literal["eligible", "ineligible", "unknown"]
    """
    How a whole rule came out. Only `ELIGIBLE` grants.
    """
    new: Literal["eligible", "ineligible", "unknown"]
    """
    How a whole rule came out. Only `ELIGIBLE` grants.
    """
    people: int
    near_edge: int
    """
    of them, those near the edge of an area
    """
    turns: list[Turned]


class ClaimWithHistory(BaseModel):
    claim: str
    person: str
    campaign: str
    version: str
    outcome: str
    """
    granted or refused
    """
    created_at: AwareDatetime
    reserved_until: AwareDatetime | None = None
    where: str | None = None
    """
    the account that the unit is in
    """
    verdict: str
    decision: str
    reasons: list[Reason]
    tax_notice: TaxNotice | None = None
    history: list[Step]


class Consent(BaseModel):
    purpose: str
    channel: str
    title: str
    commercial: bool
    double_opt_in: bool
    """
    whether a yes has to be confirmed by mail
    """
    state: str
    """
    given, pending, not_asked, withdrawn or declined
    """
    ask: bool
    """
    whether it was never answered: who answered is not asked again
    """
    text: ConsentsWords
    since: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    """
    until when a pending one can be confirmed
    """


class ConsentProblem(BaseModel):
    """
    What was shown, and what is current: the words changed in between.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[str] | None = None
    """
    each thing that is wrong with the input
    """
    shown: dict[str, Any] | None = None
    current: ConsentsWords | None = None
    recorded: ConsentsWords | None = None


class CorrectionBody(BaseModel):
    """
    What an upheld dispute does to the ledger.
    """

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["void", "return", "amend"] = "void"
    """
    void: never received; return: given back; amend: received, but at another time or by other evidence
    """
    occurred_at: AwareDatetime | None = None
    """
    when it was so; now if left out
    """
    evidence: str = ""
    """
    with amend: what the receipt rests on
    """


class DecidedClaim(BaseModel):
    claim: str
    person: str
    campaign: str
    version: str
    outcome: str
    """
    granted or refused
    """
    created_at: AwareDatetime
    reserved_until: AwareDatetime | None = None
    where: str | None = None
    """
    the account that the unit is in
    """
    verdict: str
    decision: str
    reasons: list[Reason]
    tax_notice: TaxNotice | None = None


class DecidedPromotion(BaseModel):
    """
    The gate's yes, and what may be shown: the text only together with the disclosure.
    """

    promotion: str
    claim: str
    brand: str
    campaign: str
    channel: str
    publisher: str
    state: str
    decision: str
    verdict: str
    reasons: list[Reason]
    tree: ReasonNode
    text: str | None = None
    """
    while it may be shown
    """
    disclosure: str
    text_hash: str
    place: str | None = None
    """
    where it is, once that was recorded
    """
    asked_at: AwareDatetime


class Deliveries(BaseModel):
    deliveries: list[Delivery]
    next: int | None = None


class Dispute(BaseModel):
    """
    An objection to a line, open or settled.
    """

    dispute: str
    state: str
    """
    open, upheld, rejected or withdrawn
    """
    claim: str
    campaign: str
    brand: str
    person: str
    entry: int
    """
    the line of the ledger that is disputed
    """
    cause: str
    """
    person, staff, or conflict: evidence that contradicts other evidence
    """
    text: str
    opened_at: AwareDatetime
    """
    since when it is so
    """
    known_at: AwareDatetime
    """
    since when it is known here
    """
    open_days: int
    """
    how many days it has been, or was, open
    """
    due_at: AwareDatetime
    """
    by when the person has to be answered
    """
    overdue: bool
    files: list[GivenFile]
    opened_by: str | None = None
    settled_at: AwareDatetime | None = None
    settled_by: str | None = None
    reason: str | None = None
    correction: int | None = None
    """
    the entry that corrects the ledger
    """


class Disputes(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    disputes: list[Dispute]


class Duties(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    duties: list[Duty]


class Feedback(BaseModel):
    """
    What I said about what a claim gave me.
    """

    claim: str
    campaign: str
    brand: str
    perk: str
    asked_at: AwareDatetime | None
    """
    when a letter asked for it
    """
    open: bool
    """
    whether something can be said now
    """
    because: str | None = None
    """
    why not
    """
    code: str | None = None
    rating: int | None
    text: str
    pictures: list[GivenPicture]
    history: list[FeedbackVersion]


class Identity(BaseModel):
    """
    Who a request is taken to come from.
    """

    name: str
    """
    under which what you do is recorded
    """
    role: Literal["influencer", "brand_manager", "fulfillment", "compliance", "operator"]
    brands: list[str]
    """
    that you reach; `*` for all
    """
    person: str | None
    """
    for influencers: whom the credential stands for
    """
    holder: str | None
    """
    the human of staff behind the credential; null for a service
    """
    permissions: list[
        Literal[
            "claim",
            "record_fulfillment",
            "approve_claims",
            "export_disclosures",
            "see_campaigns",
            "run_campaigns",
            "settle_disputes",
            "make_statements",
            "see_legal_names",
            "record_sightings",
            "export_tax",
            "run_incidents",
            "record_consents",
            "manage_webhooks",
            "keep_records",
            "read_feedback",
            "judge_posts",
            "promote",
            "retract_promotions",
            "make_offers",
            "manage_tokens",
            "approve_campaigns",
        ]
    ]
    credential: str
    """
    the id of the token or session
    """


class NewJudgement(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    outcome: Literal["pass", "fail", "unclear"]
    """
    Whether the disclosure is clear and conspicuous (16 CFR 255.0(f)), as a human saw it.
    """
    failures: list[
        Literal[
            "absent",
            "bio_only",
            "after_more",
            "hashtag_pile",
            "ambiguous_terms",
            "platform_tool_alone",
            "other_mode",
            "easy_to_miss",
            "another_language",
            "other",
        ]
    ] = []
    """
    where a failing one fails
    """
    note: str = ""
    """
    the person is told
    """
    picture: str | None = None
    """
    a screenshot that was given before
    """


class NewTokenBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    role: Literal["influencer", "brand_manager", "fulfillment", "compliance", "operator"]
    label: str
    brands: list[str] = []
    """
    that it reaches; `*` for all
    """
    permissions: (
        list[
            Literal[
                "claim",
                "record_fulfillment",
                "approve_claims",
                "export_disclosures",
                "see_campaigns",
                "run_campaigns",
                "settle_disputes",
                "make_statements",
                "see_legal_names",
                "record_sightings",
                "export_tax",
                "run_incidents",
                "record_consents",
                "manage_webhooks",
                "keep_records",
                "read_feedback",
                "judge_posts",
                "promote",
                "retract_promotions",
                "make_offers",
                "manage_tokens",
                "approve_campaigns",
            ]
        ]
        | None
    ) = None
    """
    of what the role may, only these; left out: all of it
    """
    days: int = 90
    """
    for how many days it lives
    """
    mine: bool = False
    """
    for your own use, under your name; else for a service, which cannot approve what a second person has to
    """


class OwnEvidence(BaseModel):
    locations: list[Fact]
    consent: Consent | None = None
    """
    to it that my device tells where it is
    """
    born_on: Fact | None = None
    words: list[EvidenceWords]


class PeopleConcerned(BaseModel):
    """
    What the change does to people; nobody is named.
    """

    at: AwareDatetime
    people: int
    """
    everybody who was judged under both
    """
    gained: int
    """
    eligible under the new one only
    """
    lost: int
    """
    eligible under the old one only
    """
    changed: int
    """
    whose verdict is another one
    """
    eligible: OldAndNew
    stock: OldAndNew
    transitions: list[ChangedVerdict]


class Perk(BaseModel):
    """
    A perk, and the decision that a claim would come to right now.
    """

    campaign: str
    brand: str
    title: str
    perk: PerkItem
    disclosure: str
    """
    the kind of material connection (16 CFR 255.5)
    """
    opens: AwareDatetime
    closes: AwareDatetime
    version: str
    verdict: str
    """
    eligible, ineligible or unknown
    """
    claimable: bool
    """
    eligible, open, in stock, and not yet had
    """
    reasons: list[Reason]
    tree: ReasonNode
    decided_at: AwareDatetime
    tax_notice: TaxNotice | None = None


class Perks(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    perks: list[Perk]


class PersonConsents(BaseModel):
    person: str
    consents: list[Consent]
    history: list[ConsentAct]


class Post(BaseModel):
    post: int
    claim: str
    person: str
    handle: str | None
    brand: str
    campaign: str
    url: str
    seen_at: AwareDatetime
    reported_by: str
    state: str
    """
    waiting for somebody to look, or pass, fail, unclear
    """
    held: bool
    """
    whether the unit is with them, undisputed; else nothing is sent to them
    """
    judgement: Judgement | None
    """
    the latest
    """
    remedy: Remedy | None


class PostInFull(BaseModel):
    post: int
    claim: str
    person: str
    handle: str | None
    brand: str
    campaign: str
    url: str
    seen_at: AwareDatetime
    reported_by: str
    state: str
    """
    waiting for somebody to look, or pass, fail, unclear
    """
    held: bool
    """
    whether the unit is with them, undisputed; else nothing is sent to them
    """
    judgement: Judgement | None
    """
    the latest
    """
    remedy: Remedy | None
    history: list[Judgement]
    pictures: list[GivenPicture]


class Posts(BaseModel):
    posts: list[Post]
    next: int | None = None
    """
    `cursor` of the next page; absent on the last
    """


class PromotionStory(BaseModel):
    promotion: str
    claim: str
    brand: str
    campaign: str
    channel: str
    publisher: str
    state: str
    """
    queued, published, cancelled, retracted or taken_down
    """
    text: str | None
    """
    none once the person was erased
    """
    disclosure: str
    """
    to be shown with the text, as easy to see
    """
    text_hash: str
    """
    SHA-256 over a salt, the text and the disclosure
    """
    place: str | None
    """
    where it is or was
    """
    asked_at: AwareDatetime
    decision: str
    history: list[Act]
    told: list[Telling]
    salt: str | None = None
    """
    of the hash; for the person alone
    """


class Record(BaseModel):
    person: str
    made_at: AwareDatetime
    sections: list[Section]
    nothing_of: list[str]
    rights: str


class SettlementBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
    )
    outcome: Literal["upheld", "rejected"]
    reason: str
    """
    the person is told
    """
    correction: CorrectionBody | None = None
    """
    of an upheld dispute; void if left out
    """


class VersionDiff(BaseModel):
    campaign: str
    live: str | None
    """
    the version that is live
    """
    old: ComparedVersion
    new: ComparedVersion
    sentences: list[str]
    """
    what the new one does otherwise
    """
    changes: list[ChangedKey]
    lines: list[ChangedLine] | None
    """
    null where a file is too long for it
    """
    people: PeopleConcerned | None
    """
    null where nobody was judged
    """
    not_judged: Literal["not_asked", "same_rule", "too_many", "incomparable"] | None
    """
    why nobody was judged
    """
    why_not_judged: str | None
    """
    the same in words
    """


class OwnPosts(BaseModel):
    posts: list[Post]


class OwnPromotions(BaseModel):
    next: str | None = None
    """
    the cursor of the next page; the last has none
    """
    promotions: list[PromotionStory]


ReasonNode.model_rebuild()
