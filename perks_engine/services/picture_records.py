"""Pictures that people give, or that staff takes of a post: what is kept of each, and what cleans and keeps
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from perks_engine.domain.pictures import PictureKind


class PictureUse(StrEnum):
    """What a picture belongs to."""

    FEEDBACK = "feedback"
    JUDGEMENT = "judgement"


class UnusablePictureError(Exception):
    """What was given is no picture that can be kept; `code` is stable, the words say why and what mends
    it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StoreDownError(Exception):
    """The store of pictures does not answer, or refuses us."""


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture decoded and encoded anew, with nothing in it but its pixels."""

    kind: PictureKind
    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """`person_id` is whose claim it is about; with them it goes. `kept_at` is None until its bytes are known
    to lie in the store, under `stored_as`."""

    picture_id: str
    claim_id: str
    person_id: str
    use: PictureUse
    kind: PictureKind
    width: int
    height: int
    size: int
    sha256: str
    stored_as: str
    given_by: str
    given_at: datetime
    kept_at: datetime | None = None


class PictureCleaner(Protocol):
    def clean(self, data: bytes) -> CleanPicture:
        """Raises `UnusablePictureError`."""
        ...


class PictureStore(Protocol):
    """Bytes under names that nobody can guess. Each method raises `StoreDownError`."""

    def keep(self, name: str, data: bytes) -> None:
        """What lies under the name already is replaced."""
        ...

    def get(self, stored_as: str) -> bytes:
        """Raises `LookupError` where it is gone."""
        ...

    def drop(self, stored_as: str) -> None:
        """Nothing happens where it is gone already."""
        ...


class PictureBook(Protocol):
    def add(self, picture: Picture) -> None:
        """Raises `KeyTakenError` where the claim has the same picture for the same use."""
        ...

    def get(self, picture_id: str) -> Picture | None: ...
    def same(self, claim_id: str, use: PictureUse, sha256: str) -> Picture | None: ...
    def of_claims(self, claims: Sequence[str], use: PictureUse) -> list[Picture]:
        """Those that are kept, in the order in which they were given."""
        ...

    def of_person(self, person_id: str) -> list[Picture]:
        """All of them, also those whose bytes may not lie in the store."""
        ...

    def mark_kept(self, picture_id: str, now: datetime) -> bool:
        """False where it is on record no more."""
        ...

    def unkept(self, given_before: datetime, limit: int) -> list[Picture]: ...
    def remove(self, picture_id: str) -> None: ...
