"""The `perks` command."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated, TextIO, cast

import typer

from perks_engine import __version__
from perks_engine.cli.on_demand import group_of
from perks_engine.cli.output import DONE, end, standard_output

COMMANDS = {
    "demo": "demo:demo",
    "init": "service_commands:init",
    "serve": "service_commands:serve",
    "worker": "service_commands:worker",
    "migrate": "service_commands:migrate",
    "backup": "backup_commands:backup",
    "restore": "backup_commands:restore",
    "schema": "service_commands:schema",
    "check": "people_commands:check",
    "claim": "people_commands:claim",
    "messages": "message_commands:app",
    "offers": "offer_commands:app",
    "verify": "log_commands:verify",
    "campaign": "campaign_commands:app",
    "approval": "approval_commands:app",
    "contact": "contact_commands:app",
    "person": "people_commands:app",
    "consents": "consent_commands:app",
    "fulfillment": "ledger_commands:fulfillment",
    "decisions": "decision_commands:app",
    "disclosures": "disclosure_commands:app",
    "disputes": "dispute_commands:app",
    "feedback": "feedback_commands:app",
    "posts": "post_commands:app",
    "incidents": "incident_commands:app",
    "statement": "statement_commands:app",
    "ledger": "log_commands:ledger",
    "log": "staff_log_command:staff_log",
    "promotions": "promotion_commands:app",
    "webhooks": "webhook_commands:app",
    "tax": "tax_commands:app",
    "token": "token_commands:app",
}
"""Where each command stands (see `on_demand`), in the order in which the help shows them."""

app = typer.Typer(
    cls=group_of(COMMANDS),
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


def run() -> None:
    """The console script. A terminal that has no ✓ and ✗ gets another sign for them, not a traceback."""
    if cast("TextIO | None", sys.stdout) is None:
        # Else the next file that is opened, a database it may be, stands where output goes.
        end("standard output is closed; direct it to /dev/null if nobody is to read it")
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
