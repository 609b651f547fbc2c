"""Secrets of webhooks: shown once to who asked, kept under a seal whose key does not lie in the database."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.sealed_links import LinkSeal, derived_key
from perks_engine.services.errors import RefusedError
from perks_engine.services.event_records import WebhookSecret
from perks_engine.services.links import Secrets

WEBHOOK_SECRET = "whsec_"  # noqa: S105 - what each begins with
PURPOSE = "perks-engine webhook secrets 1"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class SecretBox:
    keys: Secrets

    def new(self, webhook_id: str, number: int, now: datetime) -> tuple[WebhookSecret, str]:
        """A new secret, and its text. Raises `RefusedError` where there is no key to seal it with."""
        keys = self.keys()
        if not keys:
            raise RefusedError(
                "webhook.no_key",
                "there is no key to keep its secret with; make one with `perks ledger new-key FILE` and name "
                "it in PERKS_LINK_KEY (else that of PERKS_LOG_KEY is used)",
            )
        text = WEBHOOK_SECRET + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
        return WebhookSecret(webhook_id, number, _seal(keys[0]).seal(f"{webhook_id} {text}"), now), text

    def opened(self, kept: Sequence[WebhookSecret]) -> tuple[str, ...]:
        """The texts, in the same order, of those that the keys there are still open."""
        seals = [_seal(key) for key in self.keys()]
        found: list[str] = []
        for one in kept:
            texts = (seal.opened(one.sealed) for seal in seals)
            text = next((text for text in texts if text), "")
            # Bound to its webhook: a row that was copied to another one opens nothing.
            if text.startswith(f"{one.webhook_id} "):
                found.append(text.partition(" ")[2])
        return tuple(found)


def _seal(key: bytes) -> LinkSeal:
    return LinkSeal(derived_key(key, PURPOSE))
