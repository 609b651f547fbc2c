"""The link in a letter about a receipt: it opens what is recorded, and takes the objection, without signing
in. Looking at it changes nothing, for programs that scan mail look at links. It is good for as long as the
person is on record, for a dispute is in order at any time."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.domain.fulfillment import Account
from perks_engine.services.disputing import Disputing
from perks_engine.services.errors import NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.ledger_words import evidence_words
from perks_engine.services.links import Links
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import ClaimRecord
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view

LINK_PATH = "/v1/receipt-links"
SEALED_FOR = "perks-engine receipt links 1"
RECEIVED, DISPUTED, NOT_RECEIVED = "received", "disputed", "not_received"


@dataclass(frozen=True, slots=True)
class ReceiptLinks:
    links: Links

    def make(self, claim_id: str) -> str:
        """Empty where there is no key to seal it with: a letter says then how to object without one."""
        if not self.links.can_be_made:
            return ""
        return self.links.make(LINK_PATH, SEALED_FOR, {"claim": claim_id})

    def opened(self, tx: Transaction, link: str) -> ClaimRecord | None:
        """The claim of somebody who is on record; None for what is no such link."""
        told = self.links.opened(SEALED_FOR, link)
        claim = tx.claims.get(told["claim"]) if told else None
        return claim if claim is not None and tx.people.card(claim.person_id) is not None else None


@dataclass(frozen=True, slots=True)
class Objecting:
    """The page behind the link."""

    store: Store
    links: ReceiptLinks
    versions: Versions
    disputing: Disputing
    clock: Clock

    def reader(self, link: str) -> str:
        """Whose receipt it is about. Raises `NotFoundError`, alike for what is no link and for one of
        somebody who is no longer on record."""
        with self.store.read() as tx:
            return self._claim(tx, link).person_id

    def look(self, link: str) -> View:
        """What is recorded now; raises `NotFoundError`."""
        with self.store.read() as tx:
            claim = self._claim(tx, link)
            holding = tx.ledger.holding(claim.claim_id)
            dispute = tx.disputes.open_on(claim.claim_id)
            campaign = self.versions.get(claim.version, tx)
        view: View = {"claim": claim.claim_id, "brand": campaign.brand, "item": campaign.perk.name}
        if holding is None or holding.account is not Account.RECIPIENT:
            return view | {"state": NOT_RECEIVED}
        if holding.contents is not None:
            view["item"] = holding.contents.named
        more: View = {
            "received_at": instant_view(holding.occurred_at),
            "evidence": str(evidence_words(holding.evidence)),
        }
        if dispute is None:
            return view | more | {"state": RECEIVED}
        return view | more | {"state": DISPUTED, "dispute": dispute}

    def object(self, link: str, words: str) -> View:
        """Open a dispute about the line, as the person would signed in; what is open already stays as it is.
        Raises what `Disputing.open_own` does, and `NotFoundError`."""
        with self.store.read() as tx:
            claim = self._claim(tx, link)
            is_open = tx.disputes.open_on(claim.claim_id) is not None
        if not is_open:
            key = new_id("obj", self.clock())
            self.disputing.open_own(claim.person_id, claim.claim_id, words, key)
        return self.look(link)

    def _claim(self, tx: Transaction, link: str) -> ClaimRecord:
        claim = self.links.opened(tx, link)
        if claim is None:
            raise NotFoundError("receipt.link", "this link is none, or it is no longer good")
        return claim
