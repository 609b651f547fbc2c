"""Disclosure lists: exported, listed, compared; and the duty to disclose of whoever received something."""

from __future__ import annotations

import base64
from datetime import date
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from perks_engine.exports.change_files import changes_csv, changes_json, changes_text
from perks_engine.exports.columns import LATEST
from perks_engine.services.list_changes import ListComparing
from perks_engine.services.list_records import Chosen, ExportRecord, FileKind, Form, period
from perks_engine.services.list_views import export_view
from perks_engine.services.views import instant_view
from perks_engine.web import list_models as models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.downloads import Download
from perks_engine.web.methods import IS_HEAD
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, ClaimId, Cursor, Instant, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["disclosures"], responses=RESPONSES)
MEDIA = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.JSON: "application/json",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.PDF: "application/pdf",
}
Name = Annotated[StorableText | None, Query(max_length=60)]
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


@router.get(
    "/disclosures",
    responses={
        200: {
            "description": "The list. `X-Perks-Export` names the export, `Repr-Digest` the file's hash.",
            "content": {kind.partition(";")[0]: {} for kind in MEDIA.values()},
        },
        503: {"model": Problem, "description": "As many lists as may be are being made; ask again"},
    },
)
def export_disclosures(
    request: Request,
    engine: Engine,
    caller: Calling,
    brand: Name = None,
    campaign: Name = None,
    person: Annotated[StorableText | None, Query(max_length=80)] = None,
    as_of: Annotated[Instant | None, Query(description="an instant; now if left out")] = None,
    received_from: Annotated[
        date | None, Query(description="only what was received from this day on")
    ] = None,
    received_to: Annotated[date | None, Query(description="and up to this day, included (UTC)")] = None,
    annex: Annotated[bool, Query(description="with those who gave back what they had received")] = False,
    format: Annotated[FileKind, Query()] = FileKind.CSV,  # noqa: A002
    columns: Annotated[str, Query(max_length=10, description="a version of the columns")] = LATEST,
    bom: Annotated[bool, Query(description="begin a CSV with a byte order mark")] = False,
    proofs: Annotated[bool, Query(description="a JSON with a proof for each line")] = False,
) -> Response:
    """Who has a material connection, by what the ledger held at an instant. The export is kept on record.

    HEAD makes no list: it only says whether there could be one.
    """
    actor = caller.actor()
    chosen = Chosen(brand, campaign, person, *period(received_from, received_to), annex)
    form = Form(format, columns, bom, proofs)
    if IS_HEAD in request.scope:
        engine.exporting.check(actor, chosen, form, as_of)
        return Response(media_type=MEDIA[format])
    with TemporaryDirectory(prefix="perks-export-", dir=engine.settings.spool) as folder:
        file = Path(folder) / f"disclosures.{format.value}"
        record = engine.exporting.export(actor, chosen, form, file, as_of)
        # The name goes with the folder; the bytes stay until the last of them is read.
        stream = file.open("rb")
    return Download(stream, MEDIA[format], _headers(record))


def _headers(record: ExportRecord) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(record.sha256)).decode()
    return {
        "Content-Disposition": f'attachment; filename="disclosures.{record.form.kind.value}"',
        "Content-Length": str(record.bytes),
        "Repr-Digest": f"sha-256=:{digest}:",
        "X-Perks-Export": record.export_id,
        "X-Perks-As-Of": instant_view(record.as_of) or "",
        "X-Perks-Lines": str(record.lines),
        "X-Perks-Columns": record.form.columns,
    }


class ChangesFormat(StrEnum):
    TEXT = "text"
    CSV = "csv"
    JSON = "json"


_CHANGES = {
    ChangesFormat.TEXT: (changes_text, "text/plain; charset=utf-8"),
    ChangesFormat.CSV: (changes_csv, "text/csv; charset=utf-8"),
    ChangesFormat.JSON: (changes_json, "application/json"),
}


@router.get(
    "/disclosures/changes",
    responses={
        200: {
            "description": "What was added, corrected and removed",
            "content": {"text/plain": {}, "text/csv": {}, "application/json": {}},
        },
        503: {"model": Problem, "description": "As many lists as may be are being made; ask again"},
    },
)
def list_changes(
    engine: Engine,
    caller: Calling,
    since: Annotated[StorableText, Query(max_length=80, description="an export on record")],
    as_of: Annotated[Instant | None, Query(description="up to this instant; now if left out")] = None,
    format: Annotated[ChangesFormat, Query()] = ChangesFormat.JSON,  # noqa: A002
) -> Download:
    """What changed on a list since that export, and why each line."""
    write, media = _CHANGES[format]
    with TemporaryDirectory(prefix="perks-export-", dir=engine.settings.spool) as folder:
        file = Path(folder) / "changes"
        with (
            engine.exporting.a_slot(),
            ListComparing(engine.exporting).since(caller.actor(), since, as_of) as changes,
            file.open("w", encoding="utf-8", newline="") as out,
        ):
            out.writelines(write(changes))
        stream = file.open("rb")
    return Download(stream, media)


@router.get("/disclosures/exports", response_model=models.Exports, response_model_exclude_none=True)
def list_exports(
    engine: Engine, caller: Calling, brand: Name = None, cursor: Cursor = None, limit: Limit = PAGE
) -> Any:
    """The lists that were exported, the newest first: by whom, when, of what, and the hash of each file."""
    found = engine.exporting.exports(caller.actor(), brand, cursor, limit + 1)
    return JSONResponse(page("exports", [export_view(one) for one in found], limit, "export"))


@router.post("/disclosures/sightings", response_model=models.Sighting, responses=_NOT_NOW)
def record_sighting(body: models.NewSighting, engine: Engine, caller: Calling, key: Key) -> Any:
    """Keep where a disclosure was seen (compliance staff)."""
    answer = engine.instructing.record(caller.actor(), body.claim, body.url, body.seen_at, body.note, key)
    return JSONResponse(dict(answer))


@router.get(
    "/claims/{claim}/instruction",
    response_model=models.Instruction,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def show_instruction(claim: ClaimId, engine: Engine, caller: Calling) -> Any:
    """How you have to disclose what this claim granted, and when you acknowledged that."""
    return JSONResponse(engine.instructing.instruction(caller.person(), claim))


@router.post("/claims/{claim}/acknowledgement", response_model=models.Instruction, responses=_NOT_NOW)
def acknowledge_instruction(claim: ClaimId, engine: Engine, caller: Calling, key: Key) -> Any:
    """Say that you read how to disclose, and will. The first time counts."""
    return JSONResponse(dict(engine.instructing.acknowledge(caller.person(), claim, key, "api")))


@router.post("/claims/{claim}/posts", response_model=models.Sighting, responses=_NOT_NOW)
def report_post(claim: ClaimId, body: models.NewPost, engine: Engine, caller: Calling, key: Key) -> Any:
    """Say where you disclosed: the address of a post."""
    answer = engine.instructing.report(caller.person(), claim, body.url, body.seen_at, key)
    return JSONResponse(dict(answer))
