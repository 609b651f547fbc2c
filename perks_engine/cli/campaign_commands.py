"""`perks campaign …`: campaign files without a database, and campaigns in one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.campaigns.campaign_file import CampaignFile
from perks_engine.campaigns.problems import FileProblemsError, Problem
from perks_engine.cli.backtest_command import backtest
from perks_engine.cli.campaign_status import nobody_is_told, show_status
from perks_engine.cli.campaign_trial import show_trial, trials_view, try_file
from perks_engine.cli.campaign_words import campaign_lines
from perks_engine.cli.diff_command import diff
from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit, say, table
from perks_engine.cli.preview_command import preview
from perks_engine.cli.progress import progress
from perks_engine.cli.session import (
    ByOption,
    DatabaseOption,
    RulesAtHand,
    opened,
    refuse_folder,
    rules_for,
    told,
    who,
)
from perks_engine.services.errors import NotFoundError
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="Campaign files, and campaigns from draft to close.")

Paths = Annotated[list[Path], typer.Argument(help="campaign files, or folders of them")]
Name = Annotated[str, typer.Argument(help="the campaign's name")]


def campaign_files(paths: list[Path]) -> list[Path]:
    """The files named, and every YAML file directly in a folder named; raises `FileProblemsError`."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        fault = "cannot be read: No such file or directory"
        raise FileProblemsError([Problem(str(path), 0, 0, "", fault) for path in missing])
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = path / "campaigns" if (path / "campaigns").is_dir() else path
            files += sorted([*inside.glob("*.yaml"), *inside.glob("*.yml")])
        else:
            files.append(path)
    if not files:
        raise FileProblemsError([Problem(str(paths[0]), 0, 0, "", "holds no campaign file", "*.yaml files")])
    return files


@app.command()
def lint(paths: Paths, as_json: JsonOption = False) -> None:
    """Check campaign files; every fault with its line, column and what was expected."""
    problems: list[Problem] = []
    with told(as_json):
        files = campaign_files(paths)
        rules = RulesAtHand()
        for path in files:
            try:
                rules.of(path).reader.read_file(path)
            except FileProblemsError as error:
                problems.extend(error.problems)
    data = {"files": [str(path) for path in files], "problems": [one.as_dict() for one in problems]}

    def show() -> None:
        for problem in problems:
            say(str(problem))
        if not problems:
            say(counted(len(files), "file is sound", "files are sound"))

    emit(data, as_json, show)
    raise typer.Exit(NOT_ELIGIBLE if problems else DONE)


@app.command("test")
def run_the_examples(
    paths: Paths,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="also name the slips in the rule that no example would catch")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit 1 also for missing marks, and for slips not caught")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the examples of campaign files, and say what they leave open; exit 1 where one fails."""
    with told(as_json), progress(as_json) as report:
        rules = RulesAtHand()
        trials = [try_file(path, rules.of(path), mutate, report) for path in campaign_files(paths)]
    failed = sum(trial.failed for trial in trials)
    total = sum(len(trial.results) for trial in trials)

    def show() -> None:
        for trial in trials:
            show_trial(trial)
        say(f"{total - failed} passed, {failed} failed")

    emit({**trials_view(trials), "total": total, "failed": failed}, as_json, show)
    is_open = strict and any(trial.leaves_open for trial in trials)
    raise typer.Exit(NOT_ELIGIBLE if failed or is_open else DONE)


@app.command()
def show(
    campaign: Annotated[
        str, typer.Argument(help="a campaign file, or the name of a campaign in the database")
    ],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """A campaign: from a file what it offers to whom, from the database its state and versions.

    With --json, a file is shown in its canonical form.
    """
    path = Path(campaign)
    if path.suffix in (".yaml", ".yml"):
        with told(as_json):
            file = rules_for(path).reader.read_file(path)
        data = {"version": file.version, **json.loads(file.canonical)["campaign"]}
        emit(data, as_json, lambda: _show_file(file))
        return
    with opened(database, as_json) as engine:
        try:
            data = engine.campaigning.show(campaign)
        except NotFoundError:
            refuse_folder(campaign, "a campaign file in it", as_json)
            raise
    emit(data, as_json, lambda: show_status(data))


def _show_file(file: CampaignFile) -> None:
    for line in campaign_lines(file):
        say(line)


@app.command("list")
def list_campaigns(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """The campaigns in the database."""
    with opened(database, as_json) as engine:
        found = engine.campaigning.list()
    columns = ("campaign", "brand", "state", "free_units", "opens", "closes")
    emit(
        {"campaigns": found},
        as_json,
        lambda: table(columns, [[one[name] for name in columns] for one in found]),
    )


@app.command()
def load(
    paths: Paths, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Keep the versions of these files in the database; nothing opens by this."""
    with opened(database, as_json) as engine:
        rules = RulesAtHand(engine)
        files = [(rules.of(path), path) for path in campaign_files(paths)]
        read = [(book, book.reader.read_file(path)) for book, path in files]
        loaded = [engine.campaigning.load(book.loadable(file), who(by)) for book, file in read]

    def show() -> None:
        for one in loaded:
            new = "loaded" if one["new"] else "was there already"
            passed = one["examples"] - one["examples_failed"]
            count = f"{passed} of {counted(one['examples'], 'example')}"
            passes = "passes" if passed == 1 else "pass"
            say(f"{one['campaign']}: version {one['version'][:12]} {new}, {count} {passes}")

    emit({"loaded": loaded}, as_json, show)
    raise typer.Exit(NOT_ELIGIBLE if any(one["examples_failed"] for one in loaded) else DONE)


app.command("preview")(preview)
app.command("diff")(diff)
app.command("backtest")(backtest)


@app.command()
def approve(
    campaign: Name, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Approve the latest version; whoever loaded it cannot."""
    with opened(database, as_json) as engine:
        data = engine.campaigning.approve(campaign, who(by))

    def show() -> None:
        seen = data["preview"]
        counts = ", ".join(
            f"{seen[verdict]:,} {verdict}" for verdict in ("eligible", "ineligible", "unknown")
        )
        crowd = counted(seen["people"], "person", "people")
        say(f"{campaign}: version {data['version'][:12]} approved by {data['approved_by']}")
        say(f"by the preview that {seen['made_by']} made over {crowd}: {counts}")
        if not seen["people"]:
            say(f"it shows nobody; a crowd says more: perks campaign preview {campaign} --people FILE")

    emit(data, as_json, show)


@app.command("open")
def open_campaign(
    campaign: Name, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Make the latest version live: now, or when its window opens."""
    with opened(database, as_json) as engine:
        data = engine.campaigning.open(campaign, who(by))
    _say_state(data, as_json)


@app.command()
def pause(
    campaign: Name,
    why: Annotated[str, typer.Option(help="the reason; staff sees it. It can be given afterwards")] = "",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop claims at once; nothing that was granted is touched."""
    with opened(database, as_json) as engine:
        data = engine.campaigning.pause(campaign, who(by), why)
    _say_state(data, as_json)
    if not why.strip() and not as_json:
        say(f"say why as soon as there is time: perks campaign explain {campaign} --why REASON")


@app.command("explain")
def explain_pause(
    campaign: Name,
    why: Annotated[str, typer.Option(help="why it is paused; staff sees it")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the reason of a pause afterwards; what was said before stays in the history."""
    with opened(database, as_json) as engine:
        data = engine.campaigning.explain(campaign, who(by), why)
    _say_state(data, as_json)


@app.command()
def resume(
    campaign: Name,
    why: Annotated[str, typer.Option(help="what you found, and why it may go on; it is recorded")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take claims again after a pause; the guards count anew from now on."""
    with opened(database, as_json) as engine:
        data = engine.campaigning.resume(campaign, who(by), why)
    _say_state(data, as_json)


@app.command()
def close(
    campaign: Name,
    why: Annotated[str, typer.Option(help="the reason; staff sees it")] = "",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """End the campaign for good; what was granted goes on its way."""
    with opened(database, as_json) as engine:
        data = engine.campaigning.close(campaign, who(by), why)
    _say_state(data, as_json)


def _say_state(data: dict[str, Any], as_json: bool) -> None:
    def show() -> None:
        when = f", from {data['opens']}" if data["state"] == "scheduled" else ""
        free = counted(data["free_units"], "unit is free", "units are free")
        say(f"{data['campaign']} is {data['state']}{when}; {free}")
        if data.get("guards") and not data["told"]:
            say(nobody_is_told(data["brand"]))

    emit(data, as_json, show)
