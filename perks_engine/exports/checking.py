"""A document of this engine, whichever it is, held against a key of a log."""

from __future__ import annotations

from perks_engine.domain.notes import VerifierKey
from perks_engine.exports.proof_files import ProofFileError, verify_list
from perks_engine.exports.statement_files import is_statement, statement_text, verify_statement
from perks_engine.services.verifying import Checked


def checked(data: bytes, key: VerifierKey) -> Checked:
    """A statement (JSON, or the PDF around it) or a disclosure list with proofs; raises `ProofFileError`."""
    if is_statement(data):
        found = verify_statement(statement_text(data), key)
        size = found.head.size if found.head else 0
        return Checked("statement", found.says, found.issued_at, found.lines, size, found.faults)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProofFileError("is neither a PDF nor text in UTF-8") from error
    listed = verify_list(text, key)
    size = listed.head.size if listed.head else 0
    return Checked("list", listed.title, listed.as_of, listed.lines, size, listed.faults)
