"""A promotion: "NAME received ITEM" on one channel, by one publisher, from the gate's yes to its end."""

from __future__ import annotations

from enum import StrEnum

from perks_engine.domain.campaign import Connection

PROMOTION = "promotion"
"""The purpose of its decisions."""
LIKENESS = "likeness"
"""The purpose of the consent that it needs, by the channel that it is shown on."""
ADULT = 18
"""Nobody younger is promoted, whoever agrees to it."""


class PromotionState(StrEnum):
    """Each is reached by an act of the same name."""

    QUEUED = "queued"
    """The gate said yes: the publisher has the words, and may show them."""
    PUBLISHED = "published"
    """It is out."""
    CANCELLED = "cancelled"
    """It may not be shown any more, and was not out as far as anybody said."""
    RETRACTED = "retracted"
    """It was out and may not be: the publisher has to take it down."""
    TAKEN_DOWN = "taken_down"
    """The publisher says that it did."""


LIVE = (PromotionState.QUEUED, PromotionState.PUBLISHED)
"""Those that the consents and the ledger have to allow at every moment."""


class Cause(StrEnum):
    """Why an act took place. What the ledger did bears the name of its move."""

    ASKED = "asked"
    REPORTED = "reported"
    CONSENT = "consent"
    DISPUTE = "dispute"
    RETURN = "return"
    RETURN_PART = "return_part"
    VOID = "void"
    AMEND = "amend"
    AGE = "age"
    RENAMED = "renamed"
    INCIDENT = "incident"
    ERASED = "erased"
    STAFF = "staff"


RECEIVED = {
    Connection.RECEIVED_ITEM: "received",
    Connection.RECEIVED_SERVICE: "received",
    Connection.ATTENDED_EVENT: "attended",
    Connection.EARLY_ACCESS: "got early access to",
    Connection.PRIZE: "won",
    Connection.PAYMENT: "received",
}
"""What somebody did who has such a connection."""
