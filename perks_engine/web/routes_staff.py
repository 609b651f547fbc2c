"""What staff does: record fulfillment, export the disclosure list, look at campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, StreamingResponse

from perks_engine.domain.fulfillment import Fulfillment
from perks_engine.exports.disclosure_files import csv_chunks, json_chunks
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, CampaignName, Cursor, Instant, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["staff"], responses=RESPONSES)
CHUNK = 64 * 1024


@router.post(
    "/fulfillments",
    response_model=models.Recorded,
    responses={409: {"model": Problem, "description": "The key is taken, or a unit was moved meanwhile"}},
)
def record_fulfillments(body: models.Fulfillments, engine: Engine, caller: Calling, key: Key) -> Any:
    """Record shipments, deliveries, losses, returns, check-ins: all of them or none."""
    rows = [
        Fulfillment(one.claim, one.move, one.occurred_at, one.evidence, one.reference, one.note)
        for one in body.records
    ]
    names = [f"records[{place}]" for place in range(len(rows))]
    return JSONResponse(dict(engine.fulfilling.record(rows, caller.actor(), names, key)))


@router.get(
    "/disclosures",
    responses={
        200: {
            "description": "The list, streamed",
            "content": {"text/csv": {}, "application/json": {}},
        }
    },
)
def export_disclosures(
    engine: Engine,
    caller: Calling,
    brand: Annotated[StorableText, Query(min_length=1, max_length=60)],
    as_of: Annotated[Instant | None, Query(description="an instant; now if left out")] = None,
    campaign: Annotated[StorableText | None, Query(max_length=60)] = None,
    format: Annotated[models.ListFormat, Query()] = models.ListFormat.CSV,  # noqa: A002
    bom: Annotated[bool, Query(description="begin a CSV with a byte order mark")] = False,
) -> StreamingResponse:
    """Who holds an item they received, by what the ledger held at an instant."""
    with ExitStack() as stack:
        instant, lines = stack.enter_context(engine.disclosing.lines(caller.actor(), brand, as_of, campaign))
        is_csv = format is models.ListFormat.CSV
        chunks = csv_chunks(lines, bom) if is_csv else json_chunks(lines, brand, instant)
        kept = stack.pop_all()
    return StreamingResponse(
        _in_pieces(chunks, kept),
        media_type="text/csv; charset=utf-8" if is_csv else "application/json",
        headers={"Content-Disposition": f'attachment; filename="disclosures.{format.value}"'},
    )


def _in_pieces(chunks: Iterator[str], kept: ExitStack) -> Iterator[bytes]:
    """Lines gathered into pieces worth sending; the transaction ends with them."""
    with kept:
        piece: list[str] = []
        size = 0
        for chunk in chunks:
            piece.append(chunk)
            size += len(chunk)
            if size >= CHUNK:
                yield "".join(piece).encode()
                piece, size = [], 0
        yield "".join(piece).encode()


@router.get("/campaigns", response_model=models.Campaigns, response_model_exclude_none=True)
def list_campaigns(engine: Engine, caller: Calling, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """The campaigns of the brands that your token reaches, with their state and stock."""
    found = engine.campaigning.seen_by(caller.actor(), cursor, limit + 1)
    return JSONResponse(page("campaigns", found, limit, "campaign"))


@router.get("/campaigns/{campaign}", response_model=models.CampaignDetail, response_model_exclude_none=True)
def show_campaign(campaign: CampaignName, engine: Engine, caller: Calling) -> Any:
    """One campaign: its state and why, what its guards have counted, and who did what with it."""
    return engine.campaigning.show_to(caller.actor(), campaign)
