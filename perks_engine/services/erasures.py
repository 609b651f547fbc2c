"""Which erasures there were, each with its receipt, for who has to answer for it."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.services.access import Actor
from perks_engine.services.erasing import require_keeper
from perks_engine.services.errors import NotFoundError
from perks_engine.services.keeping_records import Erasure
from perks_engine.services.ports import Store
from perks_engine.services.views import View, instant_view


@dataclass(frozen=True, slots=True)
class Erasures:
    store: Store

    def listed(self, actor: Actor, skip: int, limit: int) -> list[View]:
        """Raises `ForbiddenError` for who does not reach all brands: a person is of no brand."""
        require_keeper(actor)
        with self.store.read() as tx:
            return [_head(one) for one in tx.keeping.erasures(skip, limit)]

    def receipt(self, actor: Actor, pseudonym: str) -> View:
        """One with its receipt, which says what became of what and nothing of who it was."""
        require_keeper(actor)
        with self.store.read() as tx:
            found = tx.keeping.erasure(pseudonym)
        if found is None:
            raise NotFoundError("erasure.unknown", f"there is no erasure {pseudonym}")
        return {**_head(found), "receipt": dict(found.receipt)}


def _head(erasure: Erasure) -> View:
    return {
        "pseudonym": erasure.pseudonym,
        "erased_at": instant_view(erasure.erased_at),
        "through": erasure.through.value,
        "by": erasure.acted_by,
        "kept_until": instant_view(erasure.kept_until),
    }
