"""Disputes: a person objects to a line about them, and somebody of the brand's compliance staff settles it.

What was upheld corrects the ledger by a further entry that names the one it corrects and why; what was
rejected leaves the line as it is, with the reason. Nothing is rewritten: a list as of an earlier day says
what was believed then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.fulfillment import Account, IllegalMoveError
from perks_engine.domain.phrase import Phrase, phrase, word
from perks_engine.services.access import ALL_BRANDS, Actor, Permission, Role, same_human
from perks_engine.services.corrections import Corrected, Correction, correct
from perks_engine.services.dispute_records import Cause, Dispute, DisputeAct, DisputeEvent, Whose
from perks_engine.services.dispute_views import dispute_view
from perks_engine.services.editions import ANY, Seen, edition
from perks_engine.services.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.objections import Objections
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction, UnitMovedError
from perks_engine.services.records import ClaimRecord
from perks_engine.services.views import View

LONGEST_WORDS = 4_000

Keep = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a dispute ends. `correction` is what an upheld one does to the ledger; a rejected one has none."""

    outcome: DisputeAct
    reason: str
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Disputing:
    store: Store
    objections: Objections
    clock: Clock

    def open_own(self, person_id: str, claim_id: str, words: str, key: str) -> Mapping[str, Any]:
        """The person objects to what is recorded about their own claim.

        Raises `NotFoundError` for somebody else's claim as for none, `RefusedError` where nothing is recorded
        as received, and `ConflictError` where a dispute about it is open already.
        """

        def find(tx: Transaction) -> ClaimRecord:
            claim = tx.claims.get(claim_id)
            if claim is None or claim.person_id != person_id:
                raise NotFoundError(
                    "claim.unknown", phrase("you have no claim {claim_id}", claim_id=claim_id)
                )
            return claim

        return self._open(
            f"person:{person_id}", key, claim_id, words, find, Cause.PERSON, f"person {person_id}"
        )

    def open_for(self, actor: Actor, claim_id: str, words: str, key: str) -> Mapping[str, Any]:
        """Staff opens one for a person who wrote or called; somebody else has to settle it."""

        def find(tx: Transaction) -> ClaimRecord:
            actor.require(Permission.SETTLE_DISPUTES)
            claim = tx.claims.get(claim_id)
            record = tx.campaigns.get(claim.campaign) if claim else None
            if claim is None or record is None or not actor.may(Permission.SETTLE_DISPUTES, record.brand):
                raise NotFoundError(
                    "claim.unknown", phrase("there is no claim {claim_id} of your brands", claim_id=claim_id)
                )
            return claim

        return self._open(f"staff:{actor.name}", key, claim_id, words, find, Cause.STAFF, actor.name)

    def _open(
        self,
        scope: str,
        key: str,
        claim_id: str,
        words: str,
        find: Callable[[Transaction], ClaimRecord],
        cause: Cause,
        by: str,
    ) -> Mapping[str, Any]:
        now = self.clock()
        said = _said(words, "dispute.text", phrase("say what is wrong about the line"))

        def work(tx: Transaction, keep: Keep) -> Mapping[str, Any]:
            claim = find(tx)
            holding = tx.ledger.holding(claim_id)
            if holding is None or holding.account is not Account.RECIPIENT:
                raise RefusedError(
                    "dispute.no_line",
                    phrase(
                        "nothing is recorded as received for the claim {claim_id}: there is no line to "
                        "dispute",
                        claim_id=claim_id,
                    ),
                )
            known = tx.disputes.open_on(claim_id)
            if known is not None:
                raise ConflictError(
                    "dispute.open_already",
                    phrase("{known} about this line is open; add to it what you have", known=known),
                )
            made = self.objections.open(tx, claim, holding.entry_id, cause, said, by, now, now)
            answer = self._view(tx, made, now, is_staff=cause is Cause.STAFF)
            keep(answer)
            return answer

        request = {"operation": "dispute", "claim": claim_id, "words": said}
        try:
            return once(self.store, scope, key, request, now, work)
        except KeyTakenError as error:
            raise ConflictError(
                "dispute.open_already",
                phrase("a dispute about this line was opened at this moment; look again"),
            ) from error

    def withdraw(self, person_id: str, dispute_id: str, words: str, key: str) -> Mapping[str, Any]:
        """The person takes it back: the line stands undisputed again."""
        now = self.clock()
        reason = words.strip() or "withdrawn by the person"

        def work(tx: Transaction, keep: Keep) -> Mapping[str, Any]:
            found = _seen(
                tx.disputes.get(dispute_id), dispute_id, lambda one: one.opening.person_id == person_id
            )
            self._end(tx, found, DisputeAct.WITHDRAWN, reason, f"person {person_id}", now, None)
            answer = self._view(tx, dispute_id, now, is_staff=False)
            keep(answer)
            return answer

        request = {"operation": "withdraw", "dispute": dispute_id, "words": reason}
        return once(self.store, f"person:{person_id}", key, request, now, work)

    def settle(
        self, actor: Actor, dispute_id: str, settlement: Settlement, key: str, looked: Seen = ANY
    ) -> Mapping[str, Any]:
        """Uphold or reject it, with a reason that the person is told.

        Raises `ForbiddenError` unless the actor is compliance staff, `NotFoundError` for a dispute of a
        brand that they do not reach, `RefusedError` where they opened it themselves or it is settled, and
        `InvalidInputError` for a reason or a correction that cannot be used.
        """
        actor.require(Permission.SETTLE_DISPUTES)
        settler = actor.require_human(phrase("to settle a dispute"))
        now = self.clock()
        reason = _said(
            settlement.reason, "dispute.reason", phrase("say why it is settled so; the person is told")
        )
        if settlement.outcome not in (DisputeAct.UPHELD, DisputeAct.REJECTED):
            raise InvalidInputError(
                "dispute.outcome", phrase("a dispute is settled as upheld or as rejected")
            )
        if settlement.outcome is DisputeAct.REJECTED and settlement.correction is not None:
            raise InvalidInputError(
                "dispute.correction", phrase("a rejected dispute corrects nothing: the line stands as it is")
            )

        def work(tx: Transaction, keep: Keep) -> Mapping[str, Any]:
            found = _seen(
                tx.disputes.get(dispute_id),
                dispute_id,
                lambda one: actor.may(Permission.SETTLE_DISPUTES, one.brand),
            )
            if same_human(found.opening.acted_by, settler):
                raise RefusedError(
                    "dispute.own", phrase("who gave rise to a dispute cannot settle it; somebody else has to")
                )
            _require_open(found)
            # Held, so that no file comes in between; then looked at as it is.
            tx.disputes.hold_open(dispute_id)
            looked.require(lambda: dispute_edition(self._view(tx, dispute_id, now, is_staff=True)))
            corrected = None
            if settlement.outcome is DisputeAct.UPHELD:
                corrected = self._correct(tx, found, settlement.correction, reason, actor.name, now)
            entry_id = corrected.entry_id if corrected else None
            ending = self._end(tx, found, settlement.outcome, reason, actor.name, now, entry_id)
            claim = tx.claims.get(ending.claim_id)
            if claim is not None:
                campaign = self.objections.versions.get(claim.version, tx)
                self.objections.letters.settled(tx, ending, campaign, corrected, now)
            answer = self._view(tx, dispute_id, now, is_staff=True)
            keep(answer)
            return answer

        request = {"operation": "settle", "dispute": dispute_id, **_plain(settlement)}
        try:
            return once(self.store, f"staff:{actor.name}", key, request, now, work)
        except UnitMovedError as error:
            raise RefusedError(
                "dispute.moved", phrase("the unit was moved by somebody else meanwhile; look again")
            ) from error

    def _correct(
        self,
        tx: Transaction,
        dispute: Dispute,
        correction: Correction | None,
        reason: str,
        by: str,
        now: datetime,
    ) -> Corrected:
        claim = tx.claims.get(dispute.opening.claim_id)
        holding = tx.ledger.holding(dispute.opening.claim_id)
        if claim is None or holding is None:
            raise NotFoundError(
                "claim.unknown", phrase("there is no claim {claim_id}", claim_id=dispute.opening.claim_id)
            )
        if holding.account is not Account.RECIPIENT:
            if correction is not None:
                raise RefusedError(
                    "dispute.moved",
                    phrase(
                        "entry {entry_id} has corrected the line already: the unit is {value}; uphold the "
                        "dispute without a correction",
                        entry_id=holding.entry_id,
                        value=word(holding.account),
                    ),
                )
            return Corrected(
                holding.entry_id,
                phrase("The record was corrected already: it is not recorded as received any more."),
            )
        kind = self.objections.versions.get(claim.version, tx).perk.kind
        try:
            return correct(tx, claim, holding, kind, correction or Correction(), reason, by, now)
        except IllegalMoveError as error:
            raise RefusedError(error.code, error.words) from error

    def _end(
        self,
        tx: Transaction,
        dispute: Dispute,
        act: DisputeAct,
        words: str,
        by: str,
        now: datetime,
        correction: int | None,
    ) -> DisputeEvent:
        _require_open(dispute)
        opening = dispute.opening
        event = DisputeEvent(
            dispute_id=opening.dispute_id,
            act=act,
            claim_id=opening.claim_id,
            entry_id=opening.entry_id,
            person_id=opening.person_id,
            campaign=opening.campaign,
            cause=opening.cause,
            words=words,
            acted_by=by,
            occurred_at=now,
            recorded_at=now,
            correction=correction,
        )
        if not tx.disputes.end(event):
            raise RefusedError(
                "dispute.settled", phrase("somebody else settled it at this moment; look again")
            )
        return event

    def seen_by(self, actor: Actor, only_open: bool, after: str | None, limit: int) -> list[View]:
        """The disputes that the actor may see, the longest open first: a person's own, or those of the
        brands that their token reaches."""
        now = self.clock()
        is_staff = actor.role is not Role.INFLUENCER
        with self.store.read() as tx:
            found = tx.disputes.find(_whose(actor, only_open), after, limit)
            return [dispute_view(one, tx.disputes.files(one.dispute_id), now, is_staff) for one in found]

    def show(self, actor: Actor, dispute_id: str) -> View:
        """One dispute; one that the actor may not see is as unknown as none."""
        with self.store.read() as tx:
            seen_dispute(tx, actor, dispute_id)
            return self._view(tx, dispute_id, self.clock(), actor.role is not Role.INFLUENCER)

    def _view(self, tx: Transaction, dispute_id: str, now: datetime, is_staff: bool) -> View:
        found = _seen(tx.disputes.get(dispute_id), dispute_id, lambda _one: True)
        return dispute_view(found, tx.disputes.files(dispute_id), now, is_staff)


def dispute_edition(view: View) -> str:
    """Of what was said and shown: another file, or its end, is another edition."""
    return edition([view["dispute"], view["state"], [one["file"] for one in view["files"]]])


def seen_dispute(tx: Transaction, actor: Actor, dispute_id: str) -> Dispute:
    """Raises `ForbiddenError` for a role that sees none, and `NotFoundError`."""
    whose = _whose(actor, only_open=False)
    return _seen(
        tx.disputes.get(dispute_id),
        dispute_id,
        lambda one: (
            (whose.person_id in (None, one.opening.person_id))
            and (whose.brands is None or one.brand in whose.brands)
        ),
    )


def _whose(actor: Actor, only_open: bool) -> Whose:
    if actor.role is Role.INFLUENCER:
        return Whose(person_id=actor.own_person(), only_open=only_open)
    actor.require(Permission.SETTLE_DISPUTES)
    brands = None if ALL_BRANDS in actor.brands else actor.brands
    return Whose(brands=brands, only_open=only_open)


def _seen(found: Dispute | None, dispute_id: str, may_see: Callable[[Dispute], bool]) -> Dispute:
    if found is None or not may_see(found):
        raise NotFoundError(
            "dispute.unknown",
            phrase("there is no dispute {dispute_id} that you can see", dispute_id=dispute_id),
        )
    return found


def _require_open(dispute: Dispute) -> None:
    if dispute.ending is not None:
        raise RefusedError(
            "dispute.settled",
            phrase(
                "it is settled already: {state} on {occurred_at}; what is new needs a new dispute",
                state=word(dispute.state),
                occurred_at=f"{dispute.ending.occurred_at:%Y-%m-%d}",
            ),
        )


def _said(words: str, code: str, wanted: Phrase) -> str:
    said = words.strip()
    if not said:
        raise InvalidInputError(code, phrase("there are no words; {wanted}", wanted=wanted))
    if len(said) > LONGEST_WORDS:
        raise InvalidInputError(
            code,
            phrase(
                "it has {said} characters; {longest_words} at most",
                said=float(len(said)),
                longest_words=float(LONGEST_WORDS),
            ),
        )
    return said


def _plain(settlement: Settlement) -> dict[str, Any]:
    correction = asdict(settlement.correction) if settlement.correction else None
    return {"outcome": settlement.outcome.value, "reason": settlement.reason, "correction": correction}
