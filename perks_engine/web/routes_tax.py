"""Values by calendar year, for who reports them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from perks_engine.exports.tax_files import tax_csv, tax_json
from perks_engine.services.list_records import FileKind
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.downloads import Download
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.routes_disclosures import Name
from perks_engine.web.values import Instant

router = APIRouter(prefix="/v1", tags=["tax"], responses=RESPONSES)


@router.get(
    "/tax/{year}",
    responses={
        200: {"description": "The values", "content": {"text/csv": {}, "application/json": {}}},
        503: {"model": Problem, "description": "As many lists as may be are being made; ask again"},
    },
)
def export_tax_values(
    year: int,
    engine: Engine,
    caller: Calling,
    brand: Name = None,
    as_of: Annotated[Instant | None, Query(description="an instant; now if left out")] = None,
    format: Literal["csv", "json"] = "csv",  # noqa: A002
) -> Download:
    """What each person received in a calendar year, by brand and in all, beside the reporting threshold."""
    with TemporaryDirectory(prefix="perks-export-", dir=engine.settings.spool) as folder:
        file = Path(folder) / "tax"
        with (
            engine.exporting.a_slot(),
            engine.taxing.report(caller.actor(), year, brand, as_of) as report,
            file.open("w", encoding="utf-8", newline="") as out,
        ):
            out.writelines(tax_csv(report) if format == FileKind.CSV else tax_json(report))
        stream = file.open("rb")
    return Download(
        stream,
        "text/csv; charset=utf-8" if format == FileKind.CSV else "application/json",
        {"Content-Disposition": f'attachment; filename="tax-{year}.{format}"'},
    )
