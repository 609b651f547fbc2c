"""A backup is one file: a tar with a manifest first, then the database, then what people gave.

The manifest says what each member has to be, so that a file that was cut off or changed is noticed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MANIFEST, DATABASE = "manifest.json", "perks.db"
FORMAT = "perks backup 1"
_MEMBER = re.compile(rf"{re.escape(DATABASE)}|(?:files|pictures)/[0-9a-f]{{32}}")
_LARGEST_MANIFEST = 1 << 28
_CHUNK = 1 << 20


class BackupFileError(ValueError):
    """A file that cannot be restored from; the message names it, and says what is wrong."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`about` is what the backup is of; `members` is the SHA-256 of each by its name."""

    about: Mapping[str, Any]
    members: Mapping[str, str]


def write_backup(output: Path, about: Mapping[str, Any], members: Mapping[str, Path]) -> None:
    """Put in place whole, for its owner alone; raises `FileExistsError` rather than replace anything."""
    part = output.with_name(output.name + ".part")
    told = {name: _sha256(path) for name, path in members.items()}
    text = json.dumps({"format": FORMAT, "about": about, "members": told}, indent=1).encode()
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                archive.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
                for name, path in members.items():
                    with path.open("rb") as data:
                        archive.addfile(_entry(name, path.stat().st_size), data)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(part, output)
    finally:
        part.unlink(missing_ok=True)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(file: Path) -> Manifest:
    """Raises `BackupFileError`."""
    with _opened(file) as archive:
        return _manifest(file, archive)


def unpack(file: Path, folder: Path) -> Manifest:
    """All members into an empty folder, each held against the manifest. Raises `BackupFileError`."""
    with _opened(file) as archive:
        manifest = _manifest(file, archive)
        left = dict(manifest.members)
        for entry in archive:
            if entry.name == MANIFEST:
                continue
            wanted = left.pop(entry.name, None)
            data = archive.extractfile(entry) if entry.isreg() else None
            if wanted is None or data is None or not _MEMBER.fullmatch(entry.name):
                raise BackupFileError(f"{file}: it holds {entry.name!r}, which no backup has")
            if _copied(data, folder / entry.name) != wanted:
                raise BackupFileError(f"{file}: it is damaged: {entry.name} is not what was backed up")
        if left or DATABASE not in manifest.members:
            raise BackupFileError(f"{file}: it is damaged: {', '.join(sorted(left)) or DATABASE} is missing")
        return manifest


def _copied(data: IO[bytes], to: Path) -> str:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        while chunk := data.read(_CHUNK):
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _manifest(file: Path, archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    data = archive.extractfile(first) if first and first.isreg() and first.name == MANIFEST else None
    if first is None or data is None or first.size > _LARGEST_MANIFEST:
        raise BackupFileError(f"{file}: this is no backup; `perks backup FILE` makes one")
    try:
        told = json.loads(data.read())
        if told["format"] != FORMAT:
            raise BackupFileError(f"{file}: its format is {told['format']!r}, this engine reads {FORMAT!r}")
        return Manifest(dict(told["about"]), {str(name): str(sha) for name, sha in told["members"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BackupFileError):
            raise
        raise BackupFileError(f"{file}: it is damaged: its manifest cannot be read") from error


@contextmanager
def _opened(file: Path) -> Generator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:") as archive:
            yield archive
    except tarfile.TarError as error:
        begun = _begins_as_ours(file)
        what = (
            "it is damaged: it ends too early"
            if begun
            else "this is no backup; `perks backup FILE` makes one"
        )
        raise BackupFileError(f"{file}: {what}") from error


def _begins_as_ours(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(MANIFEST)) == MANIFEST.encode()
