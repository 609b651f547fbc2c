"""`perks tax …`: values by calendar year."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.cli.disclosure_commands import AsOfOption, as_of_option
from perks_engine.cli.output import JsonOption, emit, put_in_place, say, standard_output
from perks_engine.cli.session import DatabaseOption, opened, operator
from perks_engine.exports.tax_files import tax_csv, tax_json
from perks_engine.services.views import instant_view

app = typer.Typer(no_args_is_help=True, help="What people received in a calendar year, in value.")


@app.callback()
def tax() -> None:
    """Values for who reports them; see docs/tax.md for what counts in which year."""


class TaxFormat(StrEnum):
    CSV = "csv"
    JSON = "json"


@app.command("export")
def export(
    year: Annotated[int, typer.Option(help="the calendar year, in the zone of PERKS_TAX_ZONE")],
    brand: Annotated[
        str | None, typer.Option(help="only what this brand gave; all brands if left out")
    ] = None,
    as_of: AsOfOption = None,
    format: Annotated[TaxFormat, typer.Option(help="the form of the file")] = TaxFormat.CSV,  # noqa: A002
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the file; standard output if left out")
    ] = None,
    with_bom: Annotated[bool, typer.Option("--bom", help="begin a CSV with a byte order mark")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """What each person received, by brand and in all, and where it reaches the reporting threshold."""
    moment = as_of_option(as_of, as_json)
    if as_json and output is None:
        format = TaxFormat.JSON  # noqa: A001
    with (
        opened(database, as_json) as engine,
        engine.taxing.report(operator(), year, brand, moment) as report,
    ):
        chunks = tax_csv(report, with_bom) if format is TaxFormat.CSV else tax_json(report)
        if output is None:
            with standard_output():
                sys.stdout.writelines(chunks)
            return
        with put_in_place(output) as file, file.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(chunks)
    threshold = str(report.threshold.amount) if report.threshold else None
    at = instant_view(report.instant)
    data = {"year": year, "zone": report.zone, "as_of": at, "threshold": threshold, "file": str(output)}
    told = f"values of {year} ({report.zone}) as of {at} written to {output}; reported from {threshold} on"
    emit(data, as_json, lambda: say(told))
