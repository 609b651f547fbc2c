"""API tokens as they are kept: what each may do, until when, and a hash of its secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """`holder` is the member of staff who acts by it; None for a service's, and for an influencer's, which
    stands for `person_id`. With `permissions` it may do no more than those of what its role may.

    Until `older_until` the secret before the newest one works, too."""

    token_id: str
    secret_hash: str
    label: str
    role: str
    brands: tuple[str, ...]
    person_id: str | None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    holder: str | None = None
    permissions: tuple[str, ...] | None = None
    issued_by: str = ""
    older_hash: str | None = None
    older_until: datetime | None = None
    rotated_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """What a rotation makes of a token whose secret had the hash `before`."""

    token_id: str
    before: str
    secret_hash: str
    older_until: datetime
    expires_at: datetime | None
    rotated_at: datetime


class TokenBook(Protocol):
    def add(self, token: Token) -> None: ...
    def get(self, token_id: str) -> Token | None: ...
    def all(self, after: str | None = None, limit: int | None = None) -> list[Token]:
        """The oldest first, from the one after `after`."""
        ...

    def revoke(self, token_id: str, now: datetime) -> bool:
        """Whether there was one to revoke."""
        ...

    def rotate(self, secret: NewSecret) -> bool:
        """False where it is revoked, or was rotated by somebody else meanwhile."""
        ...

    def used(self, at: Mapping[str, datetime]) -> None:
        """When tokens were used; what is kept goes forwards only."""
        ...
