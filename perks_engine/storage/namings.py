"""What people are called, over time: a list as of an instant names them as they were called then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from perks_engine.services.list_records import Called
from perks_engine.storage import list_tables, tables
from perks_engine.storage.listed import dated_after_lists

AT_ONCE = 1_000


class SqlNamings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, people: Mapping[str, Mapping[str, str | None]], now: datetime) -> int:
        """Keep what changed of these people's names, by person and field; returns how many changes."""
        changes: list[dict[str, str | None]] = []
        for some in _parts(list(people)):
            known = self._latest(some, None)
            for person in some:
                were = known.get(person, {})
                changes += [
                    {"person_id": person, "field": field, "value": value}
                    for field, value in people[person].items()
                    if were.get(field) != value
                ]
        if changes:
            at = dated_after_lists(self._connection, now)
            self._connection.execute(
                insert(list_tables.naming), [change | {"recorded_at": at} for change in changes]
            )
        return len(changes)

    def called(self, people: Sequence[str], as_of: datetime | None = None) -> dict[str, Called]:
        """What these people were called at an instant, now if None; whoever is not on record is left out."""
        found: dict[str, Called] = {}
        for some in _parts(people):
            known = self._latest(some, as_of)
            table = tables.person
            query = select(table.c.person_id, table.c.handle, table.c.name).where(table.c.person_id.in_(some))
            for person, handle, name in self._connection.execute(query):
                # Rows that were brought in otherwise than through people's files have no history.
                fields = {"handle": handle, "name": name} | known.get(person, {})
                on = {
                    field.removeprefix("on."): value
                    for field, value in sorted(fields.items())
                    if field.startswith("on.") and value
                }
                found[person] = Called(fields["handle"], fields["name"], on)
        return found

    def _latest(self, people: Sequence[str], as_of: datetime | None) -> dict[str, dict[str, str | None]]:
        table = list_tables.naming
        query = (
            select(table.c.person_id, table.c.field, table.c.value)
            .where(table.c.person_id.in_(people))
            .order_by(table.c.recorded_at, table.c.naming_id)
        )
        if as_of is not None:
            query = query.where(table.c.recorded_at <= as_of)
        known: dict[str, dict[str, str | None]] = {}
        for person, field, value in self._connection.execute(query):
            known.setdefault(person, {})[field] = value
        return known


def _parts(people: Sequence[str]) -> Iterable[Sequence[str]]:
    return (people[start : start + AT_ONCE] for start in range(0, len(people), AT_ONCE))
