"""What the triggers of the schema and those who use it agree upon: names of refusals, and locks.

It stands apart from the migrations, so that who only uses the schema does not load what migrates it.
"""

from __future__ import annotations

UNIT_NOT_THERE = "unit_not_there"
CAMPAIGN_NOT_OPEN = "campaign_not_open"
NOBODY = "claim_of_nobody"
LISTS = 7_335_161
"""The advisory lock (PostgreSQL) that writers of entries share, and that a list waits for."""
LANES = 4
"""Transactions with claims of one campaign that PostgreSQL counts side by side (`storage.guards`): as many as
there are processes that claim, for each writes one at a time."""
