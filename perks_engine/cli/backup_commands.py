"""`perks backup` and `perks restore`: the embedded database with what people gave, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from perks_engine.bootstrap.backups import Wish, back_up
from perks_engine.bootstrap.backups import restore as restore_from
from perks_engine.cli.output import JsonOption, emit, say
from perks_engine.cli.session import ByOption, DatabaseOption, compliance, opened
from perks_engine.services.views import counted


def backup(
    file: Annotated[Path, typer.Argument(help="a new file", dir_okay=False)],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up a SQLite database with the files and pictures in its folders, while it serves; the copy is
    looked through before it is kept. Keys are not in it: keep them apart."""
    with opened(database, as_json) as engine:
        data = back_up(engine, file)

    def show() -> None:
        log = f"{counted(data['sealed_entries'] or 0, 'sealed entry', 'sealed entries')} hold"
        checked = log if data["checked_log"] else "nothing is sealed"
        say(f"{file}: {data['bytes']:,} bytes, with {counted(data['files'], 'file')}; {checked}")
        if data["missing_files"]:
            say(f"! {counted(data['missing_files'], 'file')} that the database names are not there")
        if data["pictures"] == "not included":
            say("! pictures are in a bucket, and not in this file")

    emit(data, as_json, show)


def restore(
    file: Annotated[Path, typer.Argument(help="what `perks backup` made", exists=True, dir_okay=False)],
    erasures: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="whom to erase again; else the file of PERKS_ERASURES",
        ),
    ] = None,
    nobody_erased: Annotated[
        bool, typer.Option("--nobody-erased", help="nobody was erased since the backup")
    ] = False,
    heads: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="published heads to hold the log against; else PERKS_LOG_HEADS"
        ),
    ] = None,
    older_log: Annotated[
        bool, typer.Option("--older-log", help="also where the log was published further than it goes")
    ] = False,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="bring a backup of an older schema up to the newest")
    ] = False,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into a database that is not there yet: whole, looked through, or not at all. Who was
    erased since is erased again; letters that waited are set aside."""
    with opened(database, as_json, check_schema=False) as engine:
        known = engine.settings.erasures
        stones = erasures or (known if known and known.exists() and not nobody_erased else None)
        wish = Wish(stones, nobody_erased, older_log, migrate, heads)
        data = restore_from(engine, file, wish, compliance(by))

    def show() -> None:
        say(f"{data['database']} is as it was at {data['made_at']}, with {counted(data['files'], 'file')}")
        if data["erased_again"]:
            say(f"erased again: {counted(data['erased_again'], 'person', 'people')}")
        if data["held"]:
            say(f"! {counted(data['held'], 'person', 'people')} to be erased, whom a legal hold keeps")
        if data["letters_set_aside"]:
            count = counted(data["letters_set_aside"], "letter")
            say(f"{count} waited then, and may have gone out since; see: perks messages list --state dead")
        if data["published_beyond"]:
            say("! the log was published further; tell whoever holds heads or proofs of it")
        say("! consents withdrawn and entries recorded after the backup are not in it (docs/operations.md)")

    emit(data, as_json, show)
