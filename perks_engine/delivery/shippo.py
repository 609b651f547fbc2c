"""Shippo: the event `track_updated`, signed.

`Shippo-Auth-Signature` is `t=` and the seconds since 1970, then `v1=` and HMAC-SHA-256 in hex over that
number, a dot and the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

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


class Shippo:
    name = "shippo"
    moves: Mapping[str, MoveKind | str | None] = {
        "UNKNOWN": None,
        "PRE_TRANSIT": None,
        "TRANSIT": None,
        "DELIVERED": MoveKind.DELIVER,
        "RETURNED": MoveKind.RETURN,
        "FAILURE": NEEDS_A_LOOK,
    }

    def check(self, message: SignedMessage, secret: str, now: datetime) -> None:
        given = header(message.headers, "shippo-auth-signature")
        parts = {name: value for name, _, value in (part.strip().partition("=") for part in given.split(","))}
        seconds = parts.get("t", "")
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
            raise WebhookError("webhook.unsigned", "the header shippo-auth-signature names no time")
        check_signature(parts.get("v1", ""), secret, seconds.encode() + b"." + message.body)
        check_age(datetime.fromtimestamp(int(seconds), UTC), now)

    def read(self, body: bytes) -> CarrierReport | None:
        event = object_in(body)
        if event.get("event") != "track_updated":
            return None
        track = as_object(event.get("data"), "data")
        status = as_object(track.get("tracking_status"), "tracking_status")
        number, word = text_of(track, "tracking_number"), text_of(status, "status", 60)
        occurred_at = instant_of(status.get("status_date"))
        is_named = status.get("object_id") is not None
        return CarrierReport(
            event_id=text_of(status, "object_id", 200) if is_named else f"{number}/{word}/{occurred_at}",
            tracking_number=number,
            carrier=text_of(track, "carrier", 60),
            status=word,
            occurred_at=occurred_at,
        )
