"""Contacts: whom of a brand's staff the engine tells when a guard pauses one of its campaigns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.ports import Clock, Store
from perks_engine.services.records import Contact

_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
_BRAND = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Contacts:
    store: Store
    clock: Clock

    def add(self, brand: str, email: str, by: str, name: str = "") -> bool:
        """Tell this address from now on; False where it is told already. A message that still waits in the
        outbox goes to it as well."""
        if not _BRAND.fullmatch(brand):
            raise InvalidInputError("contact.brand", f"'{brand}' is no brand; write it as campaign files do")
        if not _EMAIL.fullmatch(email) or len(email) > 254:
            raise InvalidInputError("contact.email", f"'{email}' is no e-mail address")
        with self.store.write() as tx:
            return tx.contacts.add(Contact(brand, email, name, by, self.clock()))

    def remove(self, brand: str, email: str) -> None:
        with self.store.write() as tx:
            if not tx.contacts.remove(brand, email):
                raise NotFoundError("contact.unknown", f"{brand} has no contact {email}")

    def list(self, brand: str | None = None) -> list[Contact]:
        with self.store.read() as tx:
            return tx.contacts.all() if brand is None else tx.contacts.of_brand(brand)
