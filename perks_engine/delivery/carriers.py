"""The carriers whose webhooks can be read."""

from __future__ import annotations

from collections.abc import Mapping

from perks_engine.delivery.easypost import EasyPost
from perks_engine.delivery.shippo import Shippo
from perks_engine.services.carriers import CarrierAdapter

CARRIERS: Mapping[str, CarrierAdapter] = {one.name: one for one in (EasyPost(), Shippo())}
