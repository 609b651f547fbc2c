"""The human yes that a campaign asks for: a granted claim waits for it before anything is packed.

Declined, the unit goes back to stock, with a reason that the person is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.fulfillment import Fulfillment, IllegalMoveError, MoveKind
from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Actor, Permission
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.letters import Letters
from perks_engine.services.moving import Unit, append_move, unit_of
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, Store, Transaction, UnitMovedError
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, claim_view


@dataclass(frozen=True, slots=True)
class Approving:
    store: Store
    versions: Versions
    letters: Letters
    clock: Clock

    def waiting(self, actor: Actor, after: str | None = None, limit: int | None = None) -> list[View]:
        """The claims that wait for a yes, of the brands that the actor reaches, the oldest first."""
        actor.require(Permission.APPROVE_CLAIMS)
        found: list[View] = []
        with self.store.read() as tx:
            for claim in tx.claims.reserved(actor.reach, after):
                if limit is not None and len(found) >= limit:
                    break
                if self.versions.get(claim.version, tx).approval_required:
                    found.append(claim_view(claim))
        return found

    def approve(self, claim_id: str, actor: Actor, key: str) -> Mapping[str, Any]:
        """Raises `RefusedError` where the claim waits for nobody."""
        return self._decide(MoveKind.APPROVE, claim_id, "", actor, key)

    def decline(self, claim_id: str, why: str, actor: Actor, key: str) -> Mapping[str, Any]:
        """Raises `InvalidInputError` without a reason, `RefusedError` where the claim waits for nobody."""
        if not why.strip():
            raise InvalidInputError(
                "approval.why", phrase("to decline needs a reason: the person is told it")
            )
        return self._decide(MoveKind.DECLINE, claim_id, why, actor, key)

    def _decide(self, kind: MoveKind, claim_id: str, why: str, actor: Actor, key: str) -> Mapping[str, Any]:
        actor.require(Permission.APPROVE_CLAIMS)
        actor.require_human(phrase("to approve or decline a claim"))
        now = self.clock()

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            unit = self._unit(tx, claim_id, actor)
            try:
                moved = append_move(tx, unit, Fulfillment(claim_id, kind, now, note=why), now, actor.name)
            except IllegalMoveError as error:
                raise RefusedError(error.code, error.words) from error
            self._tell(tx, unit, kind, why, now)
            answer = claim_view(replace(unit.claim, account=moved.move.target))
            keep(answer)
            return answer

        request = {"operation": kind.value, "claim": claim_id, "why": why}
        try:
            return once(self.store, f"staff:{actor.name}", key, request, now, work)
        except UnitMovedError as error:
            raise RefusedError(
                "fulfillment.moved", phrase("somebody else decided it meanwhile; look again")
            ) from error

    def _unit(self, tx: Transaction, claim_id: str, actor: Actor) -> Unit:
        claim = tx.claims.get(claim_id)
        record = tx.campaigns.get(claim.campaign) if claim else None
        unit = unit_of(tx, self.versions, claim) if claim else None
        if unit is None or record is None or not actor.may(Permission.APPROVE_CLAIMS, record.brand):
            raise NotFoundError(
                "claim.unknown",
                phrase("there is no claim {claim_id} that you can decide on", claim_id=claim_id),
            )
        return unit

    def _tell(self, tx: Transaction, unit: Unit, kind: MoveKind, why: str, now: datetime) -> None:
        card = tx.people.card(unit.claim.person_id)
        if card is None:
            return  # who was erased is told nothing
        if kind is MoveKind.APPROVE:
            self.letters.approved(tx, card, unit.claim, unit.campaign, now)
        else:
            self.letters.declined(tx, card, unit.claim, unit.campaign, why, now)
