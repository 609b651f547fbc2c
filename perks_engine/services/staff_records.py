"""What members of staff did, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StaffAction:
    """`about` names what the path of the route was about, `claim=clm_1`; the person stands apart. `brand` is
    the one that it was done to, where it was one."""

    action_id: int | None
    acted_at: datetime
    acted_by: str
    role: str
    credential: str
    route: str
    about: str
    person_id: str | None
    brand: str | None
    status: int
    code: str
    request_id: str


@dataclass(frozen=True, slots=True)
class WhichActions:
    """Those before `before`, and only those that are as each of these says."""

    by: str | None = None
    route: str | None = None
    about: str | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    brands: tuple[str, ...] | None = None


class StaffActionBook(Protocol):
    def add(self, action: StaffAction) -> None: ...
    def find(self, which: WhichActions, limit: int) -> Sequence[StaffAction]:
        """The newest first."""
        ...

    def brand_of(self, kind: str, name: str) -> str | None:
        """Of a campaign, claim, dispute or whatever else an action names; None where it is of no brand."""
        ...
