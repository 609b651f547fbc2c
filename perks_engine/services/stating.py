"""Making a statement: what the ledger says of a subject, as of the newest head of its log, signed.

Only what is sealed counts: an entry that came since the head is the matter of a later statement. The lines
are those of the receipts that were ever recorded, with what ended them; where there is none, the statement
is one of *no record*, whether or not anybody is known under that address.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Connection
from perks_engine.domain.codec import canonical_json
from perks_engine.domain.fulfillment import Account
from perks_engine.domain.merkle import EMPTY_ROOT
from perks_engine.domain.money import Money
from perks_engine.domain.notes import sign_note
from perks_engine.domain.phrase import phrase
from perks_engine.domain.statements import (
    SUBJECT_SALT_BYTES,
    Stated,
    StatementKind,
    Subject,
    SubjectKind,
)
from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.errors import ForbiddenError, NotFoundError
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.proving import Proof, proof_of
from perks_engine.services.records import ClaimRecord, Entry, SealedLeaf, SignedHead
from perks_engine.services.sealing import Sealing
from perks_engine.services.suppressing import Suppressing
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view


@dataclass(frozen=True, slots=True)
class Ended:
    """The entry that took the unit from its recipient again."""

    entry: Entry
    proof: Proof


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A receipt: the entry it rests on and, where it is no more, the one that ended it. `disputed_since` is
    when it became known that somebody objects, None where nobody does."""

    brand: str
    claim: ClaimRecord
    connection: Connection
    item: str
    value: Money
    receipt: Entry
    proof: Proof
    ended: Ended | None
    disputed_since: datetime | None

    def row(self) -> View:
        """The line as plain data."""
        receipt, ended = self.receipt, self.ended.entry if self.ended else None
        return {
            "brand": self.brand,
            "campaign": receipt.campaign,
            "campaign_version": self.claim.version,
            "claim": self.claim.claim_id,
            "person": self.claim.person_id,
            "connection": self.connection.value,
            "item": self.item,
            "fair_market_value": str(self.value).partition(" ")[0],
            "currency": self.value.currency,
            "received_at": instant_view(
                (receipt.contents.held_since if receipt.contents else None) or receipt.occurred_at
            ),
            "evidence": receipt.evidence,
            "reference": receipt.reference,
            "recorded_at": instant_view(receipt.recorded_at),
            "ledger_entry": receipt.entry_id,
            "standing": "disputed" if self.disputed_since else "undisputed",
            "disputed_since": instant_view(self.disputed_since),
            "ended": {
                "move": ended.move.value,
                "ended_at": instant_view(ended.occurred_at),
                "recorded_at": instant_view(ended.recorded_at),
                "ledger_entry": ended.entry_id,
            }
            if ended
            else None,
        }

    def proved_row(self) -> View:
        """The same with its proofs: what a document bears, and what the signature is over, line by line."""
        ended = self.ended.proof.row() if self.ended else None
        return {**self.row(), "proof": self.proof.row(), "ended_proof": ended}


@dataclass(frozen=True, slots=True)
class Statement:
    """`salt` opens the commitment to the subject; `head` is None of an empty log; `signature` is a note over
    the text of what is stated."""

    stated: Stated
    subject: Subject
    salt: bytes
    head: SignedHead | None
    issued_at: datetime
    lines: tuple[StatementLine, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Stating:
    store: Store
    versions: Versions
    sealing: Sealing
    suppressing: Suppressing
    clock: Clock

    def for_person(self, actor: Actor, person_id: str) -> Statement:
        """By the staff: of all brands, so that only compliance staff who reach all of them can make one."""
        actor.require(Permission.MAKE_STATEMENTS)
        if ALL_BRANDS not in actor.brands:
            raise ForbiddenError(
                "access.brand",
                phrase("a statement speaks of all brands; this token does not reach them"),
            )
        with self.store.read() as tx:
            if tx.people.card(person_id) is None and tx.keeping.erasure(person_id) is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
        return self.make(Subject(SubjectKind.PERSON, person_id))

    def make(self, subject: Subject) -> Statement:
        """What waits is sealed first. Raises `RefusedError` where there is no key to sign with."""
        keys = self.sealing.keys
        self.sealing.seal()
        now = self.clock()
        with self.store.read() as tx:
            head = next(iter(tx.log.heads(1)), None)
            lines = tuple(self._lines(tx, subject, head.size if head else 0, now))
        salt = secrets.token_bytes(SUBJECT_SALT_BYTES)
        held = sum(line.ended is None for line in lines)
        stated = Stated(
            origin=keys.origin,
            kind=StatementKind.RECEIPT if lines else StatementKind.NO_RECORD,
            about=subject.kind,
            subject=subject.committed(salt),
            size=head.size if head else 0,
            root=self.sealing.open_head(head).root if head else EMPTY_ROOT,
            issued_at=instant_view(now) or "",
            count=len(lines),
            held=held,
            digest=digest_of([line.proved_row() for line in lines]),
        )
        return Statement(stated, subject, salt, head, now, lines, sign_note(stated.text(), keys.signing))

    def _lines(self, tx: Transaction, subject: Subject, size: int, now: datetime) -> list[StatementLine]:
        people = [card.person_id for card in tx.statements.people(subject)]
        people += self.suppressing.pseudonyms(tx, subject)
        claims = tx.statements.granted(people)
        disputed = tx.disputes.open_among([claim.claim_id for claim in claims], now)
        found: list[StatementLine] = []
        for claim in claims:
            sealed = [
                (entry, leaf)
                for entry in tx.ledger.entries(claim.claim_id)
                if entry.entry_id is not None
                and (leaf := tx.log.leaf_of(entry.entry_id)) is not None
                and leaf.position < size
            ]
            record = tx.campaigns.get(claim.campaign)
            campaign = self.versions.get(claim.version, tx)
            for (receipt, leaf), end in _receipts(sealed):
                contents = receipt.contents
                since = disputed.get(claim.claim_id, (None, None))[1] if end is None else None
                found.append(
                    StatementLine(
                        brand=record.brand if record else campaign.brand,
                        claim=claim,
                        connection=campaign.disclosure.connection,
                        item=contents.named if contents else campaign.perk.name,
                        value=contents.fair_market_value if contents else campaign.perk.fair_market_value,
                        receipt=receipt,
                        proof=proof_of(tx.log, leaf, size, tx.log.node),
                        ended=Ended(end[0], proof_of(tx.log, end[1], size, tx.log.node)) if end else None,
                        disputed_since=since,
                    )
                )
        return found


Sealed = tuple[Entry, SealedLeaf]


def _receipts(history: Sequence[Sealed]) -> list[tuple[Sealed, Sealed | None]]:
    """Each time that the unit was with its recipient: the last entry that says so, and what ended it."""
    found: list[tuple[Sealed, Sealed | None]] = []
    held: Sealed | None = None
    for one in history:
        if one[0].target is Account.RECIPIENT:
            held = one  # a receipt said again, with another day or evidence, stands for the earlier one
        elif held is not None:
            found.append((held, one))
            held = None
    return [*found, (held, None)] if held else found


def digest_of(rows: Sequence[View]) -> str:
    """SHA-256 (hex) over the canonical JSON of each row and a newline."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(canonical_json(row).encode() + b"\n")
    return digest.hexdigest()
