"""The people that a command is about: a file of them, or a population."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.audiences.columns import MissingColumnsError
from perks_engine.audiences.engines import EngineUnavailableError, connect
from perks_engine.audiences.files import read_population
from perks_engine.audiences.tables import table_population
from perks_engine.audiences.wants import PopulationError
from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.people_file import PeopleReader, PersonEntry
from perks_engine.cli.output import fail
from perks_engine.domain.evidence import REGISTER, Evidence, Person
from perks_engine.domain.progress import Report
from perks_engine.domain.rules import Rule
from perks_engine.services.previewing import Crowd

FILES = "duckdb"
PeopleOption = Annotated[
    str | None,
    typer.Option(
        help="a file of people (YAML, JSON, or with consents), or a population (Parquet, CSV, JSON Lines; "
        "with --engine a table); everybody on record if left out",
        metavar="FILE|TABLE",
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        help="where a population lies that stays there: postgresql://USER@HOST/NAME with --people "
        "[SCHEMA.]TABLE, or spark with a table or the path of Parquet; duckdb reads files",
    ),
]


@contextmanager
def crowd_of(
    people: str, engine: str, rule: Rule, rules: RuleBook, now: datetime, report: Report
) -> Generator[list[Person] | Crowd]:
    """The people of a file with their consents, or a population that stays where it is: the columns that
    the rule asks for. Raises `FileProblemsError`, `PopulationError` and `EngineUnavailableError`."""
    file = Path(people)
    if engine == FILES and not _is_population(file):
        entries = PeopleReader(rules.catalogue, rules.atlas).read_file(file, now, report)
        yield [_person(one, now) for one in entries]
        return
    report(f"reading {file.name}", 0, 0)
    connection = connect(engine)
    try:
        if engine == FILES:
            table = read_population(connection, file, rule, rules.vocabulary)
        else:
            table = table_population(connection, people, rule, rules.vocabulary)
        yield Crowd(connection, table)
    finally:
        connection.close()


def _is_population(file: Path) -> bool:
    """A table without proofs of consent; a file of people to be imported has those."""
    if file.suffix.lower() == ".parquet":
        return True
    if file.suffix.lower() not in (".csv", ".jsonl", ".ndjson") or not file.is_file():
        return False
    with file.open(encoding="utf-8-sig", errors="replace") as stream:
        return "consent" not in stream.readline()


def _person(entry: PersonEntry, now: datetime) -> Person:
    purposes = frozenset(consent.purpose for consent in entry.consents)
    return Person(entry.person_id, (*entry.facts, Evidence("opted_in", purposes, REGISTER, now)))


@contextmanager
def columns_told(people: str | None, engine: str, what: str, as_json: bool) -> Generator[None]:
    """Says which columns are wrong, where people cannot be `what` (previewed), or why an engine cannot be
    used."""
    if people is None and engine != FILES:
        fail("--engine says where people lie, so it needs --people TABLE", as_json, "option.engine")
    try:
        yield
    except EngineUnavailableError as error:
        fail(f"--engine: {error}", as_json, "engine.unavailable")
    except (PopulationError, MissingColumnsError) as error:
        name = f"{people} cannot be {what}" if people else f"the people on record cannot be {what}"
        fail(name, as_json, "population.columns", error.problems)
