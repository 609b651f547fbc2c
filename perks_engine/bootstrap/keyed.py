"""What needs a key: the log's heads, links in letters, and the secrets of webhooks."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from perks_engine.delivery.event_courier import EventCourier
from perks_engine.delivery.head_webhook import HeadWebhook
from perks_engine.delivery.log_files import HeadFile, nowhere, read_keys
from perks_engine.services.announcing import Announcing
from perks_engine.services.links import Links
from perks_engine.services.ports import Clock
from perks_engine.services.sealing import Sealing
from perks_engine.services.telling import Telling
from perks_engine.services.webhook_secrets import SecretBox
from perks_engine.services.webhooks import Webhooks
from perks_engine.settings import Settings
from perks_engine.storage.unit_of_work import SqlStore


class Keyed:
    """A part of `Application`."""

    settings: Settings
    clock: Clock
    store: SqlStore

    @cached_property
    def sealing(self) -> Sealing:
        """Signs with the keys that PERKS_LOG_KEY names, else with `keys/log.key` where that is there.

        Raises `KeyFileError` where the file cannot be used.
        """
        here = Path("keys") / "log.key"
        file = self.settings.log_key or (here if here.is_file() else None)
        keys = read_keys(file) if file else None
        publish = HeadFile(self.settings.log_heads) if self.settings.log_heads else nowhere
        return Sealing(self.store, self.clock, keys, publish)

    @cached_property
    def announcing(self) -> Announcing:
        url = self.settings.log_webhook
        webhook = HeadWebhook(str(url), self.settings.authorities) if url else None
        return Announcing(self.store, self.clock, webhook)

    @cached_property
    def links(self) -> Links:
        return Links(self._link_secrets, self.settings.public_url.rstrip("/"))

    def _link_secrets(self) -> tuple[bytes, ...]:
        """Of the keys that PERKS_LINK_KEY names, else of those that sign the log."""
        file = self.settings.link_key
        if file is None and not self.sealing.has_keys:
            return ()
        keys = read_keys(file) if file else self.sealing.keys
        return tuple(key.private.private_bytes_raw() for key in keys.signing)

    @cached_property
    def courier(self) -> EventCourier:
        return EventCourier(self.settings.webhook_networks, self.settings.authorities)

    @cached_property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.store, self.clock, self.courier, SecretBox(self._link_secrets))

    @cached_property
    def telling(self) -> Telling:
        box, kept_for = SecretBox(self._link_secrets), timedelta(days=self.settings.webhook_keep_days)
        return Telling(self.store, self.clock, self.courier, box, random.SystemRandom().random, kept_for)
