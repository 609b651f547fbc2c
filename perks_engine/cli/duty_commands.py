"""`perks disclosures due`: whose disclosure was not seen yet."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from perks_engine.cli.output import JsonOption, emit, say, table
from perks_engine.cli.session import DatabaseOption, opened, operator
from perks_engine.services.views import counted

MOST_LISTED = 1_000
COLUMNS = ("claim", "handle", "campaign", "days", "acknowledged", "reminders", "next")


def due(
    brand: Annotated[str | None, typer.Option(help="only this brand's")] = None,
    campaign: Annotated[str | None, typer.Option(help="only this campaign's")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who holds what they received, and has shown no post yet; what was done about it, and what is next."""
    with opened(database, as_json) as engine:
        found = engine.reminding.due(operator(), brand, campaign, None, MOST_LISTED + 1)
    more = len(found) > MOST_LISTED
    shown = found[:MOST_LISTED]

    def show() -> None:
        if not shown:
            say("of everybody who holds something, a post is on record")
            return
        table(COLUMNS, [_row(one) for one in shown], numbers={3, 5})
        say(f"{counted(len(shown), 'person', 'people')}; no post on record is no breach, nobody has to post")
        if more:
            say(f"there are more than {MOST_LISTED:,}; narrow it with --campaign")

    emit({"duties": shown, "more": more}, as_json, show)


def _row(one: dict[str, Any]) -> list[Any]:
    on = (one["next_step_at"] or "")[:10]
    following = f"{one['next_step']} on {on}" if on else f"brand told on {one['escalated_at'][:10]}"
    return [
        *(one["claim"], one["handle"] or one["person"], one["campaign"], one["days"]),
        *("yes" if one["acknowledged"] else "no", one["reminders"], following),
    ]
