"""Carriers' webhooks: believed only when signed just now, kept as they came, and applied where they say what
happened to one unit. What does not say so is never guessed: it waits for somebody to look.

The same report twice, and reports in another order than things happened, change nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.fulfillment import Account, Fulfillment, IllegalMoveError, MoveKind, ReceiptEvidence
from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Actor, Permission
from perks_engine.services.after_moves import AfterMoves
from perks_engine.services.carriers import (
    NEEDS_A_LOOK,
    CarrierAdapter,
    CarrierReport,
    SignedMessage,
    WebhookError,
)
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.fulfilling import unclear_shipment
from perks_engine.services.identifiers import new_id
from perks_engine.services.moving import append_move, check_time, unit_of
from perks_engine.services.once import retried
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.report_records import KeptReport, ReportState
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view

REFUSED_KEPT = 1_000
"""How many refused messages are kept: anybody can send them."""
REFUSED_LONGEST = 2_000
"""How much of a refused message is kept."""


@dataclass(frozen=True, slots=True)
class CarrierReports:
    """`adapters` by their names; `secrets` those that are set."""

    store: Store
    versions: Versions
    adapters: Mapping[str, CarrierAdapter]
    secrets: Mapping[str, str]
    after: AfterMoves
    clock: Clock

    def receive(self, source: str, message: SignedMessage) -> View:
        """What became of the message.

        Raises `NotFoundError` for a source that there is no adapter for, `RefusedError` where its secret is
        not set, and `ForbiddenError` for a message that is not signed as it has to be; that is kept, too.
        """
        adapter = self.adapters.get(source)
        if adapter is None:
            raise NotFoundError("webhook.source", f"there is no adapter for '{source}'")
        secret = self.secrets.get(source)
        if not secret:
            raise RefusedError(
                "webhook.no_secret", f"no secret is set for {source}: set PERKS_{source.upper()}_SECRET"
            )
        now = self.clock()
        try:
            adapter.check(message, secret, now)
        except WebhookError as error:
            self._keep_refused(source, message, error, now)
            raise ForbiddenError(error.code, f"{error.message}; the message was kept") from error
        body = message.body.decode(errors="replace").replace("\0", "")
        try:
            return retried(lambda: self._take(adapter, body, now))
        except KeyTakenError:  # the same report came in twice at the same moment
            return self._take(adapter, body, now)

    def _keep_refused(self, source: str, message: SignedMessage, error: WebhookError, now: datetime) -> None:
        body = message.body[:REFUSED_LONGEST].decode(errors="replace").replace("\0", "")
        report = KeptReport(
            report_id=new_id("rep", now),
            source=source,
            event_id=f"refused {secrets.token_hex(8)}",
            state=ReportState.REFUSED,
            received_at=now,
            body=body,
            code=error.code,
            why=error.message,
        )
        with self.store.write() as tx:
            tx.reports.add(report)
            tx.reports.forget_refused(REFUSED_KEPT)

    def _take(self, adapter: CarrierAdapter, body: str, now: datetime) -> View:
        report_id = new_id("rep", now)
        kept = KeptReport(report_id, adapter.name, report_id, ReportState.WAITING, now, body)
        with self.store.write() as tx:
            try:
                said = adapter.read(body.encode())
            except WebhookError as error:
                unread = replace(kept, code=error.code, why=error.message)
                tx.reports.add(unread)
                return report_view(unread)
            if said is None:
                return {"state": ReportState.NOTED.value, "why": "an event of another kind says nothing here"}
            known = tx.reports.knows(adapter.name, said.event_id)
            if known is not None:
                return report_view(known)
            told = replace(
                kept,
                event_id=said.event_id,
                tracking_number=said.tracking_number,
                carrier=said.carrier,
                status=said.status,
                occurred_at=said.occurred_at,
            )
            settled = self._settled(tx, adapter, told, said, now)
            tx.reports.add(settled)
            return report_view(settled)

    def _settled(
        self,
        tx: Transaction,
        adapter: CarrierAdapter,
        kept: KeptReport,
        said: CarrierReport,
        now: datetime,
    ) -> KeptReport:
        """The report with what became of it; the ledger has its entry where one follows."""
        claims = tx.ledger.shipped_under(said.tracking_number)
        if len(claims) != 1:
            code, words = unclear_shipment(said.tracking_number, claims)
            return _waiting(kept, code, str(words))
        kept = replace(kept, claim_id=claims[0])
        if said.status not in adapter.moves:
            return _waiting(
                kept, "carrier.status_unknown", f"no move is known for the status '{said.status}'"
            )
        move = adapter.moves[said.status]
        if move is None:
            return _noted(kept, f"the status '{said.status}' moves nothing", now)
        if not isinstance(move, MoveKind):
            return _waiting(kept, f"carrier.{NEEDS_A_LOOK}", f"'{said.status}' does not say where it is")
        if said.occurred_at is None:
            return _waiting(kept, "carrier.no_time", "it does not say when that happened")
        row = Fulfillment(
            claim_id=claims[0],
            move=move,
            occurred_at=said.occurred_at,
            evidence=ReceiptEvidence.CARRIER.value if move is MoveKind.DELIVER else "",
            reference=said.tracking_number,
            note=f"{adapter.name} says: {said.status}",
            carrier=said.carrier,
        )
        return self._apply(tx, kept, row, now)

    def _apply(self, tx: Transaction, kept: KeptReport, row: Fulfillment, now: datetime) -> KeptReport:
        claim = tx.claims.get(row.claim_id)
        unit = unit_of(tx, self.versions, claim) if claim else None
        if unit is None:
            return _waiting(kept, "claim.refused", "there is no unit to move")
        if any(
            entry.move is row.move and entry.reference == row.reference
            for entry in tx.ledger.entries(row.claim_id)
        ):
            return _noted(kept, f"{row.move} is on record already", now)
        if row.move is MoveKind.DELIVER and unit.holding.account is Account.RECIPIENT:
            return _noted(kept, "it is recorded as received already", now)
        try:
            check_time(unit.holding, row, now)
            why = phrase("the carrier reported: {status}", status=kept.status.replace("_", " "))
            self.after.follow(tx, append_move(tx, unit, row, now, f"carrier {kept.source}"), why)
        except IllegalMoveError as error:
            return _waiting(kept, error.code, error.message)
        return replace(
            kept,
            state=ReportState.APPLIED,
            code="",
            why="",
            settled_at=now,
            settled_by=f"carrier {kept.source}",
        )

    def reports(
        self, actor: Actor, state: ReportState | None, after: str | None = None, limit: int = 50
    ) -> list[View]:
        """The oldest first. Who does not reach all brands sees the reports about claims of theirs."""
        actor.require(Permission.RECORD_FULFILLMENT)
        with self.store.read() as tx:
            found = tx.reports.all(state.value if state else None, actor.reach, after, limit)
        return [report_view(one) for one in found]

    def retry(self, report_id: str, actor: Actor) -> View:
        """Try again what waits, after what stood in its way was mended. Raises `RefusedError` for what does
        not wait."""
        return retried(lambda: self.try_again(report_id, actor))

    def try_again(self, report_id: str, actor: Actor) -> View:
        """As `retry`, in one transaction that is given up where a unit was moved meanwhile."""
        now = self.clock()
        with self.store.write() as tx:
            kept = self._waiting_one(tx, report_id, actor)
            adapter = self.adapters[kept.source]
            try:
                said = adapter.read(kept.body.encode())
            except WebhookError as error:
                return report_view(replace(kept, code=error.code, why=error.message))
            if said is None:
                return report_view(kept)
            settled = self._settled(tx, adapter, kept, said, now)
            if settled.settled_at is not None:
                settled = replace(settled, settled_by=actor.name)
            tx.reports.settle(settled)
            return report_view(settled)

    def dismiss(self, report_id: str, why: str, actor: Actor) -> View:
        """Somebody has looked, and nothing follows; raises `InvalidInputError` without a reason."""
        if not why.strip():
            raise InvalidInputError("report.why", "to dismiss a report needs a reason")
        now = self.clock()
        with self.store.write() as tx:
            kept = self._waiting_one(tx, report_id, actor)
            done = replace(kept, state=ReportState.DISMISSED, why=why, settled_at=now, settled_by=actor.name)
            tx.reports.settle(done)
        return report_view(done)

    def _waiting_one(self, tx: Transaction, report_id: str, actor: Actor) -> KeptReport:
        actor.require(Permission.RECORD_FULFILLMENT)
        kept = tx.reports.get(report_id)
        if kept is None or not _is_within_reach(tx, kept, actor.reach):
            raise NotFoundError("report.unknown", f"there is no report {report_id}")
        if kept.state is not ReportState.WAITING:
            raise RefusedError("report.settled", f"the report {report_id} does not wait: it is {kept.state}")
        return kept


def _is_within_reach(tx: Transaction, kept: KeptReport, reach: Sequence[str] | None) -> bool:
    if reach is None:
        return True
    claim = tx.claims.get(kept.claim_id) if kept.claim_id else None
    campaign = tx.campaigns.get(claim.campaign) if claim else None
    return campaign is not None and campaign.brand in reach


def _waiting(kept: KeptReport, code: str, why: str) -> KeptReport:
    return replace(kept, state=ReportState.WAITING, code=code, why=why)


def _noted(kept: KeptReport, why: str, now: datetime) -> KeptReport:
    return replace(kept, state=ReportState.NOTED, code="", why=why, settled_at=now)


def report_view(report: KeptReport) -> View:
    view: dict[str, Any] = {
        "report": report.report_id,
        "source": report.source,
        "state": report.state.value,
        "received_at": instant_view(report.received_at),
    }
    for name in ("code", "why", "tracking_number", "carrier", "status"):
        if getattr(report, name):
            view[name] = getattr(report, name)
    if report.occurred_at is not None:
        view["occurred_at"] = instant_view(report.occurred_at)
    if report.claim_id is not None:
        view["claim"] = report.claim_id
    if report.settled_by:
        view["settled_by"] = report.settled_by
    return view
