"""Backups of the embedded database: made while it serves, looked through before they are kept, and restored
whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from perks_engine import __version__
from perks_engine.bootstrap.application import Application
from perks_engine.bootstrap.record_services import pepper
from perks_engine.delivery.backup_file import DATABASE, read_manifest, unpack, write_backup
from perks_engine.delivery.file_store import FolderStore
from perks_engine.delivery.log_files import read_heads
from perks_engine.delivery.tombstone_file import TombstoneFile
from perks_engine.services.access import Actor
from perks_engine.services.auditing import Audit
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.tombstones import hashed
from perks_engine.services.views import View, counted, instant_view
from perks_engine.settings import Settings
from perks_engine.storage.schema_state import is_older, newest
from perks_engine.storage.snapshot import copy_to, everybody, faults, named_files, set_aside

SLACK = timedelta(minutes=5)
"""An erasure is dated when it begins, and may be committed after a copy was made."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How to restore: `erasures` is the file of tombstones, None with `nobody_erased`; `older_log` accepts
    that the log was published further than the backup goes; `migrate` brings an older schema up."""

    erasures: Path | None
    nobody_erased: bool = False
    older_log: bool = False
    migrate: bool = False
    heads: Path | None = None


def back_up(engine: Application, output: Path) -> View:
    """Into a new file. Raises `RefusedError` where the copy does not hold, and `InvalidInputError` for
    another database than SQLite and for a file that is there."""
    source = _sqlite_file(engine.settings, "pg_dump backs up PostgreSQL")
    if output.exists():
        raise InvalidInputError("backup.taken", f"{output} is there already; name a new file")
    with TemporaryDirectory(prefix=".perks-backup-", dir=output.absolute().parent) as place:
        folder = Path(place)
        copy, made_at = folder / DATABASE, engine.clock()
        copy_to(source, copy)
        _require_sound(copy, "the database")
        with closing(_over(engine, copy, folder)) as staged:
            audit = _looked_through(staged, _published(engine.settings, None))
            _require_whole(audit)
            heads = staged.sealing.heads(1) if staged.sealing.has_keys else []
            members, missing = _files(staged, engine.settings, folder)
        about = {
            "made_at": made_at.isoformat(),
            "engine": __version__,
            "schema": newest(),
            "sealed_entries": audit.leaves if audit else None,
            "newest_head": heads[0].note if heads else None,
            "pictures": "not included" if _is_bucket(engine.settings) else "included",
            "files": len(members),
            "missing_files": missing,
        }
        try:
            write_backup(output, about, {DATABASE: copy, **members})
        except FileExistsError as error:
            raise InvalidInputError("backup.taken", f"{output} is there already; name a new file") from error
    return {"file": str(output), "bytes": output.stat().st_size, "checked_log": audit is not None, **about}


def restore(engine: Application, file: Path, wish: Wish, actor: Actor) -> View:
    """Into a new database and its folders of files, which is what the settings of `engine` name. Raises
    `BackupFileError`, `TombstoneFileError`, `InvalidInputError` and `RefusedError`; then nothing was done."""
    settings = engine.settings
    target = _sqlite_file(settings, "restore PostgreSQL with its own tools")
    for taken in (target, target.with_name(target.name + "-wal")):
        if taken.exists():
            raise InvalidInputError(
                "restore.taken", f"{taken} is there already, and is not replaced; name another --database"
            )
    if wish.erasures is None and not wish.nobody_erased:
        raise InvalidInputError(
            "restore.erasures",
            "a backup brings back who was erased since: name the file of PERKS_ERASURES with --erasures, or "
            "say --nobody-erased",
        )
    manifest = read_manifest(file)
    is_behind = _require_schema(str(manifest.about["schema"]), str(manifest.about["engine"]), wish)
    made_at = datetime.fromisoformat(str(manifest.about["made_at"]))
    stones = TombstoneFile(wish.erasures, lambda: pepper(settings)) if wish.erasures else None
    if stones is not None:
        stones.find(made_at)  # what is wrong with the file is told before anything is unpacked
    _require_room_for(settings, manifest.members)
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".perks-restore-", dir=target.absolute().parent) as place:
        folder = Path(place)
        unpack(file, folder)
        copy = folder / DATABASE
        _require_sound(copy, f"the database in {file}")
        with closing(_over(engine, copy, folder)) as staged:
            if is_behind:
                staged.migrate()
            staged.require_schema()
            audit = _looked_through(staged, _published(settings, wish.heads))
            lost = _require_whole(audit, wish.older_log)
            letters = set_aside(staged.engine, engine.clock())
            erased, held = _erase_again(staged, stones, made_at, actor) if stones else (0, 0)
            staged.recipients.pictures.sweep()
            left = named_files(staged.engine)
            _settle(staged)
        kept = [("files", one) for one in left.files] + [("pictures", one) for one in left.pictures]
        placed = _put_in_place(settings, folder, kept, copy, target)
    return {
        "database": str(target),
        "made_at": instant_view(made_at),
        "files": placed,
        "erased_again": erased,
        "held": held,
        "letters_set_aside": letters,
        "published_beyond": lost,
        "checked_log": audit is not None,
        "pictures": manifest.about.get("pictures"),
    }


def _sqlite_file(settings: Settings, instead: str) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise InvalidInputError("backup.database", f"this is for a database in a file of SQLite; {instead}")
    return Path(url.database)


def _over(engine: Application, copy: Path, folder: Path) -> Application:
    """The same engine over a copy in a folder: with files of its own, and without telling anybody outside."""
    changes = {"database_url": f"sqlite:///{copy}", "files": folder / "files", "erasures": None}
    changes |= {} if _is_bucket(engine.settings) else {"pictures": str(folder / "pictures")}
    return Application(engine.settings.model_copy(update=changes), engine.clock, engine.rules)


def _is_bucket(settings: Settings) -> bool:
    return "://" in settings.pictures


def _folders(settings: Settings) -> dict[str, Path]:
    """Where files and pictures lie, by the name of their folder in a backup."""
    pictures = Path(settings.pictures) if settings.pictures else settings.files / "pictures"
    return {"files": settings.files} | ({} if _is_bucket(settings) else {"pictures": pictures})


def _require_sound(copy: Path, what: str) -> None:
    if found := faults(copy):
        raise RefusedError(
            "backup.damaged", f"{what} is damaged, so that nothing was done: {'; '.join(found)}"
        )


def _require_schema(schema: str, made_by: str, wish: Wish) -> bool:
    """Whether it has to be brought up first."""
    if schema == newest():
        return False
    if not is_older(schema):
        raise InvalidInputError(
            "restore.newer",
            f"the backup was made by a newer engine ({made_by}, schema {schema}; this one knows {newest()}); "
            "restore it with that one",
        )
    if not wish.migrate:
        raise InvalidInputError(
            "restore.older",
            f"the backup is at schema {schema}, this engine needs {newest()}; bring it up with --migrate",
        )
    return True


def _published(settings: Settings, heads: Path | None) -> Sequence[str]:
    file = heads or settings.log_heads
    return read_heads(file) if file and file.exists() else []


def _looked_through(staged: Application, published: Sequence[str]) -> Audit | None:
    """None where there is no key, and nothing that was sealed with one."""
    if staged.sealing.has_keys:
        return staged.auditing.audit(staged.sealing.keys, published)
    with staged.store.read() as tx:
        if tx.log.size():
            raise RefusedError(
                "log.no_key",
                "the ledger is sealed, so that it can be looked through: name its key in PERKS_LOG_KEY",
            )
    return None


def _require_whole(audit: Audit | None, older_log: bool = False) -> int:
    """How many published heads go beyond it."""
    if audit is None:
        return 0
    beyond = [
        one for one in audit.findings if one.code == "log.cut_off" and str(one.place).startswith("published")
    ]
    # That nobody sealed meanwhile is no fault of a copy.
    rest = [one for one in audit.findings if one not in beyond and one.code != "log.overdue"]
    if rest:
        first = "; ".join(f"{one.place}: {one.what}" for one in rest[:3])
        raise RefusedError(
            "backup.ledger",
            f"the ledger does not hold ({counted(len(rest), 'finding')}): {first}; nothing was done",
        )
    if beyond and not older_log:
        raise RefusedError(
            "restore.behind",
            f"the log was published further than this backup goes ({beyond[-1].what}): entries that somebody "
            "may hold a proof of would be gone; restore a later one, or say --older-log and tell them",
        )
    return len(beyond)


def _files(staged: Application, settings: Settings, folder: Path) -> tuple[dict[str, Path], int]:
    """Copies of the files that the copy of the database names, and how many are not there."""
    named = named_files(staged.engine)
    wanted = {"files": named.files, "pictures": named.pictures}
    found: dict[str, Path] = {}
    missing = 0
    for kind, source in _folders(settings).items():
        (folder / kind).mkdir()
        for name in wanted[kind]:
            copy = folder / kind / name
            try:
                shutil.copyfile(source / name, copy)
            except FileNotFoundError:
                missing += 1
                continue
            found[f"{kind}/{name}"] = copy
    return found, missing


def _require_room_for(settings: Settings, members: Mapping[str, str]) -> None:
    folders = _folders(settings)
    for name in members:
        kind, _, file = name.partition("/")
        if file and kind in folders and (folders[kind] / file).exists():
            raise InvalidInputError(
                "restore.taken",
                f"{folders[kind]} holds files of this backup already, and they are not replaced; name new "
                "folders in PERKS_FILES and PERKS_PICTURES",
            )


def _erase_again(
    staged: Application, stones: TombstoneFile, made_at: datetime, actor: Actor
) -> tuple[int, int]:
    """How many people were erased again, and how many a legal hold of the backup keeps."""
    salt, found = stones.find(made_at - SLACK)
    secret = pepper(staged.settings)
    by_hash = {hashed(secret, salt, one): one for one in everybody(staged.engine)} if found else {}
    erased = held = 0
    for person in sorted({by_hash[one.person] for one in found if one.person in by_hash}):
        try:
            staged.records.erasing.erase_for(actor, person)
            erased += 1
        except RefusedError:
            held += 1
    return erased, held


def _settle(staged: Application) -> None:
    """All that was written stands in the one file."""
    staged.records.erasing.finish()
    staged.engine.dispose()


def _put_in_place(
    settings: Settings, folder: Path, kept: Sequence[tuple[str, str]], copy: Path, target: Path
) -> int:
    """The files first, for nothing leads to them before the database is there."""
    folders = _folders(settings)
    placed: list[Path] = []
    try:
        for kind, name in kept:
            source = folder / kind / name
            if kind in folders and source.exists():
                placed.append(folders[kind] / name)
                FolderStore(folders[kind]).keep(name, source.read_bytes())
        os.link(copy, target)
    except OSError:
        for one in placed:
            with suppress(FileNotFoundError):
                one.unlink()
        raise
    return len(placed)
