"""Who is asking: API tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from perks_engine.services.last_used import LastUsed
from perks_engine.services.ports import Clock
from perks_engine.services.tokens import Tokens
from perks_engine.storage.unit_of_work import SqlStore


class Identified:
    """A part of `Application`."""

    clock: Clock
    store: SqlStore

    @cached_property
    def last_used(self) -> LastUsed:
        return LastUsed(self._write_used)

    def _write_used(self, at: Mapping[str, datetime]) -> None:
        with self.store.write() as tx:
            tx.tokens.used(at)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.store, self.clock, self.last_used)
