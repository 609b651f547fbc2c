"""A statement as a PDF to file: what it says and means, how to verify it, and itself as JSON within."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.domain.phrase import HELD, Phrase, held_word, phrase
from perks_engine.domain.statements import StatementKind, SubjectKind
from perks_engine.exports.issuer import Issuer
from perks_engine.exports.statement_files import ATTACHED, statement_json
from perks_engine.exports.titles import NO_BREAK
from perks_engine.exports.typesetting import breaking, typeset
from perks_engine.services.stating import Statement, StatementLine
from perks_engine.services.views import Say

_TITLES = {
    StatementKind.RECEIPT: phrase("Statement of receipt"),
    StatementKind.NO_RECORD: phrase("Statement of no record"),
}
_ABOUT = {
    SubjectKind.EMAIL: phrase("about who is reached at"),
    SubjectKind.HANDLE: phrase("about who bears the handle"),
    SubjectKind.PERSON: phrase("about the person kept as"),
}
_WORDS = {
    "issuer": phrase("Issued by"),
    "issued": phrase("Issued on"),
    "as_of": phrase("Head of the log"),
    "log": phrase("Log of the ledger"),
    "item": phrase("Item"),
    "brand": phrase("Brand"),
    "value": phrase("Value"),
    "received": phrase("Received"),
    "state": phrase("State"),
    "entries": phrase("Entries"),
    "lines_title": phrase("What was received"),
    "dates": phrase(
        "Days are those of Coordinated Universal Time (UTC). A value is the fair market value that the brand "
        "gave the item. An entry is a line of the ledger, by its number."
    ),
    "disputed": phrase(
        "A line that is disputed is one that somebody objects to, and the objection is not settled."
    ),
    "no_record_title": phrase("What “no record” means"),
    "verify_title": phrase("How to verify it"),
    "verify": phrase(
        "This document carries the signed statement within it, with a proof for every entry that it names. "
        "It is verified with nothing but the log’s public key: no account, no network, no server."
    ),
    "prints": phrase(
        "The command prints what was signed; hold these pages against it. That the log was not rewritten "
        "since can be seen from its published heads."
    ),
    "size": phrase("Size of the log"),
    "root": phrase("Its root"),
    "commitment": phrase("Commitment"),
    "digest": phrase("SHA-256 of lines"),
    "signature": phrase("Signature"),
}
"""What the document says beside its data."""
_TRANSLATED = phrase("What is signed is in English, and carried within; these pages are its translation.")
PAGE = phrase("page {page} of {pages}", page="PAGE", pages="PAGES")
"""The places stay for the typesetter, who knows them alone."""


def statement_pdf(
    statement: Statement,
    template: Path,
    key: str,
    say: Say = str,
    language: str = FALLBACK_LANGUAGE,
    issuer: Issuer | None = None,
) -> bytes:
    """The document, tagged (PDF/UA-1) and to be kept (PDF/A-3a); `template` is `reports/statement.typ`, `key`
    the log's public key as it is published, `say` gives its words in the `language` of its reader. What is
    signed, and attached, is in English.

    The same statement gives the same bytes: the fonts travel with the typesetter, and the document bears the
    statement's own instant.
    """
    issuer = issuer or Issuer()
    stated, at = statement.stated, statement.issued_at
    issued = _moment(at, say)
    data = {
        "language": language,
        "title": say(_TITLES[stated.kind]),
        "about": say(_ABOUT[statement.subject.kind]),
        "subject": breaking(statement.subject.value),
        "says": say(stated.phrase()),
        "issuer": list(map(breaking, issuer.address)),
        "author": issuer.name or stated.origin,
        "origin": stated.origin,
        "size": say(phrase("{size}", size=float(stated.size))),
        "root": stated.root.hex(),
        "commitment": stated.subject,
        "digest": stated.digest,
        "is_no_record": stated.kind is StatementKind.NO_RECORD,
        "no_record": say(_no_record(stated.size)),
        "issued": issued,
        "issued_on": say(phrase("issued on {day}", day=issued)),
        "as_of": _as_of(statement, say),
        "foot": say(phrase("As of the head over {size} entries of the log {log}", **_log(statement))),
        "page": say(PAGE),
        "words": {name: say(words) for name, words in _WORDS.items()},
        "has_disputed": any(line.disputed_since for line in statement.lines),
        "translated": say(_TRANSLATED) if language != FALLBACK_LANGUAGE else "",
        "at_page": say(phrase("A browser does the same on the page {url}", url=issuer.verify_at))
        if issuer.verify_at
        else "",
        "lines": [_shown(line, say) for line in statement.lines],
        "signature": statement.signature.split()[-1],
        "key": key,
    }
    with TemporaryDirectory(prefix="perks-statement-") as folder:
        root = Path(folder)
        (root / ATTACHED).write_text(statement_json(statement), encoding="utf-8")
        typeset(root, template, data, root / "statement.pdf", at)
        return (root / "statement.pdf").read_bytes()


def _log(statement: Statement) -> dict[str, Any]:
    return {"size": float(statement.stated.size), "log": statement.stated.origin}


def _as_of(statement: Statement, say: Say) -> str:
    if statement.head is None:
        return say(phrase("a log that holds nothing yet"))
    return say(
        phrase(
            "the head over {size} entries, signed on {moment}",
            size=float(statement.stated.size),
            moment=_moment(statement.head.signed_at, say),
        )
    )


def _no_record(size: int) -> Phrase:
    return phrase(
        "Among the {size} entries that the head of the log is over, none says that the person named above "
        "received an item, attended an event, had early access or redeemed a code. It does not mean that "
        "there is no such person, that nothing was offered or claimed, or that no other connection to a "
        "brand exists; a statement about another address may say something else. It is bound to this one by "
        "the commitment below, so that it cannot be shown for anybody else.",
        size=float(size),
    )


def _word(code: str, say: Say) -> str:
    return say(held_word(code)).removeprefix(HELD)


def _shown(line: StatementLine, say: Say) -> dict[str, Any]:
    receipt, row = line.receipt, line.row()
    ended = line.ended.entry if line.ended else None
    state = phrase("held")
    if ended:
        move = _word(ended.move, say)
        state = phrase("ended ({move}) on {day}", move=move, day=_day(ended.occurred_at, say))
    if line.disputed_since:
        state = phrase("disputed since {day}", day=_day(line.disputed_since, say))
    return {
        "brand": breaking(line.brand),
        "campaign": breaking(receipt.campaign),
        "connection": _word(line.connection.value, say),
        "item": breaking(line.item),
        "value": say(phrase("{value}", value=str(line.value))),
        "received": _day(datetime.fromisoformat(row["received_at"]), say),
        "evidence": _word(receipt.evidence, say) if receipt.evidence else "",
        "reference": breaking(receipt.reference),
        "state": say(state),
        "entries": [say(phrase("{size}", size=float(one.entry_id or 0))) for one in (receipt, ended) if one],
    }


def _day(moment: datetime, say: Say) -> str:
    """In the language, on one line."""
    day = say(phrase("{day}", day=f"{moment.astimezone(UTC):%Y-%m-%d}"))
    return day.replace(" ", NO_BREAK)


def _moment(moment: datetime, say: Say) -> str:
    return f"{_day(moment, say)}, {moment.astimezone(UTC):%H:%M}{NO_BREAK}UTC"
