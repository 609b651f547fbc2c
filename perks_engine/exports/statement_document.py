"""A statement as a PDF to file: what it says and means, how to verify it, and itself as JSON within."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from perks_engine.domain.statements import StatementKind, SubjectKind
from perks_engine.exports.statement_files import ATTACHED, statement_json
from perks_engine.services.stating import Statement, StatementLine
from perks_engine.services.views import instant_view

_ABOUT = {
    SubjectKind.EMAIL: "who is reached at",
    SubjectKind.HANDLE: "who bears the handle",
    SubjectKind.PERSON: "the person kept as",
}


def statement_pdf(statement: Statement, template: Path, key: str) -> bytes:
    """The document; `template` is `reports/statement.typ`, `key` the log's public key as it is published.

    The same statement gives the same bytes: the fonts travel with the typesetter, and the document bears the
    statement's own instant.
    """
    stated = statement.stated
    data = {
        "title": "Statement of receipt" if stated.kind is StatementKind.RECEIPT else "Statement of no record",
        "about": _ABOUT[statement.subject.kind],
        "subject": statement.subject.value,
        "says": stated.words(),
        "origin": stated.origin,
        "size": stated.size,
        "root": stated.root.hex(),
        "issued_at": stated.issued_at,
        "commitment": stated.subject,
        "digest": stated.digest,
        "is_no_record": stated.kind is StatementKind.NO_RECORD,
        "lines": [_shown(line) for line in statement.lines],
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


def _shown(line: StatementLine) -> dict[str, Any]:
    receipt = line.receipt
    ended = line.ended.entry if line.ended else None
    state = f"ended by {ended.move} on {_day(ended.occurred_at)}" if ended else "held"
    if line.disputed_since:
        state = f"disputed since {_day(line.disputed_since)}"
    return {
        "brand": line.brand,
        "campaign": receipt.campaign,
        "connection": line.connection.value.replace("_", " "),
        "item": line.item,
        "value": str(line.value),
        "received": _day(receipt.occurred_at),
        "evidence": " ".join(part for part in (receipt.evidence, receipt.reference) if part),
        "state": state,
        "entries": f"{receipt.entry_id}" + (f", {ended.entry_id}" if ended else ""),
    }


def _day(moment: Any) -> str:
    return (instant_view(moment) or "")[:10]
