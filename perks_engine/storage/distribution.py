"""Whether the schema would lie on a distributed PostgreSQL: the rules of Citus, looked for in the tables.

A table lies everywhere (a reference table, of which each node has a copy), by person, by campaign, or on
one node. What is distributed has the key in its primary key and in each unique, takes its numbers from no
sequence that all shards would share, and refers to reference tables, or to tables by the same key and with
that key. CockroachDB has no such key; there the same findings are keys that are all written at one end, and
uniques that are looked up on other nodes.

The schema does not keep all of it today, for on one PostgreSQL it need not. Each deviation stands below,
with why it may stay and what becomes of it when the tables are spread out; a test holds the list to the
tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, MetaData, Table, UniqueConstraint


class Lies(StrEnum):
    EVERYWHERE = "everywhere"
    BY_PERSON = "by person_id"
    BY_CAMPAIGN = "by campaign"
    ON_ONE_NODE = "on one node"


KEY: Mapping[Lies, str] = {Lies.BY_PERSON: "person_id", Lies.BY_CAMPAIGN: "campaign"}

_TABLES: Mapping[Lies, str] = {
    # Written by staff, or a few rows a day; read with every claim.
    Lies.EVERYWHERE: """
        area campaign campaign_version approval preview consent_text contact webhook webhook_secret
        webhook_type listed offer_run suppression_key
    """,
    Lies.BY_PERSON: """
        acknowledgement allowance claim claim_code consent consent_request data_request decision
        dispute_event duty_step entry erasing evidence feedback_request feedback_version
        feedback_words holding idempotency judgement judgement_note legal_hold mail_report message
        message_delivery naming offer open_dispute person picture promotion promotion_event
        promotion_told receipt_denial rectification remedy_step sighting sign_in web_session
    """,
    Lies.BY_CAMPAIGN: "campaign_event guard_count guard_lane slot stock",
    # The log has one order; the rest is small, or looked through as a whole.
    Lies.ON_ONE_NODE: """
        age_refusal api_token brand_event carrier_report disclosure_export dispute_file dropped_file
        erasure event_delivery geocoding geocoder_turn head_delivery incident incident_done
        incident_event incident_fact incident_job incident_line incident_reason incident_step
        leaf_salt lease log_head log_leaf log_node provider_logout
        retention_count staff_action statement_request suppression
    """,
}
PLACES: Mapping[str, Lies] = {name: lies for lies, names in _TABLES.items() for name in names.split()}


def deviations(metadata: MetaData) -> Iterator[str]:
    """`table: what is against the rules`, for every table; raises `KeyError` for one that has no place."""
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        lies = PLACES[table.name]
        key = KEY.get(lies)
        if key is not None and key not in table.c:
            yield f"{table.name}: has no {key}"
            continue
        if key is not None:
            for what, columns in _uniques(table):
                if key not in columns:
                    yield f"{table.name}: {what} ({', '.join(columns)}) without {key}"
            if any(column.autoincrement is True for column in table.primary_key):
                yield f"{table.name}: numbered by a sequence"
        for one in sorted(table.foreign_key_constraints, key=lambda it: it.referred_table.name):
            if not _is_together(one, lies, key):
                yield f"{table.name}: refers to {one.referred_table.name} by {', '.join(one.column_keys)}"


def _uniques(table: Table) -> Iterator[tuple[str, list[str]]]:
    yield "primary key", [column.name for column in table.primary_key]
    constraints = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    indexes = [one.columns for one in table.indexes if one.unique]
    found = [[column.name for column in one] for one in (*constraints, *indexes)]
    yield from (("unique", columns) for columns in sorted(found))


def _is_together(one: ForeignKeyConstraint, lies: Lies, key: str | None) -> bool:
    there = PLACES[one.referred_table.name]
    if there is Lies.EVERYWHERE:
        return True
    if there is not lies:
        return False
    return key is None or key in one.column_keys


_BY_ITSELF = """
It is an id of a moment and 80 random bits, or holds one: unique over all nodes by itself. Spread out, the
person's id comes before it in the key, which asks nothing of other nodes.
"""
_THROUGH_ITS_CLAIM = """
It bears the id of a claim, a message or the like, and finds its person through that. Spread out, the
person's id is a column of it, written along.
"""
_SAME_PERSON = """
It refers to a row of the same person: once the person's id is in both keys, both lie on one node.
"""
_IN_ORDER = """
It is numbered so that what comes later sorts later, and that matters within one person, or one campaign.
Spread out, each node numbers its own, and the key of the table comes before the number.
"""
_IN_THE_LOG = """
Entries have one order on one PostgreSQL, by which the ledger lies in parts. Spread out, each node numbers
its own; the log has an order of its own, that of its leaves, which the sealer gives.
"""
_INTO_THE_NODES = """
It lies on one node and refers to rows on all: spread out, no database holds that, and `perks ledger
verify`, which compares each leaf with its entry, or whoever reads the row finds out.
"""
_HANDLE = """
A handle is one person's among all. Spread out, handles are a table of their own, keyed by the handle,
written when somebody joins or is renamed; no claim touches it.
"""
_SCOPE = """
Its scope names the person, or the member of staff, and is in its primary key. Spread out, a person's are
keyed by the person's id, so that a claim and its answer lie on one node.
"""

JUSTIFIED: Mapping[str, str] = {
    _BY_ITSELF: """
        acknowledgement: primary key (claim_id) without person_id
        claim: primary key (claim_id) without person_id
        claim: unique (decision_id) without person_id
        consent: unique (request_id) without person_id
        consent_request: primary key (request_id) without person_id
        decision: primary key (decision_id) without person_id
        dispute_event: unique (dispute_id) without person_id
        holding: primary key (claim_id) without person_id
        legal_hold: primary key (hold_id) without person_id
        mail_report: primary key (report_id) without person_id
        mail_report: unique (message_id, event) without person_id
        message: primary key (message_id) without person_id
        picture: primary key (picture_id) without person_id
        picture: unique (claim_id, use, sha256) without person_id
        picture: unique (stored_as) without person_id
        promotion: primary key (promotion_id) without person_id
        promotion: unique (claim_id, channel, publisher) without person_id
        promotion: unique (decision_id) without person_id
        sighting: unique (claim_id, url) without person_id
        sign_in: primary key (sign_in_id) without person_id
        web_session: primary key (session_id) without person_id
    """,
    _THROUGH_ITS_CLAIM: """
        claim_code: has no person_id
        duty_step: has no person_id
        feedback_request: has no person_id
        feedback_version: has no person_id
        feedback_words: has no person_id
        judgement: has no person_id
        judgement_note: has no person_id
        message_delivery: has no person_id
        open_dispute: has no person_id
        promotion_event: has no person_id
        promotion_told: has no person_id
        remedy_step: has no person_id
    """,
    _SAME_PERSON: """
        acknowledgement: refers to claim by claim_id
        claim: refers to decision by decision_id
        consent: refers to consent_request by request_id
        dispute_event: refers to claim by claim_id
        dispute_event: refers to entry by correction
        dispute_event: refers to entry by entry_id
        entry: refers to claim by claim_id
        entry: refers to entry by corrects
        holding: refers to claim by claim_id
        offer: refers to decision by decision_id
        picture: refers to claim by claim_id
        promotion: refers to claim by claim_id
        promotion: refers to decision by decision_id
        receipt_denial: refers to claim by claim_id
        receipt_denial: refers to entry by entry_id
        sighting: refers to claim by claim_id
    """,
    _IN_ORDER: """
        campaign_event: primary key (event_id) without campaign
        campaign_event: numbered by a sequence
        consent: primary key (consent_id) without person_id
        consent: numbered by a sequence
        data_request: primary key (request_id) without person_id
        data_request: numbered by a sequence
        dispute_event: primary key (event_id) without person_id
        dispute_event: numbered by a sequence
        evidence: primary key (evidence_id) without person_id
        evidence: numbered by a sequence
        naming: primary key (naming_id) without person_id
        naming: numbered by a sequence
        receipt_denial: primary key (denial_id) without person_id
        receipt_denial: numbered by a sequence
        rectification: primary key (rectification_id) without person_id
        rectification: numbered by a sequence
        sighting: primary key (sighting_id) without person_id
        sighting: numbered by a sequence
        slot: primary key (slot_id) without campaign
        slot: numbered by a sequence
    """,
    _IN_THE_LOG: """
        entry: primary key (entry_id) without person_id
        entry: numbered by a sequence
    """,
    _INTO_THE_NODES: """
        carrier_report: refers to claim by claim_id
        incident_line: refers to decision by decision_id
        log_leaf: refers to entry by entry_id
    """,
    _HANDLE: "person: unique (handle) without person_id",
    _SCOPE: "idempotency: has no person_id",
}
"""Each deviation below why it may stay, and what becomes of it."""
