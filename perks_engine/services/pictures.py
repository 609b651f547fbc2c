"""Pictures: cleaned, kept apart, given back to those who may see them, and gone with the person.

1. The picture is decoded and encoded anew, which is where a bad one is refused; nothing is written yet.
2. Its row is written, with the name that its bytes will lie under.
3. Its bytes are put there, outside of any transaction.
4. The row says that they are. Whatever dies in between leaves a row that `sweep` and `forget` find: no bytes
   of anybody lie about under a name that nothing knows.

The same picture for the same claim is the same one: who sends it again gets the same answer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from perks_engine.services.access import Actor, Permission
from perks_engine.services.erasing import Leaving
from perks_engine.services.errors import BusyError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.inventory_tables import INVENTORY
from perks_engine.services.keeping_records import GONE, Line
from perks_engine.services.once import retried
from perks_engine.services.picture_records import (
    CleanPicture,
    Picture,
    PictureCleaner,
    PictureStore,
    PictureUse,
    StoreDownError,
    UnusablePictureError,
)
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.records import ClaimRecord
from perks_engine.services.views import View, instant_view

UNKEPT_FOR = timedelta(hours=1)
"""After this a picture whose bytes did not come is given up."""
BATCH = 100
Done = TypeVar("Done")

Allow = Callable[[Transaction], ClaimRecord]
"""Whose claim the picture is for, looked at in the transaction that writes its row; raises where none may be
given."""


@dataclass(frozen=True, slots=True)
class Pictures:
    store: Store
    files: PictureStore
    cleaner: PictureCleaner
    clock: Clock

    def give(self, data: bytes, use: PictureUse, given_by: str, most: int, allow: Allow) -> Picture:
        """Keep a picture; `most` is how many of them a claim has.

        Raises `InvalidInputError` for what is no picture that can be kept, `RefusedError` for one too many,
        and `BusyError` while the store does not answer.
        """
        clean = self.cleaned(data)

        def write() -> Picture:
            with self.store.write() as tx:
                return self._begin(tx, allow(tx), clean, use, given_by, most)

        try:
            picture = retried(write)
        except KeyTakenError:
            picture = retried(write)  # the same one came at the same moment: it is there by now
        if picture.kept_at is not None:
            return picture
        self._reached(lambda: self.files.keep(picture.stored_as, clean.data))
        now = self.clock()
        with self.store.write() as tx:
            is_there = tx.pictures.mark_kept(picture.picture_id, now)
        if not is_there:
            # Erased while its bytes were on their way.
            self._reached(lambda: self.files.drop(picture.stored_as))
            raise NotFoundError("picture.unknown", "the claim that it was for is no longer on record")
        return replace(picture, kept_at=now)

    def cleaned(self, data: bytes) -> CleanPicture:
        try:
            return self.cleaner.clean(data)
        except UnusablePictureError as error:
            raise InvalidInputError(error.code, str(error)) from error

    def _begin(
        self,
        tx: Transaction,
        claim: ClaimRecord,
        clean: CleanPicture,
        use: PictureUse,
        given_by: str,
        most: int,
    ) -> Picture:
        digest = hashlib.sha256(clean.data).hexdigest()
        known = tx.pictures.same(claim.claim_id, use, digest)
        if known is not None:
            return known
        if len(tx.pictures.of_claims([claim.claim_id], use)) >= most:
            raise RefusedError("picture.too_many", f"there are {most} pictures already, which is the most")
        now = self.clock()
        picture = Picture(
            *(new_id("pic", now), claim.claim_id, claim.person_id, use),
            *(clean.kind, clean.width, clean.height, len(clean.data), digest),
            *(secrets.token_hex(16), given_by, now),
        )
        tx.pictures.add(picture)
        return picture

    def bytes_of(self, picture: Picture) -> bytes:
        """Raises `RefusedError` where what lies in the store is gone, or is not what was put there."""
        try:
            data = self._reached(lambda: self.files.get(picture.stored_as))
        except LookupError as error:
            raise RefusedError("picture.lost", "the picture is not in the store any more") from error
        if hashlib.sha256(data).hexdigest() != picture.sha256:
            raise RefusedError("picture.altered", "the picture is not what was kept: its hash differs")
        return data

    def remove(self, tx: Transaction, picture: Picture) -> None:
        """The bytes first: where this breaks off, the row still says what is left to be done."""
        self._reached(lambda: self.files.drop(picture.stored_as))
        tx.pictures.remove(picture.picture_id)

    def forget(self, tx: Transaction, person_id: str) -> int:
        """Delete all pictures by or about somebody, whatever they belong to; returns how many there were.

        Raises `BusyError` while the store does not answer; it can be done again.
        """
        found = tx.pictures.of_person(person_id)
        for picture in found:
            self.remove(tx, picture)
        return len(found)

    def leave(self, tx: Transaction, leaving: Leaving, _now: datetime) -> Iterable[Line]:
        """The step of an erasure."""
        count = self.forget(tx, leaving.whose.person_id)
        if count:
            yield Line(GONE, INVENTORY.of("picture").what, count)

    def sweep(self) -> int:
        """Give up pictures whose bytes never came, or came and were not told; returns how many."""
        with self.store.read() as tx:
            stale = tx.pictures.unkept(self.clock() - UNKEPT_FOR, BATCH)
        for picture in stale:
            self._reached(lambda picture=picture: self.files.drop(picture.stored_as))
            with self.store.write() as tx:
                tx.pictures.remove(picture.picture_id)
        return len(stale)

    def _reached(self, work: Callable[[], Done]) -> Done:
        try:
            return work()
        except StoreDownError as error:
            raise BusyError(
                "picture.store",
                "the store of pictures does not answer; nothing is lost, try again soon",
            ) from error


@dataclass(frozen=True, slots=True)
class SeenPictures:
    """Pictures given back to those who may see them: the person that one is of, and staff of the brand."""

    store: Store
    pictures: Pictures

    def take(self, actor: Actor, picture_id: str) -> tuple[Picture, bytes]:
        """Raises `NotFoundError` for one that the actor may not see, as for one that is not there."""
        with self.store.read() as tx:
            found = tx.pictures.get(picture_id)
            claim = tx.claims.get(found.claim_id) if found else None
            record = tx.campaigns.get(claim.campaign) if claim else None
        needed = {
            PictureUse.FEEDBACK: Permission.READ_FEEDBACK,
            PictureUse.JUDGEMENT: Permission.EXPORT_DISCLOSURES,
        }
        if found is not None and found.kept_at is not None and record is not None:
            is_own = actor.person_id is not None and actor.person_id == found.person_id
            if is_own or actor.may(needed[found.use], record.brand):
                return found, self.pictures.bytes_of(found)
        raise NotFoundError("picture.unknown", f"there is no picture {picture_id}")


def picture_view(picture: Picture) -> View:
    return {
        "picture": picture.picture_id,
        "kind": picture.kind.value,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.size,
        "sha256": picture.sha256,
        "given_at": instant_view(picture.given_at),
    }
