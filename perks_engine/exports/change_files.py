"""What changed on an exported list, as text, CSV and JSON, written one change after the other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from perks_engine.exports.disclosure_files import table_chunks
from perks_engine.exports.titles import title_of
from perks_engine.services.list_changes import Change, Changes, change_view
from perks_engine.services.views import counted, instant_view

COLUMNS = (
    *("change", "claim", "person", "handle", "campaign", "item", "section", "standing"),
    *("why", "recorded_at", "ledger_entry", "differs"),
)
_SIGN = {Change.ADDED: "+", Change.CORRECTED: "~", Change.REMOVED: "-"}


def changes_csv(changes: Changes) -> Iterator[str]:
    """CSV; what differs is `field: before -> after`, one after the other."""
    rows = (change_view(one) for one in changes.changes)
    return table_chunks(COLUMNS, ({**row, "differs": _told(row["differs"])} for row in rows))


def changes_json(changes: Changes) -> Iterator[str]:
    """One JSON object: the export, `as_of`, `changes`, and at the end their `counts`."""
    head = {
        "since": changes.export.export_id,
        "from": instant_view(changes.export.as_of),
        "as_of": instant_view(changes.instant),
    }
    yield json.dumps(head).removesuffix("}") + ',"changes":['
    counts: Counter[str] = Counter()
    for one in changes.changes:
        yield ("," if counts else "") + "\n" + json.dumps(change_view(one), ensure_ascii=False)
        counts[one.change.value] += 1
    yield f'\n],"counts":{json.dumps({change.value: counts[change.value] for change in Change})}}}\n'


def changes_text(changes: Changes) -> Iterator[str]:
    """Lines to read: what came, changed and went, and why each."""
    was, now = instant_view(changes.export.as_of), instant_view(changes.instant)
    yield f"{title_of(changes.export.chosen)}: from {was} ({changes.export.export_id}) to {now}\n"
    counts: Counter[Change] = Counter()
    for one in changes.changes:
        counts[one.change] += 1
        row = change_view(one)
        entry = f", entry {row['ledger_entry']} of {row['recorded_at']}" if row["ledger_entry"] else ""
        who = row["handle"] or row["person"]
        yield f"{_SIGN[one.change]} {one.change}: {who}, {row['item']} ({row['claim']})\n"
        yield f"    because: {row['why']}{entry}\n"
        for name, (before, after) in row["differs"].items():
            yield f"    {name.replace('_', ' ')}: {_shown(before)} -> {_shown(after)}\n"
    told = ", ".join(f"{counts[change]} {change}" for change in Change)
    yield f"{counted(counts.total(), 'change')}: {told}\n" if counts else "nothing changed\n"


def _told(differs: dict[str, list[Any]]) -> str:
    return "; ".join(f"{name}: {_shown(was)} -> {_shown(now)}" for name, (was, now) in differs.items())


def _shown(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
