"""What changed on a list since it was exported: every line that came, went or says something else, and why.

The same list is computed as of both instants, by claim, and read side by side: whatever a line is made from
is compared, and memory does not grow with the list.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from perks_engine.domain.codec import encode
from perks_engine.domain.phrase import Phrase, phrase, word
from perks_engine.services.access import Actor
from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.exporting import Exporting
from perks_engine.services.list_records import ExportRecord, Order
from perks_engine.services.ports import Transaction
from perks_engine.services.records import Entry
from perks_engine.services.views import Say, View, instant_view

_NOT_COMPARED = frozenset({"recorded_at"})
"""It says when the ledger learned of an entry; the entry itself is compared."""


class Change(StrEnum):
    ADDED = "added"
    CORRECTED = "corrected"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class LineChange:
    """`line` is as it stands now, or as it stood before it was removed. `differs` are the fields of a
    corrected line, each with what it said and what it says; `why` is the entry or the fact behind it."""

    change: Change
    line: DisclosureLine
    why: Phrase
    at: datetime | None
    entry: int | None
    differs: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed on the list of `export` up to `instant`."""

    export: ExportRecord
    instant: datetime
    changes: Iterator[LineChange]


@dataclass(frozen=True, slots=True)
class ListComparing:
    exporting: Exporting

    @contextmanager
    def since(self, actor: Actor, export_id: str, as_of: datetime | None = None) -> Generator[Changes]:
        """The changes of an exported list, up to an instant, now if None.

        Raises `NotFoundError` for an export that is not on record, what `Disclosing.settled` does, and
        `InvalidInputError` for an instant before the export's own.
        """
        export = self.exporting.known(actor, export_id)
        if as_of is not None and as_of < export.as_of:
            raise InvalidInputError(
                "disclosures.since",
                phrase(
                    "as_of {as_of} lies before the export's own instant, {as_of_2}; compare with a later one",
                    as_of=str(instant_view(as_of)),
                    as_of_2=str(instant_view(export.as_of)),
                ),
            )
        instant = self.exporting.disclosing.settled(actor, export.chosen, as_of)
        with self.exporting.store.read() as tx:
            yield Changes(export, instant, self._compared(tx, actor, export, instant))

    def _compared(
        self, tx: Transaction, actor: Actor, export: ExportRecord, instant: datetime
    ) -> Iterator[LineChange]:
        befores = self.exporting.disclosing.within(tx, actor, export.chosen, export.as_of, Order.CLAIM)
        afters = self.exporting.disclosing.within(tx, actor, export.chosen, instant, Order.CLAIM)
        before, after = next(befores, None), next(afters, None)
        while before is not None or after is not None:
            if after is None or (before is not None and before.claim < after.claim):
                if before is not None:
                    yield _removed(tx, before, instant)
                before = next(befores, None)
            elif before is None or after.claim < before.claim:
                yield _added(after)
                after = next(afters, None)
            else:
                if differs := _differences(before, after):
                    yield _corrected(tx, before, after, differs, instant)
                before, after = next(befores, None), next(afters, None)


def _removed(tx: Transaction, line: DisclosureLine, instant: datetime) -> LineChange:
    entry = tx.lists.latest_entry(line.claim, instant)
    if entry is None or entry.entry_id == line.entry:
        gone = phrase("it does not fit what was chosen any more")
        return LineChange(Change.REMOVED, line, gone, None, None, {})
    return LineChange(Change.REMOVED, line, _moved(entry), entry.recorded_at, entry.entry_id, {})


def _added(line: DisclosureLine) -> LineChange:
    why = word(line.section.replace("_", " "))
    if line.evidence:
        why = phrase("received: {evidence}", evidence=word(line.evidence))
    if line.reference:
        why = phrase("{why} {reference}", why=why, reference=line.reference)
    return LineChange(Change.ADDED, line, why, line.recorded_at, line.entry, {})


def _corrected(
    tx: Transaction,
    before: DisclosureLine,
    after: DisclosureLine,
    differs: Mapping[str, tuple[Any, Any]],
    instant: datetime,
) -> LineChange:
    if "entry" not in differs:
        names = word(", ".join(name.replace("_", " ") for name in differs))
        known = phrase("it became known: {names}", names=names)
        return LineChange(Change.CORRECTED, after, known, None, None, differs)
    entry = tx.lists.latest_entry(before.claim, instant)
    why = _moved(entry) if entry else phrase("a later entry")
    return LineChange(Change.CORRECTED, after, why, after.recorded_at, after.entry, differs)


def _moved(entry: Entry) -> Phrase:
    move = word(entry.move.replace("_", " "))
    return phrase("{move}: {note}", move=move, note=entry.note) if entry.note else move


def _differences(before: DisclosureLine, after: DisclosureLine) -> dict[str, tuple[Any, Any]]:
    """The fields that differ, each with both values."""
    if before == after:
        return {}
    return {
        one.name: (was, now)
        for one in fields(DisclosureLine)
        if one.name not in _NOT_COMPARED
        and (was := getattr(before, one.name)) != (now := getattr(after, one.name))
    }


def change_view(one: LineChange, say: Say = str) -> View:
    """A change as plain data, the same in text, CSV and JSON."""
    line = one.line
    return {
        "change": one.change.value,
        "claim": line.claim,
        "person": line.person,
        "handle": line.handle,
        "campaign": line.campaign,
        "item": line.item,
        "section": line.section.value,
        "standing": line.standing.value,
        "why": say(one.why),
        "recorded_at": instant_view(one.at),
        "ledger_entry": one.entry,
        "differs": {name: [_plain(was), _plain(now)] for name, (was, now) in one.differs.items()},
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "amount_minor"):
        return str(value)
    return encode(value)
