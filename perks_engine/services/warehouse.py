"""What lies before those who pack and send: which units are at which step, what holds one back, and what can
be recorded of it now. They see whom it is for by handle; no legal name, no evidence, no verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from perks_engine.domain.fulfillment import RECORDABLE, Account, IllegalMoveError, MoveKind
from perks_engine.domain.phrase import phrase, word
from perks_engine.services.access import Actor, Permission
from perks_engine.services.errors import NotFoundError, RefusedError
from perks_engine.services.fulfilling import unclear_shipment
from perks_engine.services.moving import Unit, unit_of
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.recipient_files import entry_view
from perks_engine.services.records import ClaimRecord
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, claim_view, instant_view


class Step(StrEnum):
    """Where units wait for somebody."""

    TO_PREPARE = "to_prepare"
    PACKED = "packed"
    ON_ITS_WAY = "on_its_way"
    RECEIVED = "received"
    CAME_BACK = "came_back"


ACCOUNTS: Mapping[Step, Sequence[Account]] = {
    Step.TO_PREPARE: (Account.RESERVED, Account.CLEARED),
    Step.PACKED: (Account.PACKED,),
    Step.ON_ITS_WAY: (Account.IN_TRANSIT,),
    Step.RECEIVED: (Account.RECIPIENT,),
    Step.CAME_BACK: (Account.RETURNED, Account.LOST),
}
NOT_ON_A_PAGE = (MoveKind.SUBSTITUTE, MoveKind.CANCEL)
"""A cancellation is the person's word; what is sent in place of what was offered has a value to be told."""
_FOR_PARTS = (MoveKind.DELIVER, MoveKind.DELIVER_MORE, MoveKind.RETURN_PART)


@dataclass(frozen=True, slots=True)
class Warehouse:
    store: Store
    versions: Versions
    clock: Clock

    def counted(self, actor: Actor) -> dict[Step, int]:
        """How many units are at which step, of the brands that the actor reaches."""
        actor.require(Permission.RECORD_FULFILLMENT)
        with self.store.read() as tx:
            found = tx.claims.units_by_account(actor.reach)
        return {step: sum(found.get(one, 0) for one in accounts) for step, accounts in ACCOUNTS.items()}

    def units(
        self, actor: Actor, step: Step, campaign: str | None, after: str | None, limit: int
    ) -> list[View]:
        """The units at a step, those that were claimed first before the others."""
        actor.require(Permission.RECORD_FULFILLMENT)
        with self.store.read() as tx:
            found = tx.claims.in_accounts(ACCOUNTS[step], actor.reach, campaign, after, limit)
            acknowledged = tx.instructing.acknowledgements([one.claim_id for one in found])
            units = [unit for one in found if (unit := unit_of(tx, self.versions, one))]
            return [_line(tx, one, one.claim.claim_id in acknowledged) for one in units]

    def shipped_under(self, actor: Actor, tracking_number: str) -> str:
        """The claim whose unit goes under a tracking number. Raises `NotFoundError` where it does not say one
        that the actor can record for."""
        actor.require(Permission.RECORD_FULFILLMENT)
        with self.store.read() as tx:
            known = tx.ledger.shipped_under(tracking_number)
            claims = [one for one in known if self._claim(tx, actor, one) is not None]
        if len(claims) != 1:
            raise NotFoundError(*unclear_shipment(tracking_number, claims))
        return claims[0]

    def unit(self, actor: Actor, claim_id: str) -> View:
        """One unit, its way so far, and what can be recorded of it. Raises `NotFoundError` for one of another
        brand, as for none."""
        with self.store.read() as tx:
            unit = self._unit(tx, actor, claim_id)
            is_acknowledged = claim_id in tx.instructing.acknowledgements([claim_id])
            line = _line(tx, unit, is_acknowledged)
            entries = [entry_view(one) for one in tx.ledger.entries(claim_id)]
        held = unit.holding.contents
        return {
            **line,
            "entry": unit.holding.entry_id,
            "entries": entries,
            "moves": _possible(unit, is_acknowledged),
            "parts": [one.name for one in unit.campaign.perk.parts],
            "held_parts": list(held.parts) if held else [],
            "reserved_until": claim_view(unit.claim).get("reserved_until"),
        }

    def require_unmoved(self, actor: Actor, claim_id: str, entry: str) -> None:
        """Raises `RefusedError` where the unit was moved after the entry that somebody looked at."""
        with self.store.read() as tx:
            unit = self._unit(tx, actor, claim_id)
            if str(unit.holding.entry_id) == entry:
                return
            newest = tx.ledger.entries(claim_id)[-1]
        raise RefusedError(
            "fulfillment.moved",
            phrase(
                "{recorded_by} recorded {move} at {recorded_at}, after this page was opened; look at what "
                "is recorded now",
                recorded_by=newest.recorded_by,
                move=word(newest.move),
                recorded_at=str(instant_view(newest.recorded_at)),
            ),
        )

    def _claim(self, tx: Transaction, actor: Actor, claim_id: str) -> ClaimRecord | None:
        claim = tx.claims.get(claim_id)
        record = tx.campaigns.get(claim.campaign) if claim else None
        is_reached = record is not None and actor.may(Permission.RECORD_FULFILLMENT, record.brand)
        return claim if is_reached else None

    def _unit(self, tx: Transaction, actor: Actor, claim_id: str) -> Unit:
        actor.require(Permission.RECORD_FULFILLMENT)
        claim = self._claim(tx, actor, claim_id)
        unit = unit_of(tx, self.versions, claim) if claim else None
        if unit is None:
            raise NotFoundError(
                "claim.unknown",
                phrase("there is no unit of a claim {claim_id} of your brands", claim_id=claim_id),
            )
        return unit


def _line(tx: Transaction, unit: Unit, is_acknowledged: bool) -> View:
    card = tx.people.card(unit.claim.person_id)
    held = unit.holding.contents
    return {
        "claim": unit.claim.claim_id,
        "person": unit.claim.person_id,
        "handle": card.handle if card else None,
        "campaign": unit.campaign.name,
        "brand": unit.campaign.brand,
        "title": unit.campaign.title,
        "item": held.named if held else unit.campaign.perk.name,
        "kind": unit.campaign.perk.kind.value,
        "where": unit.holding.account.value,
        "since": instant_view(unit.holding.occurred_at),
        "waits_for": _waits_for(unit, is_acknowledged),
    }


def _waits_for(unit: Unit, is_acknowledged: bool) -> str:
    """What has to happen before it may be packed and sent: `approval`, `acknowledgement`, or nothing."""
    if unit.holding.account is Account.RESERVED and unit.campaign.approval_required:
        return "approval"
    before = unit.holding.account in (Account.RESERVED, Account.CLEARED, Account.PACKED)
    return "acknowledgement" if before and _is_held_back(unit, is_acknowledged) else ""


def _is_held_back(unit: Unit, is_acknowledged: bool) -> bool:
    return unit.campaign.disclosure.acknowledge_first and not is_acknowledged


def _possible(unit: Unit, is_acknowledged: bool) -> list[View]:
    """The moves that staff may record now, and what each has to say."""
    found: list[View] = []
    for kind in RECORDABLE:
        if kind in NOT_ON_A_PAGE:
            continue
        if kind in (MoveKind.PACK, MoveKind.SHIP) and _is_held_back(unit, is_acknowledged):
            continue
        try:
            move = unit.move_for(kind)
        except IllegalMoveError:
            continue
        has_parts = kind in _FOR_PARTS and bool(unit.campaign.perk.parts)
        found.append({"move": kind.value, "says_why": move.is_correction, "names_parts": has_parts})
    return found
