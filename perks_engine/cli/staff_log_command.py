"""`perks log`: what members of staff did through the API."""

from __future__ import annotations

from typing import Annotated

import typer

from perks_engine.cli.output import JsonOption, emit, say, table
from perks_engine.cli.session import DatabaseOption, opened, operator
from perks_engine.cli.times import moment_of
from perks_engine.services.staff_records import WhichActions


def staff_log(
    by: Annotated[str | None, typer.Option(help="only what this member of staff did")] = None,
    route: Annotated[str | None, typer.Option(help="only this, such as 'DELETE /v1/tokens/{token}'")] = None,
    about: Annotated[str | None, typer.Option(help="only about this, such as claim=clm_…")] = None,
    person: Annotated[str | None, typer.Option(help="only about this person")] = None,
    since: Annotated[str | None, typer.Option(help="from this moment on")] = None,
    until: Annotated[str | None, typer.Option(help="before this moment")] = None,
    before: Annotated[int | None, typer.Option(min=1, help="only actions of lower numbers")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many, the newest first")] = 50,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """What staff did through the API: who, what, about whom, and what came of it."""
    span = moment_of(since, "--since", as_json), moment_of(until, "--until", as_json)
    with opened(database, as_json) as engine:
        which = WhichActions(by, route, about, person, *span, before)
        found = engine.staff_actions.seen_by(operator(), which, limit)

    def show() -> None:
        if not found:
            say("nothing is on record")
            return
        columns = ["", "at", "by", "route", "about", "person", "status", "code"]
        names = ["action", *columns[1:]]
        table(columns, [[one[name] for name in names] for one in found])

    emit({"actions": found}, as_json, show)
