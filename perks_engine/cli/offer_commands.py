"""`perks offers …`: have people told of a campaign, and see how far that is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from perks_engine.cli.output import JsonOption, emit, say
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="Telling people of a campaign that is open to them.")

_STATES = {"under_way": "under way", "waiting": "waiting", "ended": "ended"}
Campaign = Annotated[str, typer.Argument(help="the campaign's name")]


@app.command()
def make(
    campaign: Campaign, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Have everybody told who agreed to hear of perks, and to whom it is open. The service does it."""
    with opened(database, as_json) as engine:
        data = engine.offering.begin(operator(by), campaign)
    emit(data, as_json, lambda: _say(data))


@app.command("list")
def list_runs(campaign: Campaign, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """How far that is, the newest first."""
    with opened(database, as_json) as engine:
        data = engine.offering.of_campaign(operator(), campaign)

    def show() -> None:
        for run in data:
            _say(run)
        if not data:
            say(f"nobody was told of {campaign} so far")

    emit(data, as_json, show)


def _say(run: dict[str, Any]) -> None:
    told = f"{counted(run['offered'], 'offer')} written, {run['passed_over']} to whom it is not open"
    say(f"{run['run']}  {_STATES[run['state']]}: {told}  (asked by {run['asked_by']}, {run['asked_at']})")
    if run["waits_for"]:
        say(f"  {run['waits_for']}")
