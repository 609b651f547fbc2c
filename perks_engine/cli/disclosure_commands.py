"""`perks disclosures …`: the disclosure list as a file, the exports on record, and what was seen."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from perks_engine.bootstrap import Application
from perks_engine.campaigns.quantities import QuantityError, day, instant
from perks_engine.cli.duty_commands import due
from perks_engine.cli.output import JsonOption, emit, fail, put_in_place, say, standard_output, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.cli.times import moment_of
from perks_engine.exports.change_files import changes_csv, changes_json, changes_text
from perks_engine.exports.columns import LATEST
from perks_engine.exports.titles import title_of
from perks_engine.services.list_changes import ListComparing
from perks_engine.services.list_records import Chosen, ExportRecord, FileKind, Form, period
from perks_engine.services.list_views import export_view
from perks_engine.services.views import counted, instant_view

app = typer.Typer(no_args_is_help=True, help="The disclosure list.")
app.command("due")(due)

AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="an instant or a day (its end, UTC); now if left out")
]


@app.command("export")
def export(
    brand: Annotated[
        str | None, typer.Option(help="whose list; all brands, if only --person is given")
    ] = None,
    as_of: AsOfOption = None,
    format: Annotated[FileKind, typer.Option(help="the form of the file")] = FileKind.CSV,  # noqa: A002
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the file; standard output if left out")
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="only this campaign")] = None,
    person: Annotated[str | None, typer.Option(help="only this person")] = None,
    received_from: Annotated[str | None, typer.Option(help="only what was received from this day on")] = None,
    received_to: Annotated[str | None, typer.Option(help="and up to this day, included (UTC)")] = None,
    annex: Annotated[bool, typer.Option("--annex", help="with those who gave back what they had")] = False,
    columns: Annotated[
        str, typer.Option(help="a version of the columns; see docs/disclosure-list.md")
    ] = LATEST,
    proofs: Annotated[
        bool, typer.Option("--proofs", help="with a proof for each line, for `perks verify` (JSON only)")
    ] = False,
    with_bom: Annotated[bool, typer.Option("--bom", help="begin a CSV with a byte order mark")] = False,
    since: Annotated[
        str | None, typer.Option(help="no list, but what changed since this export: `disclosures changes`")
    ] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who holds what they received, by what the ledger held at an instant. The export is kept on record."""
    if since is not None:
        changes(since, as_of, _changes_form(format, output, as_json), database, as_json)
        return
    moment = as_of_option(as_of, as_json)
    first, last = (
        day_of(received_from, "--received-from", as_json),
        day_of(received_to, "--received-to", as_json),
    )
    chosen = Chosen(brand, campaign, person, *period(first, last), annex)
    if proofs and format is not FileKind.JSON:
        fail("--proofs: only JSON carries proofs; add --format json", as_json, "option.proofs")
    if output is None and not format.is_text:
        fail(f"--output: {format.upper()} is no text; name a file with -o", as_json, "option.output")
    if brand is None and person is None:
        fail("--brand: whose list? name a brand, or a person with --person", as_json, "option.brand")
    if as_json and output is None:
        format = FileKind.JSON  # noqa: A001
    form = Form(format, columns, with_bom, proofs)
    with opened(database, as_json) as engine:
        actor = operator(by)
        if output is None:
            with TemporaryDirectory(prefix="perks-export-") as folder:
                made = Path(folder) / "list"
                engine.exporting.export(actor, chosen, form, made, moment)
                _copy_out(made)
            return
        with put_in_place(output) as made:
            record = engine.exporting.export(actor, chosen, form, made, moment)
        _tell(engine, record, output, as_json)


def _changes_form(form: FileKind, output: Path | None, as_json: bool) -> ChangesForm:
    if output is not None or not form.is_text:
        fail("--since: changes are printed, as csv or json; leave -o out", as_json, "option.since")
    return ChangesForm(form.value)


def _copy_out(file: Path) -> None:
    with standard_output(), file.open(encoding="utf-8", newline="") as stream:
        shutil.copyfileobj(stream, sys.stdout)


def _tell(engine: Application, record: ExportRecord, output: Path, as_json: bool) -> None:
    key = str(engine.sealing.opening_key()) if record.form.proofs else None
    data = export_view(record) | {"file": str(output)} | ({"key": key} if key else {})

    def show() -> None:
        lines = counted(record.lines, "line")
        say(
            f"{lines} as of {instant_view(record.as_of)} written to {output}, on record as {record.export_id}"
        )
        if key:
            say(f"check it with: perks verify {output} --key {key}")

    emit(data, as_json, show)


class ChangesForm(StrEnum):
    TEXT = "text"
    CSV = "csv"
    JSON = "json"


@app.command("changes")
def changes(
    since: Annotated[str, typer.Option(help="an export on record; see `perks disclosures exports`")],
    as_of: AsOfOption = None,
    format: Annotated[ChangesForm, typer.Option(help="the form")] = ChangesForm.TEXT,  # noqa: A002
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was added, corrected and removed since a list was exported, and why each."""
    moment = as_of_option(as_of, as_json)
    write = {ChangesForm.CSV: changes_csv, ChangesForm.JSON: changes_json}.get(format, changes_text)
    with (
        opened(database, as_json) as engine,
        ListComparing(engine.exporting).since(operator(), since, moment) as found,
        standard_output(),
    ):
        sys.stdout.writelines((changes_json if as_json else write)(found))


@app.command("exports")
def exports(
    brand: Annotated[str | None, typer.Option(help="only this brand's")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="how many")] = 20,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The lists that were exported, the newest first: by whom, when, of what, and each file's hash."""
    with opened(database, as_json) as engine:
        found = engine.exporting.exports(operator(), brand, limit=limit)

    def show() -> None:
        if not found:
            say("no list was exported yet")
            return
        rows = [
            [
                one.export_id,
                f"{one.made_at:%Y-%m-%d %H:%M}",
                one.made_by,
                title_of(one.chosen).removeprefix("Disclosure list of "),
                instant_view(one.as_of),
                one.form.kind.value,
                one.lines,
                one.sha256[:12],
            ]
            for one in found
        ]
        names = ["export", "made at (UTC)", "by", "of", "as of", "format", "lines", "sha256"]
        table(names, rows, numbers=[6])

    emit({"exports": [export_view(one) for one in found]}, as_json, show)


@app.command("seen")
def seen(
    claim: Annotated[str, typer.Argument(help="whose disclosure it is")],
    url: Annotated[str, typer.Argument(help="the address at which it was seen")],
    at: Annotated[str | None, typer.Option(help="when it was seen; now if left out")] = None,
    note: Annotated[str, typer.Option(help="how it was disclosed")] = "",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep where the disclosure of what a claim granted was seen."""
    moment = moment_of(at, "--at", as_json)
    with opened(database, as_json) as engine:
        data = dict(engine.instructing.record(operator(by), claim, url, moment, note))
    emit(data, as_json, lambda: say(f"{data['url']} is kept with {claim}, seen at {data['seen_at']}"))


_DAY_END = "T23:59:59.999999Z"


def as_of_option(text: str | None, as_json: bool) -> datetime | None:
    if text is None or text == datetime.now(UTC).date().isoformat():
        return None  # today is not over: its list is the one of now
    try:
        return instant(text if "T" in text or " " in text else f"{text}{_DAY_END}")
    except QuantityError as error:
        said = str(error).replace(_DAY_END, "")
        fail(f"--as-of: {said}; expected such as 2026-12-31 or 2026-12-31T12:00Z", as_json, "option.as_of")


def day_of(text: str | None, option: str, as_json: bool) -> date | None:
    if text is None:
        return None
    try:
        return day(text)
    except QuantityError as error:
        code = f"option.{option.lstrip('-').replace('-', '_')}"
        fail(f"{option}: {error}; expected such as 2026-12-31", as_json, code)
