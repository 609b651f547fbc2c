"""`perks fulfillment import`: the file of a warehouse, by a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.bootstrap import Application
from perks_engine.campaigns.problems import FileProblemsError, Problem
from perks_engine.campaigns.warehouse_file import WarehouseRowsError, read_warehouse_file
from perks_engine.campaigns.warehouse_mapping import read_mapping
from perks_engine.cli.output import JsonOption, emit, say
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.views import counted


def import_file(
    file: Annotated[Path, typer.Argument(help="the CSV that the warehouse sends")],
    mapping: Annotated[Path, typer.Option(help="YAML that says how it is to be read")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be recorded, and record nothing")
    ] = False,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record what a warehouse reports: all rows or none; the same file twice changes nothing."""
    with opened(database, as_json) as engine:
        try:
            rows, names, passed = read_warehouse_file(file, read_mapping(mapping))
        except WarehouseRowsError as error:
            raise FileProblemsError([*error.problems, *_refused(engine, error, by)]) from error
        data = dict(engine.fulfilling.record(rows, operator(by), names, dry_run=dry_run))
    data |= {"passed_over": passed, "dry_run": dry_run}

    def show() -> None:
        say(f"{data['recorded']} {'would be recorded' if dry_run else 'recorded'}")
        if data["already_recorded"]:
            say(counted(data["already_recorded"], "was recorded already", "were recorded already"))
        if passed:
            say(f"{counted(passed, 'row says', 'rows say')} nothing of a unit")

    emit(data, as_json, show)


def _refused(engine: Application, read: WarehouseRowsError, by: str | None) -> Iterator[Problem]:
    """What the ledger says against the rows that can be read, so that all bad rows are named at once."""
    rows, names = [row for row, _ in read.others], [name for _, name in read.others]
    try:
        engine.fulfilling.record(rows, operator(by), names, dry_run=True)
    except InvalidInputError as error:
        for problem in error.problems:
            name, _, fault = problem.partition(": ")
            path, _, line = name.rpartition(":")
            yield Problem(path, int(line), 1, "", fault)
