"""The `perks` command."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from perks_engine import __version__
from perks_engine.cli import (
    campaign_commands,
    contact_commands,
    decision_commands,
    demo,
    disclosure_commands,
    ledger_commands,
    log_commands,
    people_commands,
    service_commands,
)
from perks_engine.cli.output import DONE, standard_output

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Perk campaigns: who may have them and why, who received them, and who has to say so.",
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"perks {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Exit codes: 0 done or eligible, 1 not eligible or findings, 2 wrong use or bad input."""
    del version


app.command("demo")(demo.demo)
app.command("init")(service_commands.init)
app.command("serve")(service_commands.serve)
app.command("worker")(service_commands.worker)
app.command("migrate")(service_commands.migrate)
app.command("schema")(service_commands.schema)
app.command("check")(people_commands.check)
app.command("claim")(people_commands.claim)
app.command("messages")(ledger_commands.messages)
app.command("verify")(log_commands.verify)
app.add_typer(campaign_commands.app, name="campaign")
app.add_typer(contact_commands.app, name="contact")
app.add_typer(people_commands.app, name="person")
app.add_typer(ledger_commands.fulfillment, name="fulfillment")
app.add_typer(decision_commands.app, name="decisions")
app.add_typer(disclosure_commands.app, name="disclosures")
app.add_typer(log_commands.ledger, name="ledger")
app.add_typer(service_commands.token, name="token")


def run() -> None:
    """The console script. A terminal that has no ✓ and ✗ gets another sign for them, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    status: str | int | None = DONE
    with standard_output():
        try:
            app(prog_name="perks")
        except SystemExit as ended:
            status = ended.code
    sys.exit(status)
