"""Whom of a brand's staff the engine tells."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from perks_engine.services.records import Contact
from perks_engine.storage import tables

_table = tables.contact


class SqlContactBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, contact: Contact) -> bool:
        """False where the brand has that address already."""
        if any(one.email == contact.email for one in self.of_brand(contact.brand)):
            return False
        self._connection.execute(insert(_table).values(**asdict(contact)))
        return True

    def remove(self, brand: str, email: str) -> bool:
        gone = delete(_table).where(_table.c.brand == brand, _table.c.email == email)
        return self._connection.execute(gone).rowcount > 0

    def of_brand(self, brand: str) -> list[Contact]:
        query = select(_table).where(_table.c.brand == brand).order_by(_table.c.email)
        return [Contact(**row) for row in self._connection.execute(query).mappings()]

    def all(self) -> list[Contact]:
        query = select(_table).order_by(_table.c.brand, _table.c.email)
        return [Contact(**row) for row in self._connection.execute(query).mappings()]
