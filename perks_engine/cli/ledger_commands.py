"""`perks fulfillment …`, `perks disclosures …` and `perks messages`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.campaigns.fulfillment_file import read_fulfillment, read_fulfillments
from perks_engine.campaigns.quantities import QuantityError, instant
from perks_engine.cli.output import JsonOption, emit, fail, say, standard_output
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.domain.fulfillment import RECORDABLE, Fulfillment
from perks_engine.exports.disclosure_files import csv_chunks, json_chunks
from perks_engine.exports.proof_files import proved_chunks
from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.views import counted, instant_view

fulfillment = typer.Typer(no_args_is_help=True, help="What happened to granted units.")
disclosures = typer.Typer(no_args_is_help=True, help="The disclosure list.")


@fulfillment.command("record")
def record(
    file: Annotated[
        Path | None, typer.Argument(help="CSV, JSON or YAML with claim, move, occurred_at, …")
    ] = None,
    claim: Annotated[str | None, typer.Option(help="in place of a file: what happened to this claim")] = None,
    move: Annotated[str | None, typer.Option(help=f"with --claim: {', '.join(RECORDABLE)}")] = None,
    at: Annotated[str | None, typer.Option(help="with --claim: when it happened; now if left out")] = None,
    evidence: Annotated[str, typer.Option(help="with --claim: what a receipt rests on")] = "",
    reference: Annotated[str, typer.Option(help="with --claim: a tracking number, a ticket")] = "",
    note: Annotated[str, typer.Option(help="with --claim: why, for a correction")] = "",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record shipments, deliveries, losses, returns and check-ins: all rows of a file or none, or one."""
    given = {"claim": claim, "move": move, "at": at}
    given |= {"evidence": evidence, "reference": reference, "note": note}
    options = [f"--{name}" for name, value in given.items() if value]
    if file is None and not options:
        fail("name a file, or --claim and --move", as_json, "fulfillment.use")
    if file is not None and options:
        fail(f"name a file or {', '.join(options)}, not both", as_json, "fulfillment.use")
    with opened(database, as_json) as engine:
        rows, names = read_fulfillments(file) if file else ([_one(given, engine.clock())], ["the options"])
        data = dict(engine.fulfilling.record(rows, operator(by), names))

    def show() -> None:
        repeated = counted(data["already_recorded"], "was recorded already", "were recorded already")
        say(f"{data['recorded']} recorded" + (f", {repeated}" if data["already_recorded"] else ""))

    emit(data, as_json, show)


def _one(given: Mapping[str, str | None], now: datetime) -> Fulfillment:
    """What the options say, read as a row of a file is; raises `FileProblemsError`."""
    row = {name: text for name, text in given.items() if text}
    row["occurred_at"] = row.pop("at", now.isoformat())
    return read_fulfillment(row, "the options")


class ListFormat(StrEnum):
    CSV = "csv"
    JSON = "json"


@disclosures.command("export")
def export(
    brand: Annotated[str, typer.Option(help="whose list")],
    as_of: Annotated[
        str | None, typer.Option(help="an instant or a day (its end, UTC); now if left out")
    ] = None,
    format: Annotated[ListFormat, typer.Option(help="the form of the file")] = ListFormat.CSV,  # noqa: A002
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the file; standard output if left out")
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="only this campaign")] = None,
    proofs: Annotated[
        bool, typer.Option("--proofs", help="with a proof for each line, for `perks verify` (JSON only)")
    ] = False,
    with_bom: Annotated[bool, typer.Option("--bom", help="begin a CSV with a byte order mark")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who holds an item they received, by what the ledger held at an instant."""
    moment = _as_of(as_of, as_json)
    if proofs and format is not ListFormat.JSON:
        fail("--proofs: only JSON carries proofs; add --format json", as_json, "option.proofs")
    if proofs:
        _export_proved(brand, moment, campaign, output, database, as_json)
        return
    with (
        opened(database, as_json) as engine,
        engine.disclosing.lines(operator(), brand, moment, campaign) as (at, lines),
    ):
        count = 0

        def passing() -> Iterator[DisclosureLine]:
            nonlocal count
            for line in lines:
                count += 1
                yield line

        as_csv = format is ListFormat.CSV and not (as_json and output is None)
        chunks = csv_chunks(passing(), with_bom) if as_csv else json_chunks(passing(), brand, at)
        if output is None:
            with standard_output():
                sys.stdout.writelines(chunks)
            return
        _write(output, chunks)
    data = {"brand": brand, "as_of": instant_view(at), "lines": count, "file": str(output)}
    emit(data, as_json, lambda: say(f"{counted(count, 'line')} as of {data['as_of']} written to {output}"))


def _export_proved(
    brand: str,
    moment: datetime | None,
    campaign: str | None,
    output: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    with (
        opened(database, as_json) as engine,
        engine.proving.proved(operator(), brand, moment, campaign) as proved,
    ):
        chunks = proved_chunks(proved, brand)
        if output is None:
            with standard_output():
                sys.stdout.writelines(chunks)
            return
        _write(output, chunks)
        key = str(engine.sealing.keys.verifiers[0])
    data = {"brand": brand, "as_of": instant_view(proved.instant), "file": str(output), "key": key}
    emit(data, as_json, lambda: say(f"written to {output}; check it with: perks verify {output} --key {key}"))


def _write(output: Path, chunks: Iterable[str]) -> None:
    """Write beside the file and put it in place whole, so that half a list is never taken for one."""
    part = output.with_name(output.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(chunks)
        part.replace(output)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(output)) from error
    finally:
        part.unlink(missing_ok=True)


_DAY_END = "T23:59:59.999999Z"


def _as_of(text: str | None, as_json: bool) -> datetime | None:
    if text is None or text == datetime.now(UTC).date().isoformat():
        return None  # today is not over: its list is the one of now
    try:
        return instant(text if "T" in text or " " in text else f"{text}{_DAY_END}")
    except QuantityError as error:
        said = str(error).replace(_DAY_END, "")
        fail(f"--as-of: {said}; expected such as 2026-12-31 or 2026-12-31T12:00Z", as_json, "option.as_of")


def messages(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="how many")] = 20,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest messages in the outbox."""
    with opened(database, as_json) as engine:
        found = engine.latest_messages(limit)
    data = [
        {
            "message": one.message_id,
            "person": one.person_id,
            "kind": one.kind,
            "subject": one.subject,
            "text": one.body_text,
            "created_at": instant_view(one.created_at),
        }
        for one in found
    ]

    def show() -> None:
        for one in data:
            say(f"--- {one['kind']} to {one['person']}, {one['created_at']}")
            say(f"{one['subject']}\n\n{one['text']}")

    emit({"messages": data}, as_json, show)
