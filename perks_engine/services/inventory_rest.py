"""Tables that hold nothing about people who opted in."""

from __future__ import annotations

from perks_engine.services.inventory import OURS, Span, held

OF_STAFF = (
    held(
        "contact",
        "members of a brand's staff",
        "to tell a brand's staff about its campaigns",
        OURS,
        Span.MEMBER,
        kept="brand email name added_by added_at",
        of_staff=True,
    ),
)

IMPERSONAL = {
    "campaign": ("campaigns", "name brand state version latest opens_at closes_at counted_from created_at"),
    "campaign_version": (
        "versions of campaigns",
        "version campaign brand canonical source examples_total examples_failed loaded_at loaded_by",
    ),
    "campaign_event": (
        "what staff did with a campaign, and at which point a guard found a pile of people",
        "event_id campaign act state version acted_by acted_at why numbers",
    ),
    "area": ("areas", "sha256 name geojson"),
    "preview": ("previews, as counts", "preview_id version made_by made_at summary"),
    "approval": ("approvals of versions", "version preview_id approved_by approved_at"),
    "guard_lane": ("locks of guards", "campaign lane"),
    "stock": ("stock", "campaign units per_person hot"),
    "slot": ("free units", "slot_id campaign place"),
    "listed": ("up to when lists were given", "listed_id as_of"),
    "consent_text": (
        "words that people were shown",
        "purpose channel version language sha256 words first_used_at",
    ),
    "age_refusal": ("how many were refused for their age", "refused_on people"),
    "geocoder_turn": ("when a geocoder may be asked next", "geocoder next_at"),
    "incident": (
        "incidents",
        "incident_id brand campaign version source since until wrong opened_by opened_at",
    ),
    "incident_event": (
        "what staff did about an incident",
        "event_id incident_id act subject acted_by acted_at numbers",
    ),
    "incident_job": (
        "how far the work on an incident is",
        "job_id incident_id kind subject asked_by asked_at correction place done total attempts "  # noqa: ISC004
        "started_at ended_at error why leased_by leased_until",
    ),
    "offer_run": (
        "how far it is to tell people of a campaign",
        "run_id campaign asked_by asked_at reached offered passed_over waits_for ended_at",
    ),
    "lease": ("which process does which chore", "name holder held_until"),
    "log_leaf": ("the log: commitments that nothing opens without a salt", "position entry_id data hash"),
    "log_node": ("the tree above the log", "level place hash"),
    "log_head": ("signed heads of the log", "size note signed_at"),
    "head_delivery": ("deliveries of heads", "size attempts tried_at delivered_at error"),
    "webhook": (
        "addresses of brands that are told events",
        "webhook_id brand url publisher created_by created_at "  # noqa: ISC004 - columns
        "disabled_at disabled_why removed_at failures rests_until",
    ),
    "webhook_type": ("which events a brand wants", "webhook_id type"),
    "webhook_secret": ("sealed secrets of webhooks", "webhook_id number sealed made_at expires_at"),
    "event_delivery": (
        "how far events have come",
        "event_id webhook_id state attempts next_at leased_by leased_until tried_at settled_at status why",
    ),
    "erasing": ("who is being erased at this moment: empty but within that transaction", "person_id"),
    "suppression_key": ("the key of the hashes of erased people", "key_id key"),
    "dropped_file": ("files that are to be deleted", "stored_as dropped_at"),
    "provider_logout": (
        "who signed out at an OpenID provider, as hashes, for 30 days",
        "logout_id subject_hash session_hash said_at",
    ),
    "retention_count": ("how much retention removed", "removed_on what rows"),
}
