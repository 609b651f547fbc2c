"""Statements for anybody who asks: without an account, by control of a mailbox.

Asking only writes down what was asked: the same statements run, and the same is answered, whether or not
anybody is known under the address. A chore queues the letters afterwards, and forgets both the address and
the letter when the link in it expires. What is known is looked up when the link is used, for whoever holds
the mailbox that it went to.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.domain.sealed_links import LinkSeal, derived_key
from perks_engine.domain.statements import Subject, SubjectKind, subject_of
from perks_engine.services.composing import Composing
from perks_engine.services.disputing import Disputing
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import PersonCard
from perks_engine.services.sealing import Sealing
from perks_engine.services.statement_records import StatementRequest
from perks_engine.services.stating import Statement, Stating
from perks_engine.services.views import View, instant_view

LINK = "templates/messages/statement_link"
LIFETIME = timedelta(hours=24)
MOST_LETTERS = 3
"""To one mailbox within `LIFETIME`; more requests are answered as all are, and sent to nobody."""
MOST_WAITING = 10_000
BATCH = 200
_PURPOSE = "perks-engine statement links 1"


@dataclass(frozen=True)
class StatementRequests:
    """`public_url` is where this engine is reached from outside, without a slash at its end."""

    store: Store
    stating: Stating
    disputing: Disputing
    sealing: Sealing
    composing: Composing
    clock: Clock
    public_url: str

    @cached_property
    def _secrets(self) -> tuple[bytes, ...]:
        """Of every key that signs: while keys change hands, the links of both are opened."""
        signing = self.sealing.keys.signing
        return tuple(derived_key(key.private.private_bytes_raw(), _PURPOSE) for key in signing)

    def ask(self, address: str) -> None:
        """Ask for a statement about an e-mail address or a handle.

        Raises `InvalidInputError` for what is neither, by its writing alone, and `RefusedError` where the
        log has no key, or where so many wait that no more are taken, of anybody.
        """
        subject = subject_of(address)
        if subject is None:
            raise InvalidInputError("statement.address", "this is neither an e-mail address nor a handle")
        _ = self.sealing.keys  # without one nothing could be signed, whoever asks
        now = self.clock()
        request = StatementRequest(new_id("stm", now), subject, now, now + LIFETIME)
        with self.store.write() as tx:
            if tx.statements.count_waiting(MOST_WAITING) >= MOST_WAITING:
                raise RefusedError(
                    "statement.busy", "too many requests wait to be sent; ask again in an hour"
                )
            tx.statements.ask(request)

    def post(self) -> int:
        """Queue the letters that wait, `BATCH` at most, and forget what expired; returns how many were done.
        Without a key, links cannot be made: those that wait go on waiting until they expire."""
        now = self.clock()
        with self.store.read() as tx:
            waiting = tx.statements.waiting(BATCH) if self.sealing.has_keys else []
        for request in waiting:
            with self.store.write() as tx:
                self._post(tx, request, now)
        with self.store.write() as tx:
            tx.statements.forget(now)
        return len(waiting)

    def _post(self, tx: Transaction, request: StatementRequest, now: datetime) -> None:
        subject = request.subject
        cards = tx.statements.people(subject) if subject else []
        address = _mailbox(subject, cards) if subject else None
        if subject is None or address is None:
            tx.statements.mailed(request.request_id, None)
            return
        mailbox = hmac.digest(self._secrets[-1], address.lower().encode(), "sha256").hex()
        if tx.statements.letters_to(mailbox, now - LIFETIME) >= MOST_LETTERS:
            tx.statements.mailed(request.request_id, None)
            return
        tx.statements.mailed(request.request_id, mailbox)
        told = {"id": request.request_id, "kind": subject.kind.value, "value": subject.value}
        link = LinkSeal(self._secrets[0]).seal(json.dumps(told, ensure_ascii=False))
        values = {"link": f"{self.public_url}/v1/statements/{link}", "until": request.expires_at}
        tx.outbox.queue(
            self.composing.to_address(
                *(address, "statement_link", LINK, values, now, request.expires_at),
                # A stranger is written to in English: nobody knows better.
                cards[0].language if cards else FALLBACK_LANGUAGE,
            )
        )

    def mailboxes(self, address: str) -> tuple[str, ...]:
        """The hashes under which letters to an address are counted, by each key that signs."""
        if not self.sealing.has_keys:
            return ()
        return tuple(hmac.digest(key, address.lower().encode(), "sha256").hex() for key in self._secrets)

    def look(self, link: str) -> View:
        """What a link is good for; nothing is used up by looking, for programs that scan mail look, too."""
        request, _ = self._opened(link)
        return {
            "expires_at": instant_view(request.expires_at),
            "used_at": instant_view(request.used_at),
            "how": "POST to this address to get the statement, once; ?format=pdf or ?format=json",
        }

    def redeem(self, link: str) -> Statement:
        """The statement, once. Raises `NotFoundError` for a link that is none or expired, and `RefusedError`
        for one that was used."""
        request, subject = self._opened(link)
        with self.store.write() as tx:
            if not tx.statements.use(request.request_id, self.clock()):
                raise RefusedError("statement.used", "this link was used; ask for another one")
        return self.stating.make(subject)

    def reader(self, subject: Subject) -> str | None:
        """The person that a statement goes to, None where nobody is known under the address."""
        with self.store.read() as tx:
            cards = tx.statements.people(subject)
        return cards[0].person_id if cards else None

    def dispute(self, link: str, claim_id: str, words: str, key: str) -> Mapping[str, Any]:
        """Object to a line of the statement, without an account, for as long as its link lives."""
        _, subject = self._opened(link)
        with self.store.read() as tx:
            claim = tx.claims.get(claim_id)
            people = [card.person_id for card in tx.statements.people(subject)]
        if claim is None or claim.person_id not in people:
            raise NotFoundError("claim.unknown", f"you have no claim {claim_id}")
        return self.disputing.open_own(claim.person_id, claim_id, words, key)

    def _opened(self, link: str) -> tuple[StatementRequest, Subject]:
        for secret in self._secrets:
            text = LinkSeal(secret).opened(link)
            if text is None:
                continue
            told = json.loads(text)
            with self.store.read() as tx:
                request = tx.statements.get(told["id"])
            if request is not None and self.clock() < request.expires_at:
                return request, Subject(SubjectKind(told["kind"]), told["value"])
        raise NotFoundError("statement.link", "this link is none, or it has expired; ask for another one")


def _mailbox(subject: Subject, cards: Sequence[PersonCard]) -> str | None:
    """Where the letter goes: to the address itself, or to the one held for a handle, None where none is."""
    if subject.kind is SubjectKind.EMAIL:
        return subject.value
    return next((card.email for card in cards if card.email), None)
