"""What a person is shown of their own claims: what each is of, where its unit is, its way so far, and what
they can do about it now. And, before they claim, what they would have to disclose."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.fulfillment import Account, IllegalMoveError, MoveKind, move_for
from perks_engine.services import campaign_refusals
from perks_engine.services.composing import called, campaign_values
from perks_engine.services.errors import NotFoundError
from perks_engine.services.ports import Renderer, Store, Transaction
from perks_engine.services.records import ClaimOutcome, ClaimRecord, Entry, Holding
from perks_engine.services.versions import Versions
from perks_engine.services.views import Say, View, claim_view, instant_view, perk_view, reasons_view

_DENIABLE = (Account.IN_TRANSIT, Account.RECIPIENT)
_GONE = (Account.STOCK, Account.VOIDED)
"""A unit that the claim has no more part in: it expired, was cancelled, declined or void."""


@dataclass(frozen=True, slots=True)
class OwnClaims:
    store: Store
    versions: Versions
    renderer: Renderer

    def listed(self, person_id: str, before: str | None, limit: int) -> list[View]:
        """Newest first, older than the claim `before`."""
        with self.store.read() as tx:
            return [self._view(tx, one) for one in tx.claims.of_person(person_id, before, limit)]

    def of_campaign(self, person_id: str, campaign: str) -> list[View]:
        """The person's granted claims of a campaign that still have a unit, the newest first."""
        with self.store.read() as tx:
            found = [
                one
                for one in tx.claims.of_person(person_id, None, _MOST)
                if one.campaign == campaign and one.account is not None and one.account not in _GONE
            ]
            return [self._view(tx, one) for one in found]

    def shown(self, person_id: str, claim_id: str, say: Say = str) -> View:
        """One claim with its reasons, its way and what can be done; another's is as unknown as none."""
        with self.store.read() as tx:
            claim = tx.claims.get(claim_id)
            if claim is None or claim.person_id != person_id:
                raise NotFoundError("claim.unknown", f"you have no claim {claim_id}")
            campaign = self.versions.get(claim.version, tx)
            decision = tx.claims.decision(claim.decision_id)
            entries = list(tx.ledger.entries(claim_id))
            view = self._view(tx, claim)
            holding = tx.ledger.holding(claim_id)
            denials = tx.ledger.denials(claim_id)
        view["steps"] = [_step(one) for one in entries]
        view["parts"] = _parts(campaign, holding)
        said = [one.said_at for one in denials if holding is not None and one.entry_id == holding.entry_id]
        view["denied_at"] = instant_view(said[-1]) if said else None
        view["ahead"] = _ahead(claim, campaign)
        view["reasons"] = reasons_view(decision.reason, decision.standing, say) if decision else []
        view["verdict"] = decision.verdict.value if decision else ""
        return view | _possible(claim, campaign)

    def instruction_ahead(self, person_id: str, campaign: str, language: str) -> View:
        """What the person would be told to disclose, were their claim granted."""
        with self.store.read() as tx:
            record, card = tx.campaigns.get(campaign), tx.people.card(person_id)
            if record is None or record.version is None or card is None:
                raise campaign_refusals.unknown(campaign)
            version = self.versions.get(record.version, tx)
        values = {"name": called(card), **campaign_values(version)}
        rendered = self.renderer.render(version.disclosure.instruct, values, language)
        return {"subject": rendered.subject, "text": rendered.text}

    def _view(self, tx: Transaction, claim: ClaimRecord) -> View:
        campaign = self.versions.get(claim.version, tx)
        perk = perk_view(campaign)
        view = claim_view(claim)
        view["where"] = _where(claim)
        return view | {name: perk[name] for name in ("brand", "title", "perk", "disclosure")}


_MOST = 1_000


def _where(claim: ClaimRecord) -> str:
    """`refused`, `ended`, or the account that the unit is in."""
    if claim.outcome is ClaimOutcome.REFUSED:
        return "refused"
    if claim.account is None or claim.account in _GONE:
        return "ended"
    return claim.account.value


def _parts(campaign: Campaign, holding: Holding | None) -> list[View]:
    """Of a bundle whose parts are told apart; `received` where the record says so of the part."""
    is_there = holding is not None and holding.account is Account.RECIPIENT
    held = holding.contents.parts if holding is not None and holding.contents else ()
    return [
        {
            "name": one.name,
            "fair_market_value": str(one.fair_market_value),
            "received": is_there and (not held or one.name in held),
        }
        for one in campaign.perk.parts
    ]


_WAY = (Account.CLEARED, Account.IN_TRANSIT, Account.RECIPIENT)
_GONE_SO_FAR = {Account.RESERVED: 0, Account.CLEARED: 1, Account.PACKED: 1, Account.IN_TRANSIT: 2}


def _ahead(claim: ClaimRecord, campaign: Campaign) -> list[str]:
    """Where the unit is still to go, if all goes well: by the names of accounts."""
    if claim.account is None or claim.account not in _GONE_SO_FAR:
        return []
    needed = {
        Account.CLEARED: campaign.approval_required,
        Account.IN_TRANSIT: campaign.perk.kind.is_shipped,
    }
    return [one.value for one in _WAY[_GONE_SO_FAR[claim.account] :] if needed.get(one, True)]


def _step(entry: Entry) -> View:
    return {
        "move": entry.move.value,
        "at": instant_view(entry.occurred_at),
        "evidence": entry.evidence,
        "reference": entry.reference,
        "carrier": entry.carrier,
    }


def _possible(claim: ClaimRecord, campaign: Campaign) -> View:
    account = claim.account
    if account is None:
        return {"can_confirm": False, "can_deny": False, "can_cancel": False, "can_disclose": False}
    confirm = MoveKind.CONFIRM if campaign.perk.kind.is_shipped else MoveKind.HAND_OVER
    return {
        "can_confirm": account is not Account.RECIPIENT and _is_legal(confirm, campaign, account),
        "can_deny": account in _DENIABLE,
        "can_cancel": _is_legal(MoveKind.CANCEL, campaign, account),
        "can_disclose": account not in _GONE,
    }


def _is_legal(kind: MoveKind, campaign: Campaign, account: Account) -> bool:
    try:
        move_for(kind, campaign.perk.kind, account, campaign.approval_required)
    except IllegalMoveError:
        return False
    return True
