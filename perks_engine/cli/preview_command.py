"""`perks campaign preview`: whom a version would reach, in the terminal, as JSON or as a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.audiences.columns import MissingColumnsError
from perks_engine.audiences.engines import connect
from perks_engine.audiences.files import PopulationFileError, read_population
from perks_engine.bootstrap import Application
from perks_engine.campaigns.people_file import PeopleReader, PersonEntry
from perks_engine.cli.output import JsonOption, emit, fail, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, who
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.evidence import REGISTER, Evidence, Person
from perks_engine.services.previewing import Crowd
from perks_engine.services.views import counted

WIDEST_BAR = 40


def preview(
    campaign: Annotated[str, typer.Argument(help="the campaign's name")],
    people: Annotated[
        Path | None,
        typer.Option(
            help="a file of people (YAML, JSON, or with consents), or a population (Parquet, CSV, JSON "
            "Lines); everybody on record if left out"
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="write it as a page to this file as well")] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whom the latest version would reach; recorded, for opening needs it."""
    with opened(database, as_json) as engine:
        version, _ = engine.campaigning.latest(campaign)
        try:
            crowd = None if people is None else crowd_of(people, version, engine)
            data = engine.campaigning.preview(campaign, who(by), crowd)
        except (PopulationFileError, MissingColumnsError) as error:
            name = f"{people} cannot be previewed" if people else "the people on record cannot be previewed"
            fail(name, as_json, "population.columns", error.problems)
        if html is not None:
            title = {"title": version.title, "brand": version.brand}
            html.write_text(engine.rules.renderer.page("preview", {**data, **title}), encoding="utf-8")
    emit(data, as_json, lambda: _show(data))


def crowd_of(file: Path, version: Campaign, engine: Application) -> list[Person] | Crowd:
    """The people of a file with their consents, or a population that stays where it is."""
    if not _is_population(file):
        entries = PeopleReader(engine.rules.catalogue, engine.rules.atlas).read_file(file, engine.clock())
        return [_person(one, engine) for one in entries]
    duckdb = connect("duckdb")
    return Crowd(duckdb, read_population(duckdb, file, version.eligibility, engine.rules.vocabulary))


def _is_population(file: Path) -> bool:
    """A table without proofs of consent; a file of people to be imported has those."""
    if file.suffix.lower() == ".parquet":
        return True
    if file.suffix.lower() not in (".csv", ".jsonl", ".ndjson") or not file.is_file():
        return False
    with file.open(encoding="utf-8-sig", errors="replace") as stream:
        return "consent" not in stream.readline()


def _person(entry: PersonEntry, engine: Application) -> Person:
    purposes = frozenset(consent.purpose for consent in entry.consents)
    opted_in = Evidence("opted_in", purposes, REGISTER, engine.clock())
    return Person(entry.person_id, (*entry.facts, opted_in))


def _show(data: Mapping[str, Any]) -> None:
    crowd = counted(data["people"], "person", "people")
    say(f"{data['campaign']}, version {data['version'][:12]}, over {crowd}\n")
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
