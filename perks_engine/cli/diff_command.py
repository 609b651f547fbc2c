"""`perks campaign diff`: what is different between two versions, and who gains and loses by it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.audiences.diff import BothRules
from perks_engine.bootstrap import Application
from perks_engine.cli.at_hand import VERSION_HELP, Named, file_named, from_file, on_record, previewing_of
from perks_engine.cli.crowd import FILES, EngineOption, PeopleOption, columns_told, crowd_of
from perks_engine.cli.diff_words import show_diff
from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit
from perks_engine.cli.progress import progress
from perks_engine.cli.session import DatabaseOption, RulesAtHand, connected, told
from perks_engine.cli.times import AtOption, moment_of
from perks_engine.domain.progress import Report
from perks_engine.services.comparing import changes_view, people_view
from perks_engine.services.views import View


def diff(
    old: Annotated[str, typer.Argument(help=VERSION_HELP)],
    new: Annotated[str, typer.Argument(help=VERSION_HELP)],
    people: PeopleOption = None,
    engine: EngineOption = FILES,
    nobody: Annotated[
        bool, typer.Option("--no-people", help="judge nobody: only what the versions say")
    ] = False,
    at: AtOption = None,
    html: Annotated[Path | None, typer.Option(help="write it as a page to this file as well")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """What is different between two versions of a campaign, and who gains and who loses by it.

    Two files need no database; nobody is judged then unless --people says whom. Exit 0 where nobody's
    verdict changes (or, where nobody is judged, nothing is different), else 1."""
    with (
        told(as_json),
        connected(database) if database or None in map(file_named, (old, new)) else nullcontext() as perks,
        progress(as_json) as report,
    ):
        now = moment_of(at, "--at", as_json) or (perks.clock() if perks else datetime.now(UTC))
        rules = RulesAtHand(perks)
        before, after = (_named(text, perks, rules, as_json) for text in (old, new))
        data = changes_view(before.version, after.version)
        with columns_told(people, engine, "judged", as_json):
            if people is not None:
                data |= _over_a_crowd(before, after, people, engine, now, report)
            elif perks is not None and not nobody:
                comparing = replace(perks.comparing, previewing=previewing_of(before, after))
                data |= comparing.diff_of_everybody(before.version, after.version, now, report)
        if html is not None:
            html.write_text(after.rules.renderer.page("diff", data), encoding="utf-8")
    emit(data, as_json, lambda: show_diff(data))
    raise typer.Exit(NOT_ELIGIBLE if data.get("changed", data["changes"]) else DONE)


def _named(text: str, engine: Application | None, rules: RulesAtHand, as_json: bool) -> Named:
    path = file_named(text)
    if path is not None or engine is None:
        return from_file(path or Path(text), rules)
    return on_record(text, engine, as_json)


def _over_a_crowd(old: Named, new: Named, people: str, engine: str, now: datetime, report: Report) -> View:
    before, after = old.version.campaign, new.version.campaign
    both = BothRules(before.eligibility, after.eligibility)
    with crowd_of(people, engine, both.rule, new.rules, now, report) as crowd:
        return people_view(
            previewing_of(old, new).diff(before, after, crowd, now, report), before, after, now
        )
