"""`perks statement …`: a statement made for a person; and how `perks verify` checks one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit, fail, put_in_place, say
from perks_engine.cli.session import ByOption, DatabaseOption, compliance, opened, reader_language, told
from perks_engine.domain.notes import NoteError, VerifierKey, read_verifier_key
from perks_engine.exports.reading import ProofFileError
from perks_engine.exports.statement_files import statement_json, statement_text, verify_statement
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="What the ledger says about one person, signed.")


class StatementFormat(StrEnum):
    JSON = "json"
    PDF = "pdf"


@app.command("make")
def make(
    person: Annotated[str, typer.Option(help="whom it is about, by the id that they are kept under")],
    output: Annotated[Path, typer.Option("-o", "--output", help="the file")],
    format: Annotated[StatementFormat, typer.Option(help="the form of the file")] = StatementFormat.PDF,  # noqa: A002
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a statement for a person who asked the staff. Anybody else asks over HTTP, by their address."""
    with opened(database, as_json) as engine:
        statement = engine.stating.for_person(compliance(by), person)
        key = str(engine.sealing.opening_key())
        data = (
            engine.statement_document(statement, reader_language(engine, person))
            if format is StatementFormat.PDF
            else statement_json(statement).encode()
        )
        with put_in_place(output) as part:
            part.write_bytes(data)
    stated = statement.stated
    shown = {
        "statement": stated.kind.value,
        "person": person,
        "says": stated.words(),
        "issued_at": stated.issued_at,
        "head_size": stated.size,
        "receipts": stated.count,
        "held": stated.held,
        "file": str(output),
        "key": key,
    }

    def show() -> None:
        say(stated.words())
        say(f"written to {output}; check it with: perks verify {output} --key {key}")

    emit(shown, as_json, show)


@app.command("send")
def send(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Queue the letters with links to statements that were asked for; `perks worker` does it by itself."""
    with opened(database, as_json) as engine:
        done = engine.statement_requests.post()
    emit({"requests": done}, as_json, lambda: say(f"{counted(done, 'request')} looked after"))


def given_key(key: str) -> VerifierKey:
    """The public key that an option names or holds; raises `NoteError`."""
    text = Path(key).read_text(encoding="utf-8") if len(key) < 256 and Path(key).is_file() else key
    return read_verifier_key(text)


def verify_a_statement(file: Path, key: str, about: str | None, as_json: bool) -> NoReturn:
    """What `perks verify` says of a statement; ends the command."""
    with told(as_json):
        try:
            found = verify_statement(statement_text(file.read_bytes()), given_key(key), about)
        except NoteError as error:
            fail(f"--key: {error}", as_json, "option.key")
        except ProofFileError as error:
            fail(f"{file}: {error}", as_json, "proof.file")
    data = {
        "file": str(file),
        "statement": found.kind,
        "says": str(found.says),
        "subject": f"{found.subject.kind} {found.subject.value}" if found.subject else None,
        "issued_at": found.issued_at,
        "lines": found.lines,
        "head_size": found.head.size if found.head else 0,
        "faults": [str(fault) for fault in found.faults],
    }

    def show() -> None:
        for fault in found.faults:
            say(f"✗ {fault}")
        if found.faults:
            say(f"{file}: {counted(len(found.faults), 'fault')}")
            return
        about = (
            f"about {found.subject.kind} {found.subject.value}" if found.subject else "it names no address"
        )
        say(f"{found.says}\n{about}, issued {found.issued_at}: all of it holds")

    emit(data, as_json, show)
    raise typer.Exit(NOT_ELIGIBLE if found.faults else DONE)
