"""What members of staff did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from perks_engine.services.staff_records import StaffAction, WhichActions
from perks_engine.storage.staff_tables import staff_action as _table


class SqlStaffActionBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, action: StaffAction) -> None:
        values = {name: value for name, value in asdict(action).items() if name != "action_id"}
        self._connection.execute(insert(_table).values(**values))

    def find(self, which: WhichActions, limit: int) -> Sequence[StaffAction]:
        column = _table.c
        same = {"acted_by": which.by, "route": which.route, "about": which.about, "person_id": which.person}
        wanted = [column[name] == value for name, value in same.items() if value is not None]
        if which.since is not None:
            wanted.append(column.acted_at >= which.since)
        if which.until is not None:
            wanted.append(column.acted_at < which.until)
        if which.before is not None:
            wanted.append(column.action_id < which.before)
        query = select(_table).where(*wanted).order_by(column.action_id.desc()).limit(limit)
        return [StaffAction(**row) for row in self._connection.execute(query).mappings()]
