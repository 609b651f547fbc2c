"""`perks approval …`: the human yes that some campaigns ask for."""

from __future__ import annotations

from typing import Annotated

import typer

from perks_engine.cli.output import JsonOption, emit, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.services.identifiers import new_id

app = typer.Typer(no_args_is_help=True, help="Claims that wait for somebody's yes.")

ClaimArgument = Annotated[str, typer.Argument(help="the claim")]
KeyOption = Annotated[str | None, typer.Option(help="the same key gives the same answer again")]


@app.command("list")
def waiting(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Granted claims that wait for a yes, the oldest first."""
    with opened(database, as_json) as engine:
        found = engine.approving.waiting(operator())

    def show() -> None:
        if not found:
            say("no claim waits for a yes")
            return
        names = ("claim", "campaign", "person", "created_at", "reserved_until")
        table(names, [[one[name] for name in names] for one in found])

    emit({"waiting": found}, as_json, show)


@app.command("approve")
def approve(
    claim: ClaimArgument,
    key: KeyOption = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the unit be packed and sent; the person is told."""
    with opened(database, as_json) as engine:
        data = engine.approving.approve(claim, operator(by), key or new_id("key", engine.clock()))
    emit(dict(data), as_json, lambda: say(f"{claim} is approved"))


@app.command("decline")
def decline(
    claim: ClaimArgument,
    why: Annotated[str, typer.Option(help="the reason, which the person is told")],
    key: KeyOption = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the unit back to stock; the person is told why."""
    with opened(database, as_json) as engine:
        data = engine.approving.decline(claim, why, operator(by), key or new_id("key", engine.clock()))
    emit(dict(data), as_json, lambda: say(f"{claim} is declined; its unit is back in stock"))
