"""Requests to sign in by a link, and sessions of browsers, as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SignIn:
    """`address` is what was asked with, until the letters are on their way; from then on there is one for
    each person who is reached there. `browser_hash` is that of what the browser that asked holds."""

    sign_in_id: str
    browser_hash: str
    requested_at: datetime
    expires_at: datetime
    address: str | None = None
    person_id: str | None = None
    used_at: datetime | None = None


class SignInBook(Protocol):
    def add(self, asked: SignIn) -> None: ...
    def get(self, sign_in_id: str) -> SignIn | None: ...
    def waiting(self, limit: int) -> list[SignIn]:
        """Those whose letters are not on their way yet, the oldest first."""
        ...

    def count_waiting(self, most: int) -> int:
        """How many wait, counted up to `most`."""
        ...

    def done(self, sign_in_id: str) -> None:
        """Forget a request whose letters are on their way."""
        ...

    def letters_to(self, person_id: str, since: datetime) -> int: ...
    def use(self, sign_in_id: str, now: datetime) -> bool:
        """Whether it was not used before: of two at the same moment one is."""
        ...

    def forget(self, now: datetime, before: datetime) -> int:
        """Delete the letters whose links expired, and requests from `before` that did; returns how many
        requests."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in: as a person, or as the member of staff `holder` in a role. `provider` says
    who vouched for them: an OpenID provider, or the token that they showed; empty for a link by e-mail. A
    provider calls them `subject`, and their session at it `provider_session`."""

    session_id: str
    secret_hash: str
    role: str
    created_at: datetime
    expires_at: datetime
    person_id: str | None = None
    holder: str | None = None
    brands: tuple[str, ...] = ()
    provider: str = ""
    subject: str | None = None
    provider_session: str | None = None


@dataclass(frozen=True, slots=True)
class Logout:
    """A provider said that a subject of it signed out, or a session. Whose it was stands as hashes alone."""

    logout_id: str
    subject_hash: str | None
    session_hash: str | None
    said_at: datetime


class SessionBook(Protocol):
    def add(self, session: Session) -> None: ...
    def get(self, session_id: str) -> Session | None: ...
    def end(self, session_id: str) -> None: ...
    def end_all(self, person_id: str | None, holder: str | None) -> int:
        """Those of the person, or of the member of staff; returns how many."""
        ...

    def end_by(self, provider: str) -> int:
        """Those that were begun by that token; returns how many."""
        ...

    def end_at(
        self, provider: str, subject: str | None, provider_session: str | None, begun_by: datetime
    ) -> int:
        """Those that the provider vouched for, of its session or of its subject (of both, where both are
        given), that had begun by then; returns how many."""
        ...

    def note_logout(self, logout: Logout, kept_from: datetime) -> None:
        """Keep that somebody signed out at a provider, and no longer those that were said before then."""
        ...

    def logged_out_at(self, subject_hash: str, session_hash: str | None) -> datetime | None:
        """When it was last said of this subject, or of this session of it; of all its sessions where the
        session is not known."""
        ...

    def forget(self, now: datetime) -> int: ...
