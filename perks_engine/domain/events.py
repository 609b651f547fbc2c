"""What a brand can be told as it happens: the types of events, and which move of a unit is which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from perks_engine.domain.campaign import CampaignAct
from perks_engine.domain.fulfillment import MoveKind

EVERY = "*"
"""All types there are and will be, where a webhook names the types that it wants."""


class EventType(StrEnum):
    GRANTED = "claim.granted"
    EXPIRED = "claim.expired"
    APPROVED = "claim.approved"
    DECLINED = "claim.declined"
    CANCELLED = "claim.cancelled"
    SUBSTITUTED = "claim.substituted"
    PACKED = "claim.packed"
    SHIPPED = "claim.shipped"
    RECEIVED = "claim.received"
    PART_RECEIVED = "claim.part_received"
    LOST = "claim.lost"
    FOUND = "claim.found"
    NOT_TAKEN = "claim.not_taken"
    RETURNED = "claim.returned"
    PART_RETURNED = "claim.part_returned"
    REPLACED = "claim.replaced"
    VOIDED = "claim.voided"
    AMENDED = "claim.amended"
    LIST_CORRECTED = "disclosures.corrected"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_UPHELD = "dispute.upheld"
    DISPUTE_REJECTED = "dispute.rejected"
    DISPUTE_WITHDRAWN = "dispute.withdrawn"
    CAMPAIGN_OPENED = "campaign.opened"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_RESUMED = "campaign.resumed"
    CAMPAIGN_CLOSED = "campaign.closed"
    INCIDENT_APPLIED = "incident.applied"
    PERSON_ERASED = "person.erased"
    PROMOTION_QUEUED = "promotion.queued"
    PROMOTION_PUBLISHED = "promotion.published"
    PROMOTION_CANCELLED = "promotion.cancelled"
    PROMOTION_RETRACTED = "promotion.retracted"
    PROMOTION_TAKEN_DOWN = "promotion.taken_down"


_M, _E = MoveKind, EventType
OF_MOVE: Mapping[MoveKind, EventType] = {
    _M.RESERVE: _E.GRANTED,
    _M.EXPIRE: _E.EXPIRED,
    _M.APPROVE: _E.APPROVED,
    _M.DECLINE: _E.DECLINED,
    _M.CANCEL: _E.CANCELLED,
    _M.SUBSTITUTE: _E.SUBSTITUTED,
    _M.PACK: _E.PACKED,
    _M.SHIP: _E.SHIPPED,
    _M.DELIVER: _E.RECEIVED,
    _M.CONFIRM: _E.RECEIVED,
    _M.HAND_OVER: _E.RECEIVED,
    _M.CHECK_IN: _E.RECEIVED,
    _M.REDEEM: _E.RECEIVED,
    _M.DELIVER_MORE: _E.PART_RECEIVED,
    _M.LOSE: _E.LOST,
    _M.FIND: _E.FOUND,
    _M.REFUSE: _E.NOT_TAKEN,
    _M.RETURN: _E.RETURNED,
    _M.RETURN_PART: _E.PART_RETURNED,
    _M.REPLACE: _E.REPLACED,
    _M.VOID: _E.VOIDED,
    _M.AMEND: _E.AMENDED,
}
"""Every move of a claim's unit; stock that comes and goes is told to nobody."""

OF_CAMPAIGN: Mapping[CampaignAct, EventType] = {
    CampaignAct.OPENED: _E.CAMPAIGN_OPENED,
    CampaignAct.PAUSED: _E.CAMPAIGN_PAUSED,
    CampaignAct.RESUMED: _E.CAMPAIGN_RESUMED,
    CampaignAct.CLOSED: _E.CAMPAIGN_CLOSED,
}
