"""Room for entries that are still to come: the ledger on PostgreSQL lies in parts, which are made ahead."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.services.ports import Store


@dataclass(frozen=True, slots=True)
class MakingRoom:
    store: Store

    def make(self) -> int:
        """How many parts were made; none where there is room, or the database needs none."""
        with self.store.write() as tx:
            return tx.ledger.make_room()
