"""Where the gazetteer's file lies, and how it is opened."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from perks_engine.places.gazetteer_build import GazetteerError, build, build_key


def open_gazetteer(folder: Path | None) -> sqlite3.Connection:
    """A read-only connection that threads may share, one statement at a time.

    The file's name tells what it was made of and what its bytes are: one that is damaged is not used, but
    built anew, as one that is missing is. Raises `GazetteerError`.
    """
    key = build_key()
    place = folder if folder is not None else default_folder()
    file = _whole(place, key) or _built(place, key)
    try:
        return sqlite3.connect(
            f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise GazetteerError(f"the gazetteer {file} cannot be read: {error}; remove it") from error


def _whole(place: Path, key: str) -> Path | None:
    """The file of that key, if there is one whose bytes are what its name says."""
    try:
        return next((file for file in sorted(place.glob(_name(key, "*"))) if is_whole(file)), None)
    except OSError as error:
        raise GazetteerError(f"the gazetteer in {place} cannot be read: {error}; open it to you") from error


def is_whole(file: Path) -> bool:
    """Whether the file is there, and its bytes are those that its name says."""
    try:
        return _digest(file) == file.stem.rpartition("-")[2]
    except FileNotFoundError:  # another process has found it damaged
        return False


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def _built(place: Path, key: str) -> Path:
    """Of several processes at once, each finds a whole file: it gets its name when it has all its bytes."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place, prefix="gazetteer-", suffix=".part")
        os.close(handle)
        part = Path(name)
        try:
            build(part)
            digest = _digest(part)
            for damaged in [file for file in place.glob(_name(key, "*")) if not is_whole(file)]:
                damaged.unlink(missing_ok=True)
            return part.replace(place / _name(key, digest))
        finally:
            part.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise GazetteerError(
            f"the gazetteer cannot be written to {place}: {error}; name a folder with 200 MB to spare"
        ) from error


def _name(key: str, digest: str) -> str:
    return f"gazetteer-{key[:16]}-{digest}.sqlite"


def default_folder() -> Path:
    """The user's cache, or a private temporary folder where that one cannot be written."""
    cache = os.environ.get("XDG_CACHE_HOME")
    with suppress(OSError, RuntimeError):
        folder = (Path(cache) if cache else Path.home() / ".cache") / "perks_engine"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    return _private_folder()


def _private_folder() -> Path:
    """One that no other user can have prepared: a file planted there would decide who is eligible."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"perks_engine-{user}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077:
        return folder
    return Path(tempfile.mkdtemp(prefix="perks_engine-"))
