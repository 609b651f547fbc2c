"""A statement: what the ledger says about who is reached at one address, as of a head of its log.

It names the address by a commitment alone, so that whoever has it can show it without the address, or with
it; nobody can show it for another one. Its signed text begins with words that neither a head of the log nor
a list begins with, so that none can be taken for another.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from perks_engine.domain.leaves import commitment
from perks_engine.domain.merkle import Hash

FORMAT = "perks-engine/statement/1"
SUBJECT_SALT_BYTES = 32
LONGEST_ADDRESS = 254


class StatementKind(StrEnum):
    RECEIPT = "receipt"
    NO_RECORD = "no_record"


class SubjectKind(StrEnum):
    """What a statement is about: who is reached at an e-mail address, who bears a handle, or one person by
    the id that they are kept under here."""

    EMAIL = "email"
    HANDLE = "handle"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Subject:
    """`value` is in the one way of writing that `subject_of` gives."""

    kind: SubjectKind
    value: str

    def committed(self, salt: bytes) -> str:
        """HMAC-SHA-256 under the salt, in hex: it hides the subject and binds to it."""
        return commitment(f"{self.kind}:{self.value}", salt)


_EMAIL = re.compile(r"[^\s@,;<>\"()\\]+@[^\s@,;<>\"()\\]+\.[^\s@,;<>\"().\\]+")
_HANDLE = re.compile(r"[^\s@,;<>\"/\\]{1,100}")


def subject_of(address: str) -> Subject | None:
    """The e-mail address or the handle (`@` before it or not) that a text is; None where it is neither.

    E-mail addresses are compared without regard to case, as mailboxes are in practice.
    """
    text = unicodedata.normalize("NFC", address.strip())
    if len(text) > LONGEST_ADDRESS or not text.isprintable():
        return None
    if "@" in text[1:]:
        return Subject(SubjectKind.EMAIL, text.lower()) if _EMAIL.fullmatch(text) else None
    handle = text.removeprefix("@")
    return Subject(SubjectKind.HANDLE, handle) if _HANDLE.fullmatch(handle) else None


@dataclass(frozen=True, slots=True)
class Stated:
    """What a statement says, as it is signed. `subject` is the commitment (hex) to somebody whom `about` says
    the kind of; the log had `size` leaves with the root `root`; `digest` (hex) is that of the lines, of which
    `held` out of `count` are held still."""

    origin: str
    kind: StatementKind
    about: SubjectKind
    subject: str
    size: int
    root: Hash
    issued_at: str
    count: int
    held: int
    digest: str

    def text(self) -> str:
        return (
            f"{FORMAT}\nlog {self.origin}\nstatement of {self.kind}\nfor {self.about} {self.subject}\n"
            f"as of {self.size} {self.root.hex()}\nissued {self.issued_at}\n"
            f"{self.count} receipts, {self.held} held\nsha256 {self.digest}\n"
        )

    def words(self) -> str:
        """The same for a reader: what it means, and what it does not."""
        where = f"As of the head over {self.size:,} entries of the log {self.origin}"
        whom = f"this {_WHOM[self.about]}"
        if self.kind is StatementKind.NO_RECORD:
            return (
                f"{where}, no receipt is recorded for {whom}: the ledger holds no entry by which "
                f"{_WHO[self.about]} received anything. This says nothing about anybody else, "
                "about what was never recorded, or about connections other than a receipt."
            )
        ended = self.count - self.held
        return (
            f"{where}, {_counted(self.count)} recorded for {whom}: {self.held:,} held still, "
            f"{ended:,} ended by a later entry. Each rests on the entries of the ledger named with it."
        )


_WHOM = {
    SubjectKind.EMAIL: "address",
    SubjectKind.HANDLE: "handle",
    SubjectKind.PERSON: "person",
}
_WHO = {
    SubjectKind.EMAIL: "anybody who is reached at it",
    SubjectKind.HANDLE: "who bears it",
    SubjectKind.PERSON: "they",
}


def _counted(count: int) -> str:
    return f"{count:,} receipt is" if count == 1 else f"{count:,} receipts are"
