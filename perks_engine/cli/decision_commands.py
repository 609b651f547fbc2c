"""`perks decisions …`: what was decided, to be looked at elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.bootstrap import Application
from perks_engine.campaigns.decisions_file import DecidedBy, decision_line, version_line
from perks_engine.cli.decisions_at_hand import (
    PurposeOption,
    SinceOption,
    UntilOption,
    VersionOption,
    wanted_by,
)
from perks_engine.cli.output import JsonOption, emit, put_in_place, say, standard_output
from perks_engine.cli.progress import progress
from perks_engine.cli.session import DatabaseOption, opened
from perks_engine.domain.progress import Report, reported
from perks_engine.places.atlas import areas_of
from perks_engine.services.backtesting import Decided
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="Recorded decisions.")


@app.callback()
def decisions() -> None:
    """Recorded decisions."""
    # Typer takes the only command of a group for the group itself, unless there is something above it.


@app.command("export")
def export(
    campaign: Annotated[str, typer.Argument(help="the campaign's name")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the file; standard output if left out")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    purpose: PurposeOption = None,
    version: VersionOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write recorded decisions to a file (JSON Lines) that `perks campaign backtest --decisions` replays
    without the database: with it come the versions that made them, and their areas.

    It holds evidence about people: keep it as you keep the database."""
    with opened(database, as_json) as engine, progress(as_json or output is None) as report:
        wanted = wanted_by(since, until, purpose, version, as_json)
        whole = engine.backtesting.version_named(campaign, version) if version else None
        with engine.backtesting.decided(campaign, wanted.which(whole)) as decided:
            lines = _lines(decided, engine, report)
            if output is None:
                with standard_output():
                    sys.stdout.writelines(lines)
                return
            with put_in_place(output) as part, part.open("w", encoding="utf-8", newline="") as stream:
                stream.writelines(lines)
    versions = len(decided.versions)
    data = {
        "campaign": campaign,
        "decisions": decided.total,
        "versions": versions,
        "file": str(output),
    }
    what = f"{counted(decided.total, 'decision')} by {counted(versions, 'version')}"
    emit(data, as_json, lambda: say(f"{what} written to {output}"))


def _lines(decided: Decided, engine: Application, report: Report) -> Iterator[str]:
    for one in decided.versions.values():
        areas = areas_of(one.campaign.eligibility, engine.atlas)
        yield version_line(DecidedBy(one.version, one.canonical, areas))
    for decision in reported(decided.decisions, "writing decisions", decided.total, report):
        yield decision_line(decision)
