"""The files of the log that lie outside of the database: the keys that sign its heads, and the heads.

A file of keys holds one key on each line, the newest first: private ones sign, public ones are retired and
only verify.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from perks_engine.domain.notes import (
    NoteError,
    SigningKey,
    is_signing_key,
    new_signing_key,
    read_signing_key,
    read_verifier_key,
)
from perks_engine.services.records import SignedHead
from perks_engine.services.sealing import LogKeys


class KeyFileError(ValueError):
    """A file of keys that cannot be used; the message names the file, the line and the mend."""


def read_keys(file: Path) -> LogKeys:
    """The keys of a file. Raises `KeyFileError`."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(
            f"{file}: the keys of the log cannot be read: {error}; name the file in PERKS_LOG_KEY, or make "
            f"one with: perks ledger new-key {file}"
        ) from error
    signing: list[SigningKey] = []
    retired = []
    for number, line in enumerate(lines, start=1):
        try:
            if is_signing_key(line):
                signing.append(read_signing_key(line))
            elif line.strip():
                retired.append(read_verifier_key(line))
        except NoteError as error:
            raise KeyFileError(f"{file}:{number}: {error}") from error
    if not signing:
        raise KeyFileError(
            f"{file}: there is no private key in it; make one with: perks ledger new-key {file}"
        )
    names = {key.name for key in (*signing, *retired)}
    if len(names) > 1:
        raise KeyFileError(
            f"{file}: its keys have different names ({', '.join(sorted(names))}); a log has one"
        )
    return LogKeys(tuple(signing), tuple(retired))


def add_key(file: Path, name: str) -> LogKeys:
    """Make a key and put it before those that the file holds; both sign until the older one is retired.

    Raises `KeyFileError` and `NoteError`.
    """
    known = read_keys(file) if file.exists() else None
    key = new_signing_key(known.origin if known else name)
    signing = (key, *(known.signing if known else ()))
    keys = LogKeys(signing, known.retired if known else ())
    _write(file, keys)
    return keys


def retire_keys(file: Path) -> LogKeys:
    """Let only the newest key sign; of the others the public part stays, to verify. Raises `KeyFileError`."""
    known = read_keys(file)
    newest, *older = known.signing
    keys = LogKeys((newest,), (*(key.verifier for key in older), *known.retired))
    _write(file, keys)
    return keys


def _write(file: Path, keys: LogKeys) -> None:
    """Put the file in place whole, readable by its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    text = "".join(f"{key}\n" for key in (*keys.signing, *keys.retired))
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)


@dataclass(frozen=True, slots=True)
class HeadFile:
    """Adds each signed head to a file; notes are told apart by two empty lines."""

    file: Path

    def __call__(self, head: SignedHead) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(head.note + "\n\n")
            stream.flush()
            os.fsync(stream.fileno())


def read_heads(file: Path) -> list[str]:
    """The notes of a file of heads."""
    text = file.read_text(encoding="utf-8")
    return [note.strip("\n") + "\n" for note in text.split("\n\n\n") if note.strip()]


def nowhere(head: SignedHead) -> None:
    """Heads stay in the database alone."""
