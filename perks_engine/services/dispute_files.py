"""Files that belong to a dispute: taken from the person or the staff, looked at, kept apart, given back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.file_kinds import FileKind, kind_of, safe_name
from perks_engine.services.access import Actor
from perks_engine.services.dispute_records import FileStore, KeptFile
from perks_engine.services.dispute_views import file_view
from perks_engine.services.disputing import seen_dispute
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, Store, Transaction

MOST_FILES = 5


@dataclass(frozen=True, slots=True)
class DisputeFiles:
    store: Store
    files: FileStore
    clock: Clock
    max_bytes: int

    def give(
        self, actor: Actor, dispute_id: str, name: str, declared: str, data: bytes, key: str
    ) -> Mapping[str, Any]:
        """Add a file to an open dispute. `declared` is the media type that the sender names, empty for none.

        Raises `InvalidInputError` for one that is empty, too large or of another kind than a PDF, a PNG, a
        JPEG or plain text, `RefusedError` where the dispute is settled or has `MOST_FILES`.
        """
        kind = self._kind(data, declared)
        digest = hashlib.sha256(data).hexdigest()
        now = self.clock()

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            dispute = seen_dispute(tx, actor, dispute_id)
            if dispute.ending is not None or not tx.disputes.hold_open(dispute_id):
                raise RefusedError("dispute.settled", "it is settled; what is new needs a new dispute")
            if len(tx.disputes.files(dispute_id)) >= MOST_FILES:
                raise RefusedError("dispute.files", f"a dispute has {MOST_FILES} files at most")
            stored_as = self.files.put(data)
            written.append(stored_as)
            by = f"person {actor.person_id}" if actor.person_id else actor.name
            file = KeptFile(
                file_id=new_id("fil", now),
                dispute_id=dispute_id,
                name=safe_name(name, kind),
                kind=kind.value,
                size=len(data),
                sha256=digest,
                stored_as=stored_as,
                given_by=by,
                recorded_at=now,
            )
            tx.disputes.add_file(file)
            answer = file_view(file)
            keep(answer)
            kept.append(stored_as)
            return answer

        written: list[str] = []
        kept: list[str] = []
        request = {"operation": "dispute file", "dispute": dispute_id, "name": name, "sha256": digest}
        scope = f"person:{actor.person_id}" if actor.person_id else f"staff:{actor.name}"
        try:
            return once(self.store, scope, key, request, now, work)
        except BaseException:
            kept.clear()
            raise
        finally:
            # What a transaction that did not come about has written is nobody's.
            for stored_as in written:
                if stored_as not in kept[-1:]:
                    self.files.drop(stored_as)

    def _kind(self, data: bytes, declared: str) -> FileKind:
        if not data:
            raise InvalidInputError("file.empty", "the file is empty")
        if len(data) > self.max_bytes:
            raise InvalidInputError(
                "file.too_large", f"it has {len(data):,} bytes; {self.max_bytes:,} at most"
            )
        kind = kind_of(data)
        if kind is None:
            raise InvalidInputError("file.kind", "it is no PDF, PNG, JPEG or plain text in UTF-8")
        said = declared.partition(";")[0].strip().lower()
        if said not in ("", "application/octet-stream", kind.value):
            raise InvalidInputError("file.kind", f"it is said to be {said}, and is {kind.value}")
        return kind

    def take(self, actor: Actor, dispute_id: str, file_id: str) -> tuple[KeptFile, bytes]:
        """A file of a dispute that the actor may see. Raises `RefusedError` where what lies on the disk is
        not what was given."""
        with self.store.read() as tx:
            seen_dispute(tx, actor, dispute_id)
            found = next((one for one in tx.disputes.files(dispute_id) if one.file_id == file_id), None)
        if found is None:
            raise NotFoundError("file.unknown", f"the dispute {dispute_id} has no file {file_id}")
        try:
            data = self.files.get(found.stored_as)
        except LookupError as error:
            raise RefusedError(
                "file.lost", f"the file {file_id} is not in the store of files any more"
            ) from error
        if hashlib.sha256(data).hexdigest() != found.sha256:
            raise RefusedError("file.altered", f"the file {file_id} is not what was given: its hash differs")
        return found, data
