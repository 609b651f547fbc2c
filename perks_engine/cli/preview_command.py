"""`perks campaign preview`: whom a version would reach, in the terminal, as JSON or as a page."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.cli.campaign_status import guard_lines, moment_in_words
from perks_engine.cli.crowd import PeopleOption, columns_told, crowd_of
from perks_engine.cli.output import JsonOption, emit, fail, say, table
from perks_engine.cli.progress import progress
from perks_engine.cli.session import ByOption, DatabaseOption, opened, who
from perks_engine.services.views import counted

WIDEST_BAR = 40


def preview(
    campaign: Annotated[str, typer.Argument(help="the campaign's name")],
    people: PeopleOption = None,
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
    with opened(database, as_json) as engine, progress(as_json) as report:
        version, _ = engine.campaigning.latest(campaign)
        if recorded:
            data = engine.campaigning.recorded_preview(campaign)
        else:
            rule, now = version.eligibility, engine.clock()
            with columns_told(people, "previewed", as_json):
                crowd = crowd_of(people, rule, engine.rules, now, report) if people else nullcontext()
                with crowd as whom:
                    data = engine.campaigning.preview(campaign, who(by), whom, report)
        if html is not None:
            title = {"title": version.title, "brand": version.brand}
            html.write_text(engine.rules.renderer.page("preview", {**data, **title}), encoding="utf-8")
    emit(data, as_json, lambda: _show(data))


def _show(data: Mapping[str, Any]) -> None:
    crowd = counted(data["people"], "person", "people")
    say(f"{data['campaign']}, version {data['version'][:12]}, over {crowd}")
    say(f"previewed {moment_in_words(data['previewed_at'])} by {data['previewed_by']}\n")
    share = max(data["people"], 1)
    for verdict in ("eligible", "ineligible", "unknown"):
        stock = f"   for {counted(data['stock'], 'unit')}" if verdict == "eligible" else ""
        say(f"  {verdict:<11}{data[verdict]:>10,}  {data[verdict] / share:>6.1%}{stock}")
    say(f"  near an edge {data['near_edge']:>9,}   their location could be on either side\n")
    if not data["people"]:
        return
    say("What each condition takes away")
    columns = ("condition", "not met", "unknown", "stops alone", "left after it")
    numbers = ("not_met", "unknown", "stops_alone", "left")
    table(columns, [[step["required"], *(f"{step[one]:,}" for one in numbers)] for step in data["funnel"]])
    if data["missing"]:
        say("\nWhat is not known of those who are unknown")
        columns = ("condition", "evidence", "people", "eligible if it were met")
        cells = ("required", "code", "people", "would_be_eligible")
        table(columns, [[one[cell] for cell in cells] for one in data["missing"]])
    if data["histogram"]:
        _show_bars(data["histogram"])
    if data["piles"]:
        say("\nPeople on one and the same point, which is seldom where they are")
        table(
            ("point", "people", "eligible"),
            [[f"{one['lat']}, {one['lon']}", one["people"], one["eligible"]] for one in data["piles"]],
        )
    if data["guards"]:
        say("\nWhat its guards would find if everybody who is eligible claimed")
        for line in guard_lines(data["guards"]):
            say(line)
    say("\nSome of them")
    for one in data["sample"]:
        stands = "; ".join(f"{what}: {code.replace('_', ' ')}" for what, code in one["in_the_way"].items())
        say(f"  {one['verdict']:<11}{one['id']}{'   ' + stands if stands else ''}")


def _show_bars(histogram: Mapping[str, Any]) -> None:
    say(f"\nHow {histogram['required']} falls (█ eligible, ░ others, │ the band asked for)")
    low, high = histogram["band"]
    most = max((bar["people"] for bar in histogram["bars"]), default=0) or 1
    for bar in histogram["bars"]:
        inside = (low is None or bar["high"] > low) and (high is None or bar["low"] <= high)
        full = round(bar["people"] / most * WIDEST_BAR)
        good = min(full, round(bar["eligible"] / most * WIDEST_BAR))
        drawn = "█" * good + "░" * (full - good)
        say(f"  {bar['low']:>8g} {'│' if inside else ' '} {drawn:<{WIDEST_BAR}} {bar['people']:,}")
