"""Where the gazetteer's file lies, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from perks_engine.places.gazetteer_build import GazetteerError, build, build_key


def open_gazetteer(folder: Path | None) -> sqlite3.Connection:
    """A read-only connection that threads may share, one statement at a time.

    The file is built where it is missing, or is not the one it says it is. Raises `GazetteerError`.
    """
    key = build_key()
    place = folder if folder is not None else default_folder()
    file = place / f"gazetteer-{key[:16]}.sqlite"
    connection = _opened(file, key)
    if connection is None:
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GazetteerError(
                f"the gazetteer cannot be written to {place}: {error}; name a folder with 200 MB to spare"
            ) from error
        build(file)
        connection = _opened(file, key)
    if connection is None:
        raise GazetteerError(f"the gazetteer {file} cannot be read; remove it")
    return connection


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


def _opened(file: Path, key: str) -> sqlite3.Connection | None:
    """The file, if it is there and whole."""
    if not file.is_file():
        return None
    connection = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    try:
        meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        (count,) = connection.execute("SELECT count(*) FROM place").fetchone()
        if meta.get("key") == key and meta.get("places") == str(count):
            return connection
    except sqlite3.DatabaseError:
        pass
    connection.close()
    return None
