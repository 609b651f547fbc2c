"""What adapters for signed webhooks share: the signatures, and reading JSON out of strangers' hands."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from perks_engine.services.carriers import WebhookError
from perks_engine.services.webhook_secrets import WEBHOOK_SECRET


def check_signature(given: str, secret: str, signed: bytes) -> None:
    """`given` is hex of HMAC-SHA-256 (RFC 2104) over the bytes; raises `WebhookError`."""
    expected = hmac.digest(secret.encode(), signed, "sha256").hex()
    if not hmac.compare_digest(given.strip().lower().encode(), expected.encode()):
        raise WebhookError("webhook.signature", "its signature is not one of the secret that is set")


def standard_signature(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    """By the convention of Standard Webhooks: `v1,` and base64 of HMAC-SHA-256 over id, time and body.
    `secret` is `whsec_` and base64; `timestamp` counts seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(WEBHOOK_SECRET))
    signed = b".".join((event_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def header(headers: Mapping[str, str], name: str) -> str:
    """Raises `WebhookError` where it is missing."""
    if not headers.get(name):
        raise WebhookError("webhook.unsigned", f"the header {name} is missing")
    return headers[name]


def object_in(body: bytes) -> Mapping[str, Any]:
    """The JSON object that a body is; raises `WebhookError`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WebhookError("webhook.unreadable", "the body is not JSON") from error
    return as_object(found, "the body")


def as_object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise WebhookError("webhook.unreadable", f"{what} is not an object")
    return cast("Mapping[str, Any]", value)


def text_of(found: Mapping[str, Any], name: str, longest: int = 120) -> str:
    """A text that has to be there; raises `WebhookError`."""
    value = found.get(name)
    if not isinstance(value, str) or not value or len(value) > longest or not value.isprintable():
        raise WebhookError("webhook.unreadable", f"{name} is not a text of up to {longest} characters")
    return value


def instant_of(value: Any) -> datetime | None:
    """An instant in ISO 8601; None where there is none, or it has no zone."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
