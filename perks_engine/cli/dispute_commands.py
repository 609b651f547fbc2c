"""`perks disputes …`: what people object to, and how it was settled."""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.cli.output import JsonOption, emit, fail, put_in_place, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, compliance, opened
from perks_engine.cli.times import moment_of
from perks_engine.domain.fulfillment import MoveKind
from perks_engine.services.corrections import Correction
from perks_engine.services.dispute_records import DisputeAct
from perks_engine.services.disputing import Settlement
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="What people object to, and how it is settled.")

DisputeArgument = Annotated[str, typer.Argument(help="the dispute, such as dsp_…")]
MOST_LISTED = 1_000


class Outcome(StrEnum):
    UPHELD = "upheld"
    REJECTED = "rejected"


class CorrectionKind(StrEnum):
    VOID = "void"
    RETURN = "return"
    AMEND = "amend"


@app.command("list")
def list_disputes(
    everything: Annotated[bool, typer.Option("--all", help="those that are settled, too")] = False,
    brand: Annotated[str | None, typer.Option(help="of this brand only")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The disputes that wait to be settled, the longest open first."""
    with opened(database, as_json) as engine:
        found = engine.disputing.seen_by(compliance(), not everything, None, MOST_LISTED)
    found = [one for one in found if brand in (None, one["brand"])]

    def show() -> None:
        if not found:
            say("no dispute is on record" if everything else "no dispute is open")
            return
        columns = ("dispute", "state", "brand", "person", "cause", "known_at", "open_days", "due_at")
        rows = [[one[name] for name in columns] for one in found]
        table([name.replace("_", " ") for name in columns], rows, numbers={6})
        late = sum(one["overdue"] for one in found)
        if late:
            say(f"{counted(late, 'is', 'are')} overdue: a person has to be answered within a month")

    emit({"disputes": found}, as_json, show)


@app.command("show")
def show_dispute(
    dispute: DisputeArgument, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """One dispute: what was said, the files, how long it is open, and how it ended."""
    with opened(database, as_json) as engine:
        found = engine.disputing.show(compliance(), dispute)
    emit(found, as_json, lambda: _show(found))


@app.command("open")
def open_dispute(
    claim: Annotated[str, typer.Argument(help="the claim whose line is disputed")],
    text: Annotated[str, typer.Option(help="what the person says is wrong")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open one for a person who wrote or called; somebody else settles it."""
    with opened(database, as_json) as engine:
        found = dict(engine.disputing.open_for(compliance(by), claim, text, _new_key()))
    emit(found, as_json, lambda: _show(found))


@app.command("settle")
def settle(
    dispute: DisputeArgument,
    outcome: Annotated[Outcome, typer.Option(help="upheld: the line was wrong; rejected: it stands")],
    reason: Annotated[str, typer.Option(help="why; the person is told")],
    correct: Annotated[
        CorrectionKind | None,
        typer.Option(
            help="with upheld. void: never received (if left out); return: given back; amend: received, but "
            "at another time or by other evidence"
        ),
    ] = None,
    at: Annotated[str | None, typer.Option(help="with --correct: when it was so; now if left out")] = None,
    evidence: Annotated[str, typer.Option(help="with --correct amend: what the receipt rests on")] = "",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Uphold or reject a dispute. Who gave rise to it cannot; the person is told how it ended, and why."""
    if correct is None and (at or evidence):
        fail("--at and --evidence belong to --correct; add it", as_json, "option.correct")
    moment = moment_of(at, "--at", as_json)
    correction = Correction(MoveKind(correct.value), moment, evidence) if correct else None
    settlement = Settlement(DisputeAct(outcome.value), reason, correction)
    with opened(database, as_json) as engine:
        found = dict(engine.disputing.settle(compliance(by), dispute, settlement, _new_key()))
    emit(found, as_json, lambda: _show(found))


@app.command("file")
def take_file(
    dispute: DisputeArgument,
    file: Annotated[str, typer.Argument(help="the file, such as fil_…")],
    output: Annotated[Path, typer.Option("-o", "--output", help="where to save it")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save a file that was given with a dispute."""
    with opened(database, as_json) as engine:
        found, data = engine.dispute_files.take(compliance(), dispute, file)
        with put_in_place(output) as part:
            part.write_bytes(data)
    shown = {"file": found.file_id, "kind": found.kind, "sha256": found.sha256, "output": str(output)}
    emit(shown, as_json, lambda: say(f"{found.kind}, {counted(found.size, 'byte')}, written to {output}"))


def _new_key() -> str:
    return f"terminal {secrets.token_hex(8)}"


def _show(found: dict[str, Any]) -> None:
    days = counted(found["open_days"], "day")
    if found["state"] == "open":
        late = ", OVERDUE" if found["overdue"] else ""
        say(f"{found['dispute']}: open for {days}, to be answered by {found['due_at']}{late}")
    else:
        say(f"{found['dispute']}: {found['state']} after {days}, on {found['settled_at']}")
    say(f"  {found['person']}, claim {found['claim']}, entry {found['entry']}")
    say(f"  campaign {found['campaign']} of {found['brand']}")
    say(f"  opened by {found['opened_by']}, because of: {found['cause']}, known since {found['known_at']}")
    say(f"  says: {found['text']}")
    for file in found["files"]:
        say(f"  file {file['file']}: {file['name']}, {file['kind']}, {counted(file['bytes'], 'byte')}")
    if found["state"] != "open":
        say(f"  settled by {found['settled_by']}: {found['reason']}")
        if found["correction"]:
            say(f"  corrected by entry {found['correction']}")
