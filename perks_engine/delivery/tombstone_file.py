"""The file of tombstones (PERKS_ERASURES): a line of JSON for each, after one with the salt of the file."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from perks_engine.services.tombstones import Tombstone, hashed

SALT_BYTES = 32


class TombstoneFileError(ValueError):
    """A file of tombstones that cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class TombstoneFile:
    file: Path
    pepper: Callable[[], bytes]

    def __call__(self, person_id: str, now: datetime) -> None:
        """Add one, on the disk before this returns. Raises `OSError` and `TombstoneFileError`."""
        self._begin()
        salt, _ = self._read()
        told = {
            "person": hashed(self.pepper(), salt, person_id),
            "erased_at": now.astimezone(UTC).isoformat(),
        }
        _append(self.file, json.dumps(told))

    def find(self, since: datetime) -> tuple[bytes, Sequence[Tombstone]]:
        """The salt, and the tombstones from `since` on. Raises `OSError` and `TombstoneFileError`."""
        salt, found = self._read()
        return salt, [one for one in found if one.erased_at >= since]

    def _begin(self) -> None:
        """Of two that begin the file at the same moment one puts its own in place."""
        if self.file.exists():
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_name(f"{self.file.name}.{secrets.token_hex(4)}")
        _append(part, json.dumps({"salt": secrets.token_hex(SALT_BYTES)}))
        with suppress(FileExistsError):
            os.link(part, self.file)
        part.unlink()

    def _read(self) -> tuple[bytes, list[Tombstone]]:
        lines = self.file.read_text(encoding="utf-8").splitlines()
        found: list[Tombstone] = []
        salt = b""
        for number, line in enumerate(lines, start=1):
            try:
                told = json.loads(line)
                if number == 1:
                    salt = bytes.fromhex(told["salt"])
                else:
                    found.append(Tombstone(str(told["person"]), datetime.fromisoformat(told["erased_at"])))
            except (ValueError, KeyError, TypeError) as error:
                raise TombstoneFileError(
                    f"{self.file}:{number}: no line of a file of erasures; name the one of PERKS_ERASURES"
                ) from error
        if not salt:
            raise TombstoneFileError(f"{self.file}: it is empty; name the file of PERKS_ERASURES")
        return salt, found


def _append(file: Path, line: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(line.encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
