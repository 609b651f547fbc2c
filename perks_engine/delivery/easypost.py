"""EasyPost: the event `tracker.updated`, signed with its second scheme.

`X-Hmac-Signature-V2` is `hmac-sha256-hex=` and HMAC-SHA-256 over the header `X-Timestamp`, the method, the
header `X-Path` and the body, one after the other. The first scheme signs the body alone, so that whoever has
seen one message could send it for ever: it is not taken.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from perks_engine.delivery.signed_webhooks import (
    as_object,
    check_signature,
    header,
    instant_of,
    object_in,
    text_of,
)
from perks_engine.domain.fulfillment import MoveKind
from perks_engine.services.carriers import (
    NEEDS_A_LOOK,
    CarrierReport,
    SignedMessage,
    WebhookError,
    check_age,
)

_PREFIX = "hmac-sha256-hex="
_EVENTS = ("tracker.created", "tracker.updated")


class EasyPost:
    name = "easypost"
    moves: Mapping[str, MoveKind | str | None] = {
        "unknown": None,
        "pre_transit": None,
        "in_transit": None,
        "out_for_delivery": None,
        "available_for_pickup": None,
        "delivered": MoveKind.DELIVER,
        "return_to_sender": MoveKind.RETURN,
        "failure": NEEDS_A_LOOK,
        "cancelled": NEEDS_A_LOOK,
        "error": NEEDS_A_LOOK,
    }

    def check(self, message: SignedMessage, secret: str, now: datetime) -> None:
        given = header(message.headers, "x-hmac-signature-v2")
        timestamp = header(message.headers, "x-timestamp")
        path = header(message.headers, "x-path")
        # A proxy may have cut the front of the path off.
        if not path.partition("?")[0].endswith(message.path):
            raise WebhookError("webhook.signature", f"it was signed for {path}, not for {message.path}")
        signed = f"{timestamp}{message.method}{path}".encode() + message.body
        check_signature(given.removeprefix(_PREFIX), unicodedata.normalize("NFKD", secret), signed)
        check_age(_when(timestamp), now)

    def read(self, body: bytes) -> CarrierReport | None:
        event = object_in(body)
        if event.get("description") not in _EVENTS:
            return None
        tracker = as_object(event.get("result"), "result")
        status = text_of(tracker, "status", 60)
        return CarrierReport(
            event_id=text_of(event, "id"),
            tracking_number=text_of(tracker, "tracking_code"),
            carrier=text_of(tracker, "carrier", 60),
            status=status,
            occurred_at=_scanned_at(tracker, status),
        )


def _scanned_at(tracker: Mapping[str, Any], status: str) -> datetime | None:
    """When the carrier scanned the latest detail of that status."""
    details = tracker.get("tracking_details")
    listed = cast("list[Any]", details) if isinstance(details, list) else []
    scans = [cast("dict[str, Any]", one) for one in listed if isinstance(one, dict)]
    times = [instant_of(scan.get("datetime")) for scan in scans if scan.get("status") == status]
    return max((moment for moment in times if moment is not None), default=None)


def _when(timestamp: str) -> datetime:
    """A time as in an e-mail (RFC 5322), or in ISO 8601."""
    found = instant_of(timestamp)
    if found is not None:
        return found
    try:
        moment = parsedate_to_datetime(timestamp)
    except (ValueError, IndexError, TypeError) as error:
        raise WebhookError("webhook.unsigned", "the header x-timestamp is not a time") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
