"""`perks ledger …` and `perks verify`: the log that proves the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit, fail, say, table
from perks_engine.cli.session import DatabaseOption, opened, told
from perks_engine.cli.statement_commands import given_key, verify_a_statement
from perks_engine.delivery.log_files import add_key, read_heads, retire_keys
from perks_engine.domain.notes import NoteError
from perks_engine.exports.checking import checked, is_head
from perks_engine.exports.proof_files import verify_list
from perks_engine.exports.reading import ProofFileError
from perks_engine.exports.statement_files import is_statement
from perks_engine.services.list_views import delivery_view
from perks_engine.services.sealing import LogKeys
from perks_engine.services.views import counted, instant_view

ledger = typer.Typer(no_args_is_help=True, help="The tamper-evident log of the ledger.")
DEFAULT_NAME = "perks.example/log"


@ledger.command("verify")
def verify_ledger(
    heads: Annotated[
        Path | None,
        typer.Option(help="heads kept outside of the database (PERKS_LOG_HEADS), to hold the log against"),
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look through the whole log: every leaf, node and head, against the ledger and against each other.
    Exit 1 where something does not hold."""
    with opened(database, as_json) as engine:
        published = read_heads(heads) if heads else []
        found = engine.auditing.audit(engine.sealing.keys, published)
    data = {
        "leaves": found.leaves,
        "heads": found.heads,
        "published_heads": len(published),
        "not_sealed_yet": found.unsealed,
        "more_findings": found.more,
        "findings": [
            {"code": one.code, "place": str(one.place), "what": str(one.what)} for one in found.findings
        ],
    }

    def show() -> None:
        for one in found.findings:
            say(f"✗ {one.place}: {one.what}  [{one.code}]")
        looked = f"{counted(found.leaves, 'entry', 'entries')} sealed under {counted(found.heads, 'head')}"
        waiting = f", {found.unsealed} not sealed yet" if found.unsealed else ""
        against = f", held against {counted(len(published), 'published head')}" if published else ""
        total = len(found.findings) + found.more
        if found.more:
            say(f"… and {found.more} more")
        verdict = counted(total, "finding") if total else "all of it holds"
        say(f"{looked}{waiting}{against}: {verdict}")

    emit(data, as_json, show)
    raise typer.Exit(NOT_ELIGIBLE if found.findings else DONE)


@ledger.command("heads")
def heads(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="how many")] = 10,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest signed heads, and the public key that opens them."""
    with opened(database, as_json) as engine:
        keys = engine.sealing.keys
        signed = engine.sealing.heads(limit)
        waiting, last = engine.announcing.stuck()
    data = {
        "not_delivered": waiting,
        "last_attempt": delivery_view(last) if last else None,
        "keys": [str(key) for key in keys.verifiers],
        "heads": [
            {"size": one.size, "signed_at": instant_view(one.signed_at), "note": one.note} for one in signed
        ],
    }

    def show() -> None:
        for key in keys.verifiers:
            say(f"public key: {key}")
        if not signed:
            say("nothing is sealed yet; `perks worker` or `perks serve` does it")
            return
        if waiting:
            why = f"; the last attempt: {last.error}" if last else ""
            say(f"! {counted(waiting, 'head')} not delivered to PERKS_LOG_WEBHOOK yet{why}")
        table(["size", "signed at"], [[one.size, instant_view(one.signed_at)] for one in signed])
        say(f"\nThe newest, as it is published:\n\n{signed[0].note}")

    emit(data, as_json, show)


@ledger.command("new-key")
def new_key(
    file: Annotated[Path, typer.Argument(help="the file of keys; made where it is not there")],
    name: Annotated[
        str, typer.Option(help="the log's name, such as shop.example/log; a log keeps its name")
    ] = DEFAULT_NAME,
    as_json: JsonOption = False,
) -> None:
    """Make a key to sign heads with. Where the file holds one already, both sign until `retire-key`."""
    with told(as_json):
        keys = add_key(file, name)
    _tell_keys(file, keys, as_json, "name the file in PERKS_LOG_KEY, and give the public key to who verifies")


@ledger.command("retire-key")
def retire_key(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the file of keys")],
    as_json: JsonOption = False,
) -> None:
    """Let only the newest key sign; the older ones go on opening the heads that they signed."""
    with told(as_json):
        keys = retire_keys(file)
    _tell_keys(file, keys, as_json, "restart what seals, so that it reads the file again")


def _tell_keys(file: Path, keys: LogKeys, as_json: bool, then: str) -> None:
    data = {
        "file": str(file),
        "signing": [str(key.verifier) for key in keys.signing],
        "retired": [str(key) for key in keys.retired],
    }

    def show() -> None:
        for key in keys.signing:
            say(f"signs: {key.verifier}")
        for key in keys.retired:
            say(f"only verifies: {key}")
        say(f"{file}: {then}")

    emit(data, as_json, show)


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="a list with proofs, a statement (JSON or PDF), or a head"
        ),
    ],
    key: Annotated[str, typer.Option(help="the log's public key, or a file that holds it")],
    about: Annotated[
        str | None, typer.Option(help="of a statement: the address or handle that it has to be about")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a list or a statement of this engine: no database, no network, no server. Exit 1 where it does
    not hold."""
    data = file.read_bytes()
    if is_statement(data):
        verify_a_statement(file, key, about, as_json)
    is_a_head = is_head(data.decode("utf-8", "replace"))
    if about is not None:
        it = "a head" if is_a_head else "a list"
        fail(f"--about: {it} is about nobody; only a statement is", as_json, "option.about")
    if is_a_head:
        _verify_a_head(file, data, key, as_json)
    with told(as_json):
        try:
            found = verify_list(file.read_text(encoding="utf-8"), given_key(key))
        except NoteError as error:
            fail(f"--key: {error}", as_json, "option.key")
        except ProofFileError as error:
            fail(f"{file}: {error}", as_json, "proof.file")
    shown = {
        "file": str(file),
        "list": found.title,
        "as_of": found.as_of,
        "lines": found.lines,
        "head_size": found.head.size if found.head else 0,
        "faults": [str(fault) for fault in found.faults],
    }

    def show() -> None:
        for fault in found.faults:
            say(f"✗ {fault}")
        size = f", in the log of {counted(found.head.size, 'entry', 'entries')}" if found.head else ""
        verdict = counted(len(found.faults), "fault") if found.faults else "all of it holds"
        say(f"{found.title} as of {found.as_of}: {counted(found.lines, 'line')}{size}: {verdict}")

    emit(shown, as_json, show)
    raise typer.Exit(NOT_ELIGIBLE if found.faults else DONE)


def _verify_a_head(file: Path, data: bytes, key: str, as_json: bool) -> NoReturn:
    """What `perks verify` says of a head of the log, as it is published; ends the command."""
    with told(as_json):
        try:
            found = checked(data, given_key(key))
        except NoteError as error:
            fail(f"--key: {error}", as_json, "option.key")
    shown = {
        "file": str(file),
        "head": str(found.says),
        "signed_at": found.dated,
        "head_size": found.head_size,
        "faults": [str(fault) for fault in found.faults],
    }

    def show() -> None:
        for fault in found.faults:
            say(f"✗ {fault}")
        if not found.faults:
            say(f"{found.says}, of {counted(found.head_size, 'entry', 'entries')}: signed by this key")

    emit(shown, as_json, show)
    raise typer.Exit(NOT_ELIGIBLE if found.faults else DONE)
