"""Who was erased is known by keyed hashes alone: so that no import brings them back unasked, and so that who
asks from the address that was theirs gets a statement of what the ledger still says."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.statements import Subject, SubjectKind, subject_of
from perks_engine.services.keeping_records import Whose
from perks_engine.services.ports import Transaction

ID, EMAIL, HANDLE = "id", "email", "handle"


@dataclass(frozen=True, slots=True)
class Suppressing:
    """`pepper` is a secret outside of the database, empty where the deployment has none: with it, whoever has
    the database alone cannot try addresses. Hashes from before it was set are still found."""

    pepper: bytes = b""

    def _keys(self, tx: Transaction) -> list[bytes]:
        key = tx.keeping.suppression_key()
        return [hmac.digest(self.pepper, key, "sha256"), key] if self.pepper else [key]

    def suppress(self, tx: Transaction, whose: Whose, pseudonym: str, now: datetime) -> int:
        """Returns how many hashes are kept."""
        key = self._keys(tx)[0]
        hashes = {_digest(key, kind, value): kind for kind, value in _known_by(whose)}
        tx.keeping.suppress(hashes, pseudonym, now)
        return len(hashes)

    def erased_at(self, tx: Transaction, people: Sequence[Whose]) -> dict[str, datetime]:
        """Those of the people who were erased, by id, and when."""
        if not people or not tx.keeping.count_suppressed():
            return {}
        keys, by_hash = self._keys(tx), dict[str, str]()
        for one in people:
            for kind, value in _known_by(one):
                by_hash |= {_digest(key, kind, value): one.person_id for key in keys}
        found: dict[str, datetime] = {}
        for digest, (_, since) in tx.keeping.suppressed(list(by_hash)).items():
            person_id = by_hash[digest]
            found[person_id] = max(since, found.get(person_id, since))
        return found

    def pseudonyms(self, tx: Transaction, subject: Subject) -> list[str]:
        """Under which pseudonyms what is left of a subject stands; itself, where it is one."""
        if subject.kind is SubjectKind.PERSON:
            return [subject.value] if tx.keeping.erasure(subject.value) else []
        kind = EMAIL if subject.kind is SubjectKind.EMAIL else HANDLE
        return self._found(tx, kind, subject.value)

    def pseudonym_of(self, tx: Transaction, person_id: str) -> str | None:
        """That of who was on record under this id."""
        if tx.keeping.erasure(person_id):
            return person_id
        return next(iter(self._found(tx, ID, person_id)), None)

    def _found(self, tx: Transaction, kind: str, value: str) -> list[str]:
        if not tx.keeping.count_suppressed():
            return []
        hashes = [_digest(key, kind, value) for key in self._keys(tx)]
        found = {pseudonym for pseudonym, _ in tx.keeping.suppressed(hashes).values() if pseudonym}
        return sorted(found)


def _known_by(whose: Whose) -> Iterator[tuple[str, str]]:
    yield ID, whose.person_id
    email = subject_of(whose.card.email or "")
    if email is not None:
        yield EMAIL, email.value
    for handle in {whose.card.handle, *whose.handles} - {None, ""}:
        yield HANDLE, str(handle).removeprefix("@")


def _digest(key: bytes, kind: str, value: str) -> str:
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()
