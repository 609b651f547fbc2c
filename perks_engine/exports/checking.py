"""A document of this engine, whichever it is, held against a key of a log."""

from __future__ import annotations

from perks_engine.domain.notes import NoteError, VerifierKey, open_note, read_head
from perks_engine.domain.phrase import phrase
from perks_engine.exports.proof_files import verify_list
from perks_engine.exports.reading import ProofFileError
from perks_engine.exports.statement_files import is_statement, statement_text, verify_statement
from perks_engine.services.verifying import Checked
from perks_engine.services.views import instant_view


def checked(data: bytes, key: VerifierKey) -> Checked:
    """A statement (JSON, or the PDF around it), a disclosure list with proofs, or a head of the log as it is
    published; raises `ProofFileError`."""
    if is_statement(data):
        found = verify_statement(statement_text(data), key)
        size = found.head.size if found.head else 0
        return Checked("statement", found.says, found.issued_at, found.lines, size, found.faults)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProofFileError(phrase("it is neither a PDF nor text in UTF-8")) from error
    if is_head(text):
        return _head(text, key)
    listed = verify_list(text, key)
    size = listed.head.size if listed.head else 0
    return Checked("list", listed.title, listed.as_of, listed.lines, size, listed.faults)


def is_head(text: str) -> bool:
    """Whether it is a note with signatures, and no document that has one in it."""
    return "\n\n— " in text and not text.lstrip().startswith("{")


def _head(text: str, key: VerifierKey) -> Checked:
    whole = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    try:
        head = read_head(open_note(whole, [key]))
    except NoteError as error:
        return Checked("head", phrase("a head of a log"), "", 0, 0, (error.why,))
    other = phrase("it is a head of another log, {origin}", origin=head.origin)
    faults = () if head.origin == key.name else (other,)
    says = phrase("a head of the log {log}, whose root is {root}", log=head.origin, root=head.root.hex())
    return Checked("head", says, instant_view(head.signed_at) or "", 0, head.size, faults)
