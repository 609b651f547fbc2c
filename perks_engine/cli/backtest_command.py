"""`perks campaign backtest`: what another version would have made of decisions that were recorded."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.audiences.backtest import Changed
from perks_engine.audiences.backtest import backtest as replay
from perks_engine.bootstrap import Application
from perks_engine.cli.at_hand import Named, file_named, from_file, on_record
from perks_engine.cli.backtest_words import show_backtest
from perks_engine.cli.decisions_at_hand import (
    DecisionsAtHand,
    ExportedDecisions,
    PurposeOption,
    SinceOption,
    UntilOption,
    VersionOption,
    Wanted,
    decisions_on_record,
    wanted_by,
)
from perks_engine.cli.diff_words import outcomes
from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit, put_in_place
from perks_engine.cli.progress import progress
from perks_engine.cli.session import DatabaseOption, RulesAtHand, connected, rules_for, told
from perks_engine.domain.progress import reported
from perks_engine.services.backtesting import backtest_view, changed_view
from perks_engine.services.errors import InvalidInputError

_CELLS = (
    *("decision", "person", "purpose", "version", "decided_at"),
    *("verdict", "granted", "would_be", "would_be_granted"),
)


def backtest(
    campaign: Annotated[
        str, typer.Argument(help="the campaign's name; or a file of it, under which they are replayed")
    ],
    under: Annotated[
        str | None,
        typer.Option(
            help="the version to replay them under: a campaign file, `live`, or the beginning of the name of "
            "one that was loaded (with --decisions: of one in that file); the latest if left out"
        ),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(
            help="a file that `perks decisions export` wrote, for a machine without the database; those on "
            "record if left out"
        ),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    purpose: PurposeOption = None,
    version: VersionOption = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="write every decision that comes out otherwise to this CSV file"),
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replay recorded decisions under another version: who was granted and would not be, and the reverse.

    Each is decided on the evidence that it stored, registers included, at its own moment; what stood in the
    way besides the rule is taken as it was. Exit 0 where all come out as they were recorded, else 1."""
    with told(as_json):
        file = file_named(campaign)
        if file is not None and under is not None:
            fault = "the version is named twice: give the campaign's name, or leave out --under"
            raise InvalidInputError("option.under", fault)
        version_file = file or (file_named(under) if under else None)
        wanted = wanted_by(since, until, purpose, version, as_json)
        exported = ExportedDecisions(decisions) if decisions else None
        needs_database = exported is None or (version_file is None and under is None)
        with connected(database) if needs_database else nullcontext() as engine:
            named = from_file(version_file, RulesAtHand()) if version_file else None
            name = named.version.campaign.name if file is not None and named is not None else campaign
            named = named or _under(name, under, engine, exported, as_json)
            with _at_hand(name, wanted, engine, exported) as at_hand, progress(as_json) as report:
                read = reported(
                    at_hand.decided.decisions, "replaying decisions", at_hand.decided.total, report
                )
                atlas = named.rules.atlas_with({**at_hand.areas, **named.areas})
                rules = {one.version: one.campaign.eligibility for one in at_hand.decided.versions.values()}
                with _list_of(output) as listed:
                    found = replay(read, rules, named.version.campaign.eligibility, atlas, listed)
        data = backtest_view(found, named.version.campaign, named.version.version)
        data |= {"file": str(output)} if output else {}
    emit(data, as_json, lambda: show_backtest(data))
    raise typer.Exit(NOT_ELIGIBLE if data["changed"] or found.not_as_recorded else DONE)


def _under(
    campaign: str,
    under: str | None,
    engine: Application | None,
    exported: ExportedDecisions | None,
    as_json: bool,
) -> Named:
    """The version on record, or among those of the file, that decisions are replayed under."""
    if engine is not None:
        return on_record(f"{campaign}@{under or ''}", engine, as_json)
    if exported is None or under is None:
        raise TypeError("without a database a version is named")
    return Named(exported.version_named(under), rules_for(), exported.areas)


@contextmanager
def _at_hand(
    campaign: str, wanted: Wanted, engine: Application | None, exported: ExportedDecisions | None
) -> Generator[DecisionsAtHand]:
    if exported is not None:
        yield exported.about(campaign, wanted)
    elif engine is not None:
        with decisions_on_record(campaign, wanted, engine) as found:
            yield found


@contextmanager
def _list_of(output: Path | None) -> Generator[Callable[[Changed], None]]:
    """Where decisions that come out otherwise are listed, in a file that is put in place whole."""
    if output is None:
        yield lambda _: None
        return
    with put_in_place(output) as part, part.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow((*_CELLS, "turned_by"))

        def write(changed: Changed) -> None:
            view = changed_view(changed)
            turned_by = "; ".join(outcomes(turn) for turn in view["turns"])
            rows.writerow((*(_cell(view[name]) for name in _CELLS), turned_by))

        yield write


def _cell(value: object) -> object:
    return ("no", "yes")[value] if isinstance(value, bool) else value
