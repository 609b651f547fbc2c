"""Sessions of browsers: kept here, so that they can be ended here. The cookie reads `ID.SECRET`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perks_engine.services.access import Actor, Role
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.session_records import Session


@dataclass(frozen=True, slots=True)
class Sessions:
    """`lifetime` is counted from the sign-in, however much the session is used."""

    store: Store
    clock: Clock
    lifetime: timedelta

    def start(self, tx: Transaction, asked: Session, until: datetime | None = None) -> tuple[Session, str]:
        """A session with an id and a secret of its own, whatever the browser sent; it ends at `until` at the
        latest."""
        now, secret = self.clock(), secrets.token_urlsafe(32)
        expires_at = now + self.lifetime
        made = replace(
            asked,
            session_id=new_id("ses", now),
            secret_hash=_hash(secret),
            created_at=now,
            expires_at=min(expires_at, until) if until else expires_at,
        )
        tx.sessions.add(made)
        return made, f"{made.session_id}.{secret}"

    def for_person(self, tx: Transaction, person_id: str) -> tuple[Session, str]:
        now = self.clock()
        return self.start(tx, Session("", "", Role.INFLUENCER.value, now, now, person_id))

    def session(self, text: str) -> Session | None:
        """The session that this is the cookie of; None where it is unknown, ended or expired."""
        session_id, _, secret = text.partition(".")
        with self.store.read() as tx:
            found = tx.sessions.get(session_id)
        # An unknown one costs the same comparison as a wrong secret.
        is_it = hmac.compare_digest(found.secret_hash if found else _hash(""), _hash(secret))
        return found if found and secret and is_it and self.clock() < found.expires_at else None

    def actor(self, text: str) -> Actor | None:
        found = self.session(text)
        if found is None:
            return None
        name = found.holder or f"person {found.person_id}"
        return Actor(
            *(name, Role(found.role), found.brands, found.person_id, found.holder),
            credential=found.session_id,
        )

    def end(self, text: str) -> int:
        """How many: none where it is no session."""
        found = self.session(text)
        if found is None:
            return 0
        with self.store.write() as tx:
            tx.sessions.end(found.session_id)
        return 1

    def end_all(self, text: str) -> int:
        """All sessions of whose this one is; returns how many."""
        found = self.session(text)
        if found is None:
            return 0
        with self.store.write() as tx:
            return tx.sessions.end_all(found.person_id, found.holder)


def csrf_token(text: str) -> str:
    """What a write by the cookie has to bring besides it: only who can read answers of this engine has it."""
    return hmac.digest(text.encode(), b"perks-engine csrf 1", "sha256").hex()


def is_csrf_token(text: str, given: str) -> bool:
    return hmac.compare_digest(csrf_token(text).encode(), given.encode())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
