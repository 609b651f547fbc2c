"""`perks fulfillment reports|retry|dismiss`: carriers' reports that somebody has to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from perks_engine.cli.output import NOT_ELIGIBLE, JsonOption, emit, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.services.report_records import ReportState
from perks_engine.services.views import View


def reports(
    state: Annotated[ReportState, typer.Option(help="only those in this state")] = ReportState.WAITING,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many")] = 100,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carriers' reports, the oldest first: at first those that wait for somebody to look."""
    with opened(database, as_json) as engine:
        found = engine.carrier_reports.reports(operator(), state, None, limit)

    def show() -> None:
        if not found:
            say(f"no report is {state.value}")
            return
        names = ("report", "source", "tracking_number", "status", "occurred_at", "code", "why")
        table(names, [[one.get(name) for name in names] for one in found])

    emit({"reports": found}, as_json, show)


def retry(
    report: Annotated[str, typer.Argument(help="the report")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try a report again, after what stood in its way was mended. Exit 1 where it still waits."""
    with opened(database, as_json) as engine:
        found = engine.carrier_reports.retry(report, operator(by))
    _tell(found, as_json)
    if found["state"] == ReportState.WAITING.value:
        raise typer.Exit(NOT_ELIGIBLE)


def dismiss(
    report: Annotated[str, typer.Argument(help="the report")],
    why: Annotated[str, typer.Option(help="what you found")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that you have looked, and that nothing follows."""
    with opened(database, as_json) as engine:
        found = engine.carrier_reports.dismiss(report, why, operator(by))
    _tell(found, as_json)


def _tell(found: View, as_json: bool) -> None:
    why = f": {found['why']}" if found.get("why") else ""
    emit(found, as_json, lambda: say(f"{found['report']} is {found['state']}{why}"))
