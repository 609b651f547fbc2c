"""`perks incidents …`: what went wrong, whom it hit, and what is done about it."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.bootstrap import Application
from perks_engine.campaigns.corrected_evidence import read_corrected
from perks_engine.campaigns.people_file import PeopleReader
from perks_engine.cli.at_hand import file_named, from_file, on_record
from perks_engine.cli.output import NOT_ELIGIBLE, JsonOption, emit, fail, put_in_place, say, table
from perks_engine.cli.progress import progress
from perks_engine.cli.session import ByOption, DatabaseOption, RulesAtHand, compliance, opened
from perks_engine.cli.times import moment_of
from perks_engine.domain.progress import Report
from perks_engine.places.atlas import areas_of
from perks_engine.services.access import Actor
from perks_engine.services.incident_correction import Corrected, Distrust
from perks_engine.services.incident_records import Scope
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="What went wrong, whom it hit, and what is done about it.")

IncidentArgument = Annotated[str, typer.Argument(help="the incident, such as inc_…")]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="every line, as CSV, or as JSON where it ends in .json")
]
PAGE = 200
LOOK_AGAIN_S = 0.5
MOST_LISTED = 1_000
_LINE = ("place", "person", "decision", "claim", "campaign", "decided_at", "was", "is", "kinds")
_STEP = ("number", "person", "action", "campaign", "claim", "ledger_entry", "why")


@app.command("open")
def open_incident(
    wrong: Annotated[str, typer.Option(help="what was wrong; everybody hit by it is told so")],
    campaign: Annotated[str | None, typer.Option(help="decisions about this campaign")] = None,
    version: Annotated[str | None, typer.Option(help="by this version: the beginning of its name")] = None,
    source: Annotated[str | None, typer.Option(help="that rest on evidence of this source")] = None,
    since: Annotated[str | None, typer.Option(help="from this moment on")] = None,
    until: Annotated[str | None, typer.Option(help="before this moment")] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open one over decisions on record."""
    moments = (moment_of(since, "--since", as_json), moment_of(until, "--until", as_json))
    with opened(database, as_json) as engine:
        found = engine.incidents.open(compliance(by), Scope(campaign, version, source, *moments), wrong)
    emit(found, as_json, lambda: _show(found))


@app.command("list")
def list_incidents(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """All there are, the oldest first."""
    with opened(database, as_json) as engine:
        found = engine.incidents.seen_by(compliance(), None, MOST_LISTED)

    def show() -> None:
        if not found:
            say("no incident is on record")
            return
        rows = [
            [one["incident"], one["state"], one["scope"]["campaign"] or "all", one["opened_at"], one["wrong"]]
            for one in found
        ]
        table(("incident", "state", "campaign", "opened at", "wrong"), rows)

    emit({"incidents": found}, as_json, show)


@app.command("show")
def show_incident(
    incident: IncidentArgument,
    output: OutputOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """One incident; with --output everybody hit by it, by the latest replay."""
    with opened(database, as_json) as engine:
        found = engine.incidents.show(compliance(), incident)
        if output is not None:
            pages = _paged(lambda after: engine.incidents.lines(compliance(), incident, after, PAGE), "place")
            _write(output, _LINE, pages)
    emit(found, as_json, lambda: _show(found))


@app.command("replay")
def replay(
    incident: IncidentArgument,
    under: Annotated[
        str | None,
        typer.Option(help="the corrected rule: a campaign file, or the beginning of a loaded version's name"),
    ] = None,
    people: Annotated[
        Path | None, typer.Option(help="a file of people with the evidence that is right")
    ] = None,
    distrust: Annotated[
        list[str] | None,
        typer.Option(help="a source not to be believed, or SOURCE,FROM,TO for what it observed then"),
    ] = None,
    output: OutputOption = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge every decision in its scope again, each as of its own moment."""
    sources = tuple(_distrust(one, as_json) for one in distrust or ())
    with opened(database, as_json) as engine, progress(as_json) as report:
        corrected = Corrected(distrust=sources)
        if under is not None:
            campaign = engine.incidents.show(compliance(by), incident)["scope"]["campaign"]
            path = file_named(under)
            named = (
                from_file(path, RulesAtHand(engine))
                if path
                else on_record(f"{campaign}@{under}", engine, as_json)
            )
            version = named.version
            areas = areas_of(version.campaign.eligibility, named.rules.atlas_with(named.areas))
            corrected = replace(corrected, campaign=version.campaign, version=version.version, areas=areas)
        if people is not None:
            rules = engine.rules
            facts, digest = read_corrected(PeopleReader(rules.catalogue, rules.atlas), people)
            corrected = replace(corrected, facts=facts, facts_sha256=digest)
        job = engine.incident_jobs.ask_replay(compliance(by), incident, corrected)
        found = _ended(engine, compliance(by), job, report, as_json)
        if output is not None:
            pages = _paged(
                lambda after: engine.incidents.lines(compliance(by), incident, after, PAGE), "place"
            )
            _write(output, _LINE, pages)
    emit(found, as_json, lambda: _show(found))


@app.command("plan")
def plan(
    incident: IncidentArgument,
    output: OutputOption = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the plan: what is to be done for each person, and what that comes to. Nothing is done yet."""
    with opened(database, as_json) as engine:
        found = engine.incident_plan.plan(compliance(by), incident)
        if output is not None:
            pages = _paged(
                lambda after: engine.incidents.steps(compliance(by), incident, after, PAGE), "number"
            )
            each = (
                {"number": step["number"], "person": step["person"], **action}
                for step in pages
                for action in step["actions"]
            )
            _write(output, _STEP, each)
    emit(found, as_json, lambda: _show(found))


@app.command("approve")
def approve(
    incident: IncidentArgument,
    plan_hash: Annotated[str, typer.Option("--plan", help="the plan's hash, or its first 8 digits or more")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve the plan. Who opened the incident or made the plan cannot."""
    with opened(database, as_json) as engine:
        found = engine.incidents.approve(compliance(by), incident, plan_hash)
    emit(found, as_json, lambda: _show(found))


@app.command("apply")
def apply(
    incident: IncidentArgument,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry the approved plan out. Cut short, it is run again, or a worker goes on: nothing is done twice."""
    with opened(database, as_json) as engine, progress(as_json) as report:
        job = engine.incident_jobs.ask_apply(compliance(by), incident)
        found = _ended(engine, compliance(by), job, report, as_json)
    emit(found, as_json, lambda: _show(found))


@app.command("cancel")
def cancel(
    incident: IncidentArgument,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop the replay or the application that is under way; either can be asked for again."""
    with opened(database, as_json) as engine:
        jobs = engine.incident_jobs.of_incident(compliance(by), incident)
        going = next((one for one in jobs if one["ended_at"] is None), None)
        if going is None:
            fail(f"no job of {incident} is under way", as_json, "incident.job_ended", status=NOT_ELIGIBLE)
        ended = engine.incident_jobs.cancel(compliance(by), incident, going["job"])
    emit(ended, as_json, lambda: say(f"{ended['kind']} cancelled: {ended['error']['detail']}"))


@app.command("report")
def report_incident(
    incident: IncidentArgument,
    regulator: Annotated[bool, typer.Option("--regulator", help="every line; else for the public")] = False,
    names: Annotated[bool, typer.Option("--names", help="with --regulator: who they are")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="a file: .html, .json, or text")
    ] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """How it happened, since when, how many it hit, what was done."""
    if names and not regulator:
        fail("--names belongs to --regulator; the public is given no names", as_json, "option.names")
    with opened(database, as_json) as engine:
        reports, actor = engine.incident_reports, compliance(by)
        if regulator:
            found = reports.for_the_regulator(actor, incident, names)
        else:
            found = reports.for_the_public(actor, incident)
        form = "html" if output is not None and output.suffix == ".html" else "txt"
        text = engine.rules.renderer.page("incident", found, form)
        if output is not None:
            data = json.dumps(found, indent=2, ensure_ascii=False) if output.suffix == ".json" else text
            with put_in_place(output) as part:
                part.write_text(data, encoding="utf-8")
    emit(found, as_json, lambda: say(text if output is None else f"written to {output}"))


def _ended(
    engine: Application, actor: Actor, job: dict[str, Any], report: Report, as_json: bool
) -> dict[str, Any]:
    """The incident once the job has ended: done here, unless a worker is at it."""
    while not engine.incident_jobs.finish(job["job"], report):
        time.sleep(LOOK_AGAIN_S)
    ended = engine.incident_jobs.show(actor, job["incident"], job["job"])
    if ended["error"]:
        fail(ended["error"]["detail"], as_json, ended["error"]["code"], status=NOT_ELIGIBLE)
    return engine.incidents.show(actor, job["incident"])


def _distrust(text: str, as_json: bool) -> Distrust:
    source, *span = (one.strip() for one in text.split(","))
    if len(span) not in (0, 2) or not source:
        fail(
            f"--distrust: '{text}' is neither SOURCE nor SOURCE,FROM,TO (either moment may be left empty)",
            as_json,
            "option.distrust",
        )
    moments = [moment_of(one or None, "--distrust", as_json) for one in span] or [None, None]
    return Distrust(source, *moments)


def _paged(read: Callable[[int], list[dict[str, Any]]], cursor: str) -> Iterable[dict[str, Any]]:
    after = 0
    while found := read(after):
        yield from found
        after = found[-1][cursor]


def _write(output: Path, columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> None:
    with put_in_place(output) as part, part.open("w", encoding="utf-8", newline="") as stream:
        if output.suffix == ".json":
            separator = "["
            for row in rows:
                stream.write(f"{separator}\n{json.dumps(row, ensure_ascii=False)}")
                separator = ","
            stream.write("[]\n" if separator == "[" else "\n]\n")
            return
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(columns)
        for row in rows:
            cells = (row[name] for name in columns)
            out.writerow("; ".join(one) if isinstance(one, list) else one for one in cells)


def _show(found: dict[str, Any]) -> None:
    scope = {name: value for name, value in found["scope"].items() if value}
    say(f"{found['incident']}: {found['state']}")
    say("  over " + ", ".join(f"{name} {value}" for name, value in scope.items()))
    say(f"  wrong: {found['wrong']}")
    say(f"  opened by {found['opened_by']} at {found['opened_at']}")
    for event in found["history"]:
        numbers = event["numbers"]
        say(f"  {event['act']} by {event['by']} at {event['at']}")
        if event["act"] == "replayed":
            hit = counted(numbers["people"], "person", "people")
            say(f"    {numbers['lines']} of {counted(numbers['decisions'], 'decision')} otherwise, {hit}")
            if numbers["not_as_recorded"]:
                say(f"    {numbers['not_as_recorded']} do not come out as recorded by their own rule")
            _counts(numbers["kinds"])
        if "hash" in numbers and event["act"] == "planned":
            say(f"    plan {numbers['hash'][:12]}, for {counted(numbers['people'], 'person', 'people')}")
        if "letters" in numbers:
            _counts(numbers["actions"])
            say(f"    {counted(numbers['letters'], 'letter')}")
    for mend in _NEXT.get(found["state"], ()):
        say(f"  next: {mend.format(incident=found['incident'])}")


_NEXT = {
    "open": ("perks incidents replay {incident} --under FILE|VERSION, --people FILE or --distrust SOURCE",),
    "replayed": ("perks incidents plan {incident}",),
    "planned": ("perks incidents approve {incident} --plan HASH --by SOMEBODY_ELSE",),
    "approved": ("perks incidents apply {incident}",),
    "applied": ("perks incidents report {incident}",),
}


def _counts(counts: dict[str, int]) -> None:
    for name, count in counts.items():
        if count:
            say(f"    {count:>6} {name.replace('_', ' ')}")
