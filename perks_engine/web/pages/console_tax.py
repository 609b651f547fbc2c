"""What each person received in a calendar year, beside the reporting threshold, for who reports it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from itertools import islice

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Actor
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.taxing import ALL, TaxReport
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import MOST_LINES, Filter, wanted
from perks_engine.web.pages.readers import Reading
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.told_errors import told_to_staff

router = APIRouter(prefix="/console/tax", include_in_schema=False)


@router.get("")
def tax(engine: Engine, reader: Reading, request: Request, year: Filter = "", brand: Filter = "") -> Response:
    """The values of a calendar year, by person and brand and in all: what `GET /v1/tax/{year}` gives."""
    actor = reader.actor
    this_year = engine.tax_years.year_of(engine.clock())
    values = {
        "brands": engine.campaigning.brands_seen_by(actor),
        "asked": {"year": year.strip() or str(this_year), "brand": brand},
        "this_year": this_year,
        "all_brands": ALL,
    }
    try:
        with _report(engine, actor, year.strip() or str(this_year), wanted(brand)) as report:
            rows = list(islice(report.rows, MOST_LINES + 1))
    except InvalidInputError as error:
        return show(engine, request, "console/tax", {**values, "refused": told_to_staff(error)}, status=422)
    more = {"report": report, "rows": rows[:MOST_LINES], "has_more": len(rows) > MOST_LINES}
    return show(engine, request, "console/tax", {**values, **more})


@contextmanager
def _report(engine: Engine, actor: Actor, year: str, brand: str | None) -> Generator[TaxReport]:
    if not year.isascii() or not year.isdecimal() or len(year) != len("2026"):
        raise InvalidInputError(
            "tax.year", phrase("'{text}' is no year; expected one such as 2026", text=year[:20])
        )
    with engine.exporting.a_slot(), engine.taxing.report(actor, int(year), brand) as report:
        yield report
