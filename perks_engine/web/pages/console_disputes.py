"""Disputes, the longest open first, and how each is settled."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.fulfillment import MoveKind
from perks_engine.domain.phrase import phrase
from perks_engine.services.corrections import Correction
from perks_engine.services.dispute_records import DisputeAct
from perks_engine.services.disputing import Settlement
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import LINES, Cursor, Filter, form_key, tried, wanted
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import Form, Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/console/disputes", include_in_schema=False)
CORRECTIONS = ("void", "return", "amend")


@router.get("")
def disputes(
    engine: Engine, reader: Reading, request: Request, state: Filter = "open", cursor: Cursor = ""
) -> Response:
    """Those that are open, or all there were."""
    found = engine.disputing.seen_by(reader.actor, state == "open", wanted(cursor), LINES + 1)
    values = {
        "disputes": found[:LINES],
        "next": found[LINES - 1]["dispute"] if len(found) > LINES else "",
        "at": cursor,
        "state": state,
    }
    return show(engine, request, "console/disputes", values)


@router.get("/{dispute}")
def dispute_to_settle(
    dispute: StorableText, engine: Engine, reader: Reading, request: Request, done: Filter = ""
) -> Response:
    """One dispute with its files, and the form to settle it."""
    values = {**_values(engine, reader, dispute, Form()), "done": done}
    return show(engine, request, "console/dispute", values)


@router.post("/{dispute}/settlement")
def settle(dispute: StorableText, engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """Uphold or reject a dispute, with a reason that the person is told."""
    actor = reader.actor
    return tried(
        engine,
        request,
        lambda: engine.disputing.settle(actor, dispute, _settlement(form), form.text("key")),
        lambda _done: see(f"/console/disputes/{dispute}?done=settled"),
        "console/dispute",
        lambda: _values(engine, reader, dispute, form),
    )


def _settlement(form: Form) -> Settlement:
    """An upheld one corrects the ledger, as chosen; a rejected one does nothing to it."""
    outcome = form.text("outcome")
    if outcome not in (DisputeAct.UPHELD, DisputeAct.REJECTED):
        raise InvalidInputError("dispute.outcome", phrase("say whether you uphold or reject it"))
    correction = None
    if outcome == DisputeAct.UPHELD:
        kind = form.text("correction") or "void"
        if kind not in CORRECTIONS:
            raise InvalidInputError(
                "dispute.correction", phrase("say what an upheld dispute does to the ledger")
            )
        correction = Correction(MoveKind(kind), _moment(form.text("occurred_at")), form.text("evidence"))
    return Settlement(DisputeAct(outcome), form.text("reason"), correction)


def _moment(text: str) -> datetime | None:
    """As `datetime-local` sends it, in UTC."""
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        told = phrase("'{text}' is no moment; expected one such as 2026-12-31T10:00", text=text[:30])
        raise InvalidInputError("dispute.occurred_at", told) from error
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given


def _values(engine: Engine, reader: Reading, dispute: str, form: Form) -> View:
    names = ("outcome", "correction", "occurred_at", "evidence", "reason")
    return {
        "dispute": engine.disputing.show(reader.actor, dispute),
        "given": {name: form.text(name) for name in names},
        "key": form_key(engine),
    }
