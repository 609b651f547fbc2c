"""Feedback as CSV and JSON, written row by row as it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from perks_engine.exports.disclosure_files import table_chunks
from perks_engine.services.feedback_export import COLUMNS
from perks_engine.services.views import View


def feedback_csv(rows: Iterable[View]) -> Iterator[str]:
    """Pictures are named one after the other, with a space between."""
    return table_chunks(COLUMNS, ({**row, "pictures": " ".join(row["pictures"])} for row in rows))


def feedback_json(rows: Iterable[View]) -> Iterator[str]:
    """One JSON object: the rows as `feedback` and, at the end, their `count`."""
    yield '{"feedback":['
    count = 0
    for row in rows:
        yield ("," if count else "") + "\n" + json.dumps(row, ensure_ascii=False)
        count += 1
    yield f'\n],"count":{count}}}\n'
