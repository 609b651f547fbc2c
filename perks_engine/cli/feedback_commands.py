"""`perks feedback …`: what recipients said, taken away whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.cli.output import JsonOption, emit, fail, put_in_place, say, standard_output
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.exports.feedback_files import feedback_csv, feedback_json
from perks_engine.services.views import View, counted

app = typer.Typer(no_args_is_help=True, help="What recipients say about what they received.")


@app.callback()
def feedback() -> None:
    """What recipients say about what they received."""


class FeedbackFormat(StrEnum):
    CSV = "csv"
    JSON = "json"


@app.command("export")
def export(
    brand: Annotated[str | None, typer.Option(help="only this brand's")] = None,
    campaign: Annotated[str | None, typer.Option(help="only this campaign's")] = None,
    format: Annotated[FeedbackFormat, typer.Option(help="the form")] = FeedbackFormat.CSV,  # noqa: A002
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the file; standard output if left out")
    ] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every version of every answer, whatever it says: current, replaced and taken back, each marked so."""
    if as_json and output is None:
        format = FeedbackFormat.JSON  # noqa: A001
    write = feedback_csv if format is FeedbackFormat.CSV else feedback_json
    if output is not None and output.is_dir():
        fail(f"--output: {output} is a folder; name a file in it", as_json, "option.output")
    with (
        opened(database, as_json) as engine,
        engine.recipients.feedback_export.rows(operator(by), brand, campaign) as rows,
    ):
        if output is None:
            with standard_output():
                sys.stdout.writelines(write(rows))
            return
        count = 0

        def counting() -> Iterator[View]:
            nonlocal count
            for row in rows:
                count += 1
                yield row

        with put_in_place(output) as part, part.open("w", encoding="utf-8", newline="") as out:
            out.writelines(write(counting()))
    emit(
        {"file": str(output), "lines": count},
        as_json,
        lambda: say(f"{counted(count, 'line')} written to {output}"),
    )
