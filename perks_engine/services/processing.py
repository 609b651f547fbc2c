"""The record of processing (GDPR 30), written from the inventory and the spans of a deployment."""

from __future__ import annotations

from collections.abc import Iterator

from perks_engine.services.inventory import Held, Inventory
from perks_engine.services.inventory_tables import INVENTORY
from perks_engine.services.spans import Spans

_HEAD = """# Record of processing

What the engine holds about people, why, on which ground, for how long, and what an erasure does
with it (GDPR 30). Made from `services/inventory_tables.py` by `perks person processing`, which prints
it with the spans of a deployment. Who is responsible, whom data are given to and where they are sent
is for the deployment to add.

## What is held about people
| table | what it holds, in words for the person | why | ground | kept | at an erasure |
|---|---|---|---|---|---|
"""
_REST = """
## Tables that hold nothing about people who opted in
| table | what it holds |
|---|---|
"""
_MEASURES = """
## Measures
What stays after an erasure bears a pseudonym made of chance. What it would take to say whose it was is
deleted, but for keyed hashes, which are of use only to who knows the address already. Secrets are kept
as hashes. On SQLite what is deleted is overwritten. What is only appended to is kept so by triggers,
which let an erasure change the columns that the inventory names and nothing else.
"""


def processing_text(spans: Spans, inventory: Inventory = INVENTORY) -> str:
    """Markdown."""
    return "".join((_HEAD, *_lines(spans, inventory), _REST, *_impersonal(inventory), _MEASURES))


def _lines(spans: Spans, inventory: Inventory) -> Iterator[str]:
    for one in sorted(inventory, key=lambda one: one.table):
        days = spans.days(one.span)
        kept = f"{one.span.value}: {days:,} days" if days else one.span.value
        cells = (f"`{one.table}`", one.what, one.why, one.basis, kept, _at_an_erasure(one))
        yield f"| {' | '.join(cells)} |\n"


def _impersonal(inventory: Inventory) -> Iterator[str]:
    for table, (what, _) in sorted(inventory.impersonal.items()):
        yield f"| `{table}` | {what} |\n"


def _at_an_erasure(one: Held) -> str:
    if one.of_staff:
        return "not of people who opted in; removed by `perks contact remove`"
    if one.goes:
        return "deleted"
    return f"kept under a pseudonym, {one.kept_because}"
