"""A statement as a PDF to file: what it says and means, how to verify it, and itself as JSON within."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.domain.phrase import HELD, Phrase, held_word, phrase
from perks_engine.domain.statements import StatementKind, SubjectKind
from perks_engine.exports.statement_files import ATTACHED, statement_json
from perks_engine.services.stating import Statement, StatementLine
from perks_engine.services.views import Say, instant_view

_ABOUT = {
    SubjectKind.EMAIL: phrase("about who is reached at"),
    SubjectKind.HANDLE: phrase("about who bears the handle"),
    SubjectKind.PERSON: phrase("about the person kept as"),
}
_WORDS = {
    "item": phrase("Item"),
    "brand": phrase("Brand"),
    "value": phrase("Value"),
    "received": phrase("Received"),
    "evidence": phrase("Evidence"),
    "state": phrase("State"),
    "entries": phrase("Entries"),
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
    "page": phrase("page"),
    "of": phrase("of"),
}
"""What the document says beside its data."""


def statement_pdf(
    statement: Statement, template: Path, key: str, say: Say = str, language: str = FALLBACK_LANGUAGE
) -> bytes:
    """The document; `template` is `reports/statement.typ`, `key` the log's public key as it is published,
    `say` gives its words in the `language` of its reader. What is signed, and attached, is in English.

    The same statement gives the same bytes: the fonts travel with the typesetter, and the document bears the
    statement's own instant.
    """
    stated = statement.stated
    data = {
        "language": language,
        "title": say(_TITLES[stated.kind]),
        "about": say(_ABOUT[statement.subject.kind]),
        "subject": statement.subject.value,
        "says": say(stated.phrase()),
        "origin": stated.origin,
        "size": stated.size,
        "root": stated.root.hex(),
        "issued_at": stated.issued_at,
        "commitment": stated.subject,
        "digest": stated.digest,
        "is_no_record": stated.kind is StatementKind.NO_RECORD,
        "no_record": say(_no_record(stated.size)),
        "issued": say(phrase("issued {at}", at=f"{statement.issued_at:%Y-%m-%d %H:%M} UTC")),
        "foot": say(phrase("As of the head over {size} entries of the log {log}", **_log(statement))),
        "words": {name: say(words) for name, words in _WORDS.items()},
        "lines": [_shown(line, say) for line in statement.lines],
        "signature": statement.signature.split()[-1],
        "key": key,
    }
    with TemporaryDirectory(prefix="perks-statement-") as folder:
        root = Path(folder)
        shutil.copyfile(template, root / "statement.typ")
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        (root / ATTACHED).write_text(statement_json(statement), encoding="utf-8")
        return typst.compile(
            str(root / "statement.typ"),
            format="pdf",
            root=folder,
            ignore_system_fonts=True,
            timestamp=int(statement.issued_at.timestamp()),
        )


_TITLES = {
    StatementKind.RECEIPT: phrase("Statement of receipt"),
    StatementKind.NO_RECORD: phrase("Statement of no record"),
}


def _log(statement: Statement) -> dict[str, Any]:
    return {"size": float(statement.stated.size), "log": statement.stated.origin}


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
    receipt = line.receipt
    ended = line.ended.entry if line.ended else None
    state = phrase("held")
    if ended:
        move = _word(ended.move, say)
        state = phrase("ended ({move}) on {day}", move=move, day=_day(ended.occurred_at))
    if line.disputed_since:
        state = phrase("disputed since {day}", day=_day(line.disputed_since))
    evidence = _word(receipt.evidence, say) if receipt.evidence else ""
    return {
        "brand": line.brand,
        "campaign": receipt.campaign,
        "connection": _word(line.connection.value, say),
        "item": line.item,
        "value": str(line.value),
        "received": _day(receipt.occurred_at),
        "evidence": " ".join(part for part in (evidence, receipt.reference) if part),
        "state": say(state),
        "entries": f"{receipt.entry_id}" + (f", {ended.entry_id}" if ended else ""),
    }


def _day(moment: Any) -> str:
    return (instant_view(moment) or "")[:10]
