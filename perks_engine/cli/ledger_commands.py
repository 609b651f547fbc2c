"""`perks fulfillment …`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.campaigns.fulfillment_file import read_fulfillment, read_fulfillments
from perks_engine.cli.output import JsonOption, emit, fail, say
from perks_engine.cli.report_commands import dismiss, reports, retry
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.cli.warehouse_command import import_file
from perks_engine.domain.fulfillment import RECORDABLE, Fulfillment
from perks_engine.services.views import counted

fulfillment = typer.Typer(no_args_is_help=True, help="What happened to granted units.")


@fulfillment.command("record")
def record(
    file: Annotated[
        Path | None, typer.Argument(help="CSV, JSON or YAML with claim, move, occurred_at, …")
    ] = None,
    claim: Annotated[str | None, typer.Option(help="in place of a file: what happened to this claim")] = None,
    move: Annotated[str | None, typer.Option(help=f"with --claim: {', '.join(RECORDABLE)}")] = None,
    at: Annotated[str | None, typer.Option(help="with --claim: when it happened; now if left out")] = None,
    evidence: Annotated[str, typer.Option(help="with --claim: what a receipt rests on")] = "",
    reference: Annotated[str, typer.Option(help="with --claim: a tracking number, a ticket")] = "",
    note: Annotated[str, typer.Option(help="with --claim: why, for a correction")] = "",
    carrier: Annotated[str, typer.Option(help="with --claim: who carries it")] = "",
    parts: Annotated[str, typer.Option(help="with --claim: parts of a bundle, ';' between them")] = "",
    item: Annotated[str, typer.Option(help="with --move substitute: what is sent instead")] = "",
    value: Annotated[str, typer.Option(help="with --move substitute: what that is worth")] = "",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record shipments, deliveries, losses, returns and check-ins: all rows of a file or none, or one."""
    given = {"claim": claim, "move": move, "at": at}
    given |= {"evidence": evidence, "reference": reference, "note": note}
    given |= {"carrier": carrier, "parts": parts, "item": item, "fair_market_value": value}
    options = [f"--{_OPTIONS.get(name, name)}" for name, text in given.items() if text]
    if file is None and not options:
        fail("name a file, or --claim and --move", as_json, "fulfillment.use")
    if file is not None and options:
        fail(f"name a file or {', '.join(options)}, not both", as_json, "fulfillment.use")
    with opened(database, as_json) as engine:
        rows, names = read_fulfillments(file) if file else ([_one(given, engine.clock())], ["the options"])
        data = dict(engine.fulfilling.record(rows, operator(by), names))

    def show() -> None:
        repeated = counted(data["already_recorded"], "was recorded already", "were recorded already")
        say(f"{data['recorded']} recorded" + (f", {repeated}" if data["already_recorded"] else ""))

    emit(data, as_json, show)


_OPTIONS = {"fair_market_value": "value"}


def _one(given: Mapping[str, str | None], now: datetime) -> Fulfillment:
    """What the options say, read as a row of a file is; raises `FileProblemsError`."""
    row = {name: text for name, text in given.items() if text}
    row["occurred_at"] = row.pop("at", now.isoformat())
    return read_fulfillment(row, "the options")


fulfillment.command("import")(import_file)
fulfillment.command("reports")(reports)
fulfillment.command("retry")(retry)
fulfillment.command("dismiss")(dismiss)
