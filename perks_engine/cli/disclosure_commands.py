"""`perks disclosures …`: the disclosure list as a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from perks_engine.bootstrap import Application, packaged
from perks_engine.campaigns.quantities import QuantityError, instant
from perks_engine.cli.output import JsonOption, emit, fail, put_in_place, say, standard_output
from perks_engine.cli.session import DatabaseOption, opened, operator
from perks_engine.exports.disclosure_document import write_document
from perks_engine.exports.disclosure_files import csv_chunks, json_chunks
from perks_engine.exports.disclosure_sheet import write_sheet
from perks_engine.exports.proof_files import proved_chunks
from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.views import counted, instant_view

app = typer.Typer(no_args_is_help=True, help="The disclosure list.")


class ListFormat(StrEnum):
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    PDF = "pdf"

    @property
    def is_text(self) -> bool:
        return self in (ListFormat.CSV, ListFormat.JSON)


@app.command("export")
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
    if output is None and not format.is_text:
        fail(f"--output: {format.upper()} is no text; name a file with -o", as_json, "option.output")
    with opened(database, as_json) as engine:
        if proofs:
            _export_proved(engine, brand, moment, campaign, output, as_json)
            return
        with engine.disclosing.lines(operator(), brand, moment, campaign) as (at, lines):
            passing = _Counted(lines)
            if format.is_text:
                as_csv = format is ListFormat.CSV and not (as_json and output is None)
                chunks = csv_chunks(passing, with_bom) if as_csv else json_chunks(passing, brand, at)
                if output is None:
                    with standard_output():
                        sys.stdout.writelines(chunks)
                    return
                with put_in_place(output) as file:
                    _write_text(file, chunks)
            elif output is not None:
                with put_in_place(output) as file:
                    _write_binary(format, file, passing, brand, at)
    data = {"brand": brand, "as_of": instant_view(at), "lines": passing.count, "file": str(output)}
    told = f"{counted(passing.count, 'line')} as of {data['as_of']} written to {output}"
    emit(data, as_json, lambda: say(told))


class _Counted:
    """Lines that pass, and how many they were."""

    def __init__(self, lines: Iterable[DisclosureLine]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[DisclosureLine]:
        for line in self._lines:
            self.count += 1
            yield line


def _export_proved(
    engine: Application,
    brand: str,
    moment: datetime | None,
    campaign: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    with engine.proving.proved(operator(), brand, moment, campaign) as proved:
        chunks = proved_chunks(proved, brand)
        if output is None:
            with standard_output():
                sys.stdout.writelines(chunks)
            return
        with put_in_place(output) as file:
            _write_text(file, chunks)
    key = str(engine.sealing.keys.verifiers[0])
    data = {"brand": brand, "as_of": instant_view(proved.instant), "file": str(output), "key": key}
    emit(data, as_json, lambda: say(f"written to {output}; check it with: perks verify {output} --key {key}"))


def _write_text(file: Path, chunks: Iterable[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(chunks)


def _write_binary(
    form: ListFormat, file: Path, lines: Iterable[DisclosureLine], brand: str, as_of: datetime
) -> None:
    if form is ListFormat.XLSX:
        write_sheet(file, lines, brand, as_of)
    else:
        write_document(file, packaged("templates") / "reports" / "disclosure_list.typ", lines, brand, as_of)


_DAY_END = "T23:59:59.999999Z"


def _as_of(text: str | None, as_json: bool) -> datetime | None:
    if text is None or text == datetime.now(UTC).date().isoformat():
        return None  # today is not over: its list is the one of now
    try:
        return instant(text if "T" in text or " " in text else f"{text}{_DAY_END}")
    except QuantityError as error:
        said = str(error).replace(_DAY_END, "")
        fail(f"--as-of: {said}; expected such as 2026-12-31 or 2026-12-31T12:00Z", as_json, "option.as_of")
