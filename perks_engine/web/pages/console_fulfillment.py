"""The desk of those who pack and send: units by what is to be done, and what happened to one, recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.fulfillment import SHIPPED, Fulfillment, MoveKind, ReceiptEvidence
from perks_engine.domain.phrase import phrase
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.views import View
from perks_engine.services.warehouse import Step
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import LINES, Cursor, Filter, tried, wanted
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import Form, Reader, Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.told_errors import told_to_staff
from perks_engine.web.values import ClaimId, StorableText

router = APIRouter(prefix="/console/fulfillment", include_in_schema=False)
LONGEST_NOTE = 500
_EVIDENCE = {MoveKind.HAND_OVER: ReceiptEvidence.WAREHOUSE}
"""What a move rests on that implies nothing by itself: whoever handed it over says so."""


@router.get("")
def units(
    engine: Engine,
    reader: Reading,
    request: Request,
    step: Filter = Step.TO_PREPARE.value,
    campaign: Filter = "",
    find: Filter = "",
    cursor: Cursor = "",
    done: Filter = "",
) -> Response:
    """The units at one step; by a tracking number or a claim, the unit itself."""
    asked = {"step": step, "campaign": campaign, "find": find}
    if not wanted(find):
        return show(
            engine, request, "console/units", {**_listed(engine, reader, asked, cursor), "done": done}
        )
    try:
        return see(f"/console/fulfillment/{_found(engine, reader, find.strip())}")
    except NotFoundError as error:
        values = {**_listed(engine, reader, asked, cursor), "not_found": told_to_staff(error)}
        return show(engine, request, "console/units", values, status=404)


@router.post("/packing")
def pack(engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """Record several units as packed, all that were ticked or none."""
    claims = form.all_of("claims")
    asked = {"step": Step.TO_PREPARE.value, "campaign": form.text("campaign"), "find": ""}

    def work() -> Mapping[str, Any]:
        if not claims:
            raise InvalidInputError("fulfillment.none", phrase("nothing is ticked; tick what you packed"))
        now = engine.clock()
        rows = [Fulfillment(one, MoveKind.PACK, now) for one in claims]
        return engine.fulfilling.record(rows, reader.actor, claims)

    return tried(
        engine,
        request,
        work,
        lambda _done: see(f"/console/fulfillment?step={Step.PACKED}&done=pack"),
        "console/units",
        lambda: {**_listed(engine, reader, asked, ""), "ticked": claims},
    )


@router.get("/{claim}")
def unit(claim: ClaimId, engine: Engine, reader: Reading, request: Request, done: Filter = "") -> Response:
    """One unit: for whom, its way so far, and what can be recorded now."""
    found = engine.console.warehouse.unit(reader.actor, claim)
    return show(engine, request, "console/unit", _shown(found, done, {}))


@router.post("/{claim}/moves/{move}")
def record(
    claim: ClaimId, move: StorableText, engine: Engine, reader: Reading, request: Request, form: Sent
) -> Response:
    """Record what happened to a unit: packed, shipped, delivered, lost, returned."""
    actor = reader.actor

    def work() -> Mapping[str, Any]:
        engine.console.warehouse.require_unmoved(actor, claim, form.text("entry"))
        return engine.fulfilling.record([_row(claim, move, form, engine.clock())], actor, [claim])

    return tried(
        engine,
        request,
        work,
        lambda _done: see(f"/console/fulfillment/{claim}?done={move}"),
        "console/unit",
        lambda: _shown(engine.console.warehouse.unit(actor, claim), "", _given(move, form)),
    )


def _listed(engine: Engine, reader: Reader, asked: Mapping[str, str], cursor: str) -> dict[str, Any]:
    actor, warehouse = reader.actor, engine.console.warehouse
    step = _step(asked["step"])
    found = warehouse.units(actor, step, wanted(asked["campaign"]), wanted(cursor), LINES + 1)
    return {
        "asked": asked,
        "counts": [(one.value, number) for one, number in warehouse.counted(actor).items()],
        "units": found[:LINES],
        "next": found[LINES - 1]["claim"] if len(found) > LINES else "",
        "at": cursor,
        "packable": _packable(found[:LINES]) if step is Step.TO_PREPARE else [],
        "ticked": [],
    }


def _packable(units: Sequence[View]) -> list[str]:
    """The claims of what is sent in a parcel, and waits for nobody."""
    parcels = {one.value for one in SHIPPED}
    return [one["claim"] for one in units if one["kind"] in parcels and not one["waits_for"]]


def _step(text: str) -> Step:
    try:
        return Step(text)
    except ValueError as error:
        told = phrase("there is no step '{text}'; choose one of those on the page", text=text[:20])
        raise InvalidInputError("console.step", told) from error


def _found(engine: Engine, reader: Reader, find: str) -> str:
    """The claim of that number, or the one that was shipped under it. Raises `NotFoundError`."""
    if find.startswith("clm_"):
        return str(engine.console.warehouse.unit(reader.actor, find)["claim"])
    return engine.console.warehouse.shipped_under(reader.actor, find)


def _row(claim: str, move: str, form: Form, now: datetime) -> Fulfillment:
    """Raises `InvalidInputError`."""
    try:
        kind = MoveKind(move)
    except ValueError as error:
        raise InvalidInputError(
            "fulfillment.move", phrase("'{move}' is nothing that happens to units", move=move[:20])
        ) from error
    number, carrier = form.text("reference"), form.text("carrier")
    if kind is MoveKind.SHIP and not (number and carrier):
        told = phrase("say by which carrier it was sent, and under which tracking number")
        raise InvalidInputError("fulfillment.shipment", told)
    return Fulfillment(
        claim,
        kind,
        _moment(form.text("at"), now),
        evidence=str(_EVIDENCE.get(kind, "")),
        reference=number,
        note=form.text("note")[:LONGEST_NOTE],
        carrier=carrier,
        parts=tuple(form.all_of("parts")),
    )


def _moment(text: str, now: datetime) -> datetime:
    """A minute as browsers send it, in UTC; now for none. Raises `InvalidInputError`."""
    if not text:
        return now
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        told = phrase(
            "'{text}' is no time; expected one such as 2026-12-31T15:04, or nothing for now", text=text[:30]
        )
        raise InvalidInputError("console.moment", told) from error


def _shown(unit: View, done: str, given: Mapping[str, Any]) -> View:
    """`given` is what a form sent that was refused, by its move."""
    return {"unit": unit, "done": done, "given": given, "nothing": _given("", Form())[""]}


def _given(move: str, form: Form) -> dict[str, Any]:
    texts = {name: form.text(name) for name in ("at", "carrier", "reference", "note")}
    return {move: {**texts, "parts": form.all_of("parts")}}
