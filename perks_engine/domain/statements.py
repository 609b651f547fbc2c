"""A statement: what the ledger says about who is reached at one address, as of a head of its log.

It names the address by a commitment alone, so that whoever has it can show it without the address, or with
it; nobody can show it for another one. Its signed text begins with words that neither a head of the log nor
a list begins with, so that none can be taken for another.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from perks_engine.domain.leaves import commitment
from perks_engine.domain.merkle import Hash
from perks_engine.domain.phrase import Phrase, phrase

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
            f"says sha256 {hashlib.sha256(self.words().encode()).hexdigest()}\n"
        )

    def words(self) -> str:
        """The same for a reader: what it means, and what it does not."""
        return str(self.phrase())

    def phrase(self) -> Phrase:
        """The words, to be said in any language."""
        # Floats are written with the marks that a language sets between thousands.
        where = {"size": float(self.size), "origin": self.origin, "whom": _WHOM[self.about]}
        if self.kind is StatementKind.NO_RECORD:
            return phrase(
                "As of the head over {size} entries of the log {origin}, no receipt is recorded for {whom}: "
                "the ledger holds no entry by which {who} received anything. This says nothing about anybody "
                "else, about what was never recorded, or about connections other than a receipt.",
                **where,
                who=_WHO[self.about],
            )
        return phrase(
            "As of the head over {size} entries of the log {origin}, {receipts} recorded for {whom}: {held} "
            "held still, {ended} ended by a later entry. Each rests on the entries of the ledger named with "
            "it.",
            **where,
            receipts=_counted(self.count),
            held=float(self.held),
            ended=float(self.count - self.held),
        )


_WHOM = {
    SubjectKind.EMAIL: phrase("this address"),
    SubjectKind.HANDLE: phrase("this handle"),
    SubjectKind.PERSON: phrase("this person"),
}
_WHO = {
    SubjectKind.EMAIL: phrase("anybody who is reached at it"),
    SubjectKind.HANDLE: phrase("who bears it"),
    SubjectKind.PERSON: phrase("they"),
}


def _counted(count: int) -> Phrase:
    if count == 1:
        return phrase("{count} receipt is", count=1.0)
    return phrase("{count} receipts are", count=float(count))
