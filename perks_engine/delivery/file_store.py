"""Files and pictures that people give, on disk: each under a random name in one folder that nothing
serves."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}")
_PART = ".part"
"""After the name of a file that is being written under a name that is known."""


@dataclass(frozen=True, slots=True)
class FolderStore:
    """`folder` is made when the first file comes; only its owner can read it."""

    folder: Path

    def put(self, data: bytes) -> str:
        """Written whole and to the disk before its name is known to anybody."""
        name = secrets.token_hex(16)
        self._write(self.folder / name, data)
        return name

    def _write(self, file: Path, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())

    def keep(self, name: str, data: bytes) -> None:
        """Under a name that is known already; what lies there is replaced, whole."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name to keep a file under")
        part = self.folder / f"{name}{_PART}"
        part.unlink(missing_ok=True)
        self._write(part, data)
        # Dropped while it was being written: whoever did that has the last word.
        with suppress(FileNotFoundError):
            part.replace(self.folder / name)

    def get(self, stored_as: str) -> bytes:
        """Raises `LookupError` where it is gone."""
        if not _NAME.fullmatch(stored_as):
            raise LookupError(f"{stored_as!r} is no name of a kept file")
        try:
            return (self.folder / stored_as).read_bytes()
        except OSError as error:
            raise LookupError(f"the file {stored_as} cannot be read: {error.strerror}") from error

    def drop(self, stored_as: str) -> None:
        if _NAME.fullmatch(stored_as):
            (self.folder / f"{stored_as}{_PART}").unlink(missing_ok=True)
            (self.folder / stored_as).unlink(missing_ok=True)
