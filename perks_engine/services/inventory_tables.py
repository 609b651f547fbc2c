"""The inventory itself: every table of the schema. An erasure goes through it from top to bottom."""

from __future__ import annotations

from perks_engine.services.inventory import Inventory
from perks_engine.services.inventory_gone import GONE
from perks_engine.services.inventory_ledger import LEDGER
from perks_engine.services.inventory_rest import IMPERSONAL, OF_STAFF
from perks_engine.services.inventory_said import TOLD_AND_SAID

INVENTORY = Inventory(
    (*GONE, *TOLD_AND_SAID, *LEDGER, *OF_STAFF),
    {name: (what, frozenset(columns.split())) for name, (what, columns) in IMPERSONAL.items()},
)
