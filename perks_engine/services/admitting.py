"""Receipt at a door or a till: the person shows a code that stands for their claim, and staff records it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.fulfillment import Account, Fulfillment, IllegalMoveError, MoveKind
from perks_engine.services.access import Actor, Permission
from perks_engine.services.after_moves import AfterMoves
from perks_engine.services.errors import NotFoundError, RefusedError
from perks_engine.services.moving import Unit, append_move, check_time, unit_of
from perks_engine.services.once import once, retried
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction, UnitMovedError
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, claim_view

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O and U: they are read as other signs, or as words (Crockford's base 32)."""
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
_LENGTH = 12
"""Sixty random bits: nobody guesses one."""


@dataclass(frozen=True, slots=True)
class Admitting:
    store: Store
    versions: Versions
    clock: Clock
    after: AfterMoves

    def code(self, person_id: str, claim_id: str) -> View:
        """The code of the person's own claim, the same each time. Raises `NotFoundError` for somebody else's
        claim, and `RefusedError` for one that was refused or is of a thing that is shipped."""
        try:
            return retried(lambda: self._code(person_id, claim_id))
        except KeyTakenError:  # asked for twice at the same moment
            return self._code(person_id, claim_id)

    def _code(self, person_id: str, claim_id: str) -> View:
        with self.store.write() as tx:
            claim = tx.claims.get(claim_id)
            if claim is None or claim.person_id != person_id:
                raise NotFoundError("claim.unknown", f"you have no claim {claim_id}")
            unit = unit_of(tx, self.versions, claim)
            if unit is None:
                raise RefusedError("claim.refused", "this claim was refused, so there is nothing to receive")
            if unit.campaign.perk.kind.is_shipped:
                raise RefusedError(
                    "fulfillment.shipped_kind", "it is sent to you; there is no door to show it at"
                )
            code = tx.reports.code_of(claim_id)
            if code is None:
                code = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
                tx.reports.add_code(code, claim_id, self.clock())
        return {
            "claim": claim_id,
            "code": "-".join(code[place : place + 4] for place in range(0, _LENGTH, 4)),
        }

    def admit(
        self, code: str, kind: MoveKind, actor: Actor, key: str, occurred_at: datetime | None = None
    ) -> Mapping[str, Any]:
        """Record that the bearer of the code checked in, or that the code was redeemed: once, however often
        it is shown. Raises `NotFoundError` for a code that stands for nothing the actor reaches, and
        `RefusedError` where the life of a unit forbids it."""
        actor.require(Permission.RECORD_FULFILLMENT)
        now = self.clock()
        moment = occurred_at or now

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            unit = self._unit(tx, code, actor)
            known = unit.holding.account is Account.RECIPIENT and unit.holding.move is kind
            if not known:
                row = Fulfillment(unit.claim.claim_id, kind, moment, reference=f"code {_plain(code)}")
                try:
                    check_time(unit.holding, row, now)
                    self.after.follow(tx, append_move(tx, unit, row, now, actor.name))
                except IllegalMoveError as error:
                    raise RefusedError(error.code, error.words) from error
            card = tx.people.card(unit.claim.person_id)
            answer = claim_view(replace(unit.claim, account=Account.RECIPIENT))
            answer |= {"name": (card.name or card.handle) if card else None, "already": known}
            keep(answer)
            return answer

        request = {"operation": kind.value, "code": _plain(code), "occurred_at": occurred_at}
        try:
            return once(self.store, f"staff:{actor.name}", key, request, now, work)
        except UnitMovedError as error:
            raise RefusedError("fulfillment.moved", "it was moved meanwhile; look again") from error

    def _unit(self, tx: Transaction, code: str, actor: Actor) -> Unit:
        claim_id = tx.reports.claim_of(_plain(code))
        claim = tx.claims.get(claim_id) if claim_id else None
        record = tx.campaigns.get(claim.campaign) if claim else None
        unit = unit_of(tx, self.versions, claim) if claim else None
        if unit is None or record is None or not actor.may(Permission.RECORD_FULFILLMENT, record.brand):
            raise NotFoundError("code.unknown", "this code stands for nothing here")
        return unit


def _plain(code: str) -> str:
    return code.upper().translate(_READ_AS)
