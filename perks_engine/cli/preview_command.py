"""`perks campaign preview`: whom a version would reach, in the terminal, as JSON or as a page."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.cli.crowd import FILES, EngineOption, PeopleOption, columns_told, crowd_of
from perks_engine.cli.output import JsonOption, emit, fail
from perks_engine.cli.preview_words import show_preview
from perks_engine.cli.progress import progress
from perks_engine.cli.session import ByOption, DatabaseOption, opened, who


def preview(
    campaign: Annotated[str, typer.Argument(help="the campaign's name")],
    people: PeopleOption = None,
    engine: EngineOption = FILES,
    html: Annotated[Path | None, typer.Option(help="write it as a page to this file as well")] = None,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="show the latest one on record, as who approves should see it")
    ] = False,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whom the latest version would reach; recorded, for opening needs it."""
    if recorded and people is not None:
        fail(
            "--recorded shows what was previewed before, so it takes no --people", as_json, "option.recorded"
        )
    with opened(database, as_json) as perks, progress(as_json) as report:
        version, _ = perks.campaigning.latest(campaign)
        if recorded:
            data = perks.campaigning.recorded_preview(campaign)
        else:
            rule, now = version.eligibility, perks.clock()
            with columns_told(people, engine, "previewed", as_json):
                crowd = crowd_of(people, engine, rule, perks.rules, now, report) if people else nullcontext()
                with crowd as whom:
                    data = perks.campaigning.preview(campaign, who(by), whom, report)
        if html is not None:
            title = {"title": version.title, "brand": version.brand}
            html.write_text(perks.rules.renderer.page("preview", {**data, **title}), encoding="utf-8")
    emit(data, as_json, lambda: show_preview(data))
