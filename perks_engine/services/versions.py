"""The campaign versions in use, decoded once each: a version is immutable, so it can be kept."""

from __future__ import annotations

import json
from threading import Lock

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.codec import decode
from perks_engine.services.errors import NotFoundError
from perks_engine.services.ports import Transaction

MOST_KEPT = 1_000


class Versions:
    """Decodes the canonical form of versions and remembers the latest `MOST_KEPT` of them."""

    def __init__(self) -> None:
        self._kept: dict[str, Campaign] = {}
        self._lock = Lock()

    def kept(self, version: str) -> Campaign | None:
        return self._kept.get(version)

    def get(self, version: str, tx: Transaction) -> Campaign:
        """Raises `NotFoundError` for a version that was never loaded."""
        kept = self._kept.get(version)
        if kept is not None:
            return kept
        record = tx.campaigns.version(version)
        if record is None:
            raise NotFoundError("campaign.version_unknown", f"no version {version} was ever loaded")
        campaign = decode(Campaign, json.loads(record.canonical)["campaign"])
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[version] = campaign
        return campaign
