"""Signing in by a link in a letter: used once, for a quarter of an hour, in the browser that asked for it.

Asking only writes down what was asked: the same statements run, and the same is answered, whether or not
anybody is known under the address. A chore queues the letters afterwards. Opening the link signs nobody in,
for programs that scan mail open links: the page behind it has a button.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perks_engine.domain.phrase import phrase
from perks_engine.domain.statements import Subject, SubjectKind, subject_of
from perks_engine.services.composing import Composing
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.links import Links
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import PersonCard
from perks_engine.services.session_records import Session, SignIn
from perks_engine.services.sessions import Sessions
from perks_engine.services.views import View, instant_view

LETTER = "templates/messages/sign_in"
KIND = "sign_in"
PATH = "/v1/sign-in/links"
MOST_LETTERS = 5
"""To one person within `MOST_IN`; more requests are answered as all are, and sent to nobody."""
MOST_IN = timedelta(hours=1)
MOST_WAITING = 10_000
BATCH = 500
"""As many as a chore does at once before it is asked again."""
ANY_BROWSER = "any"
"""In the place of a hash, and no hash of anything: for links that were handed out."""
_PURPOSE = "perks-engine sign-in links 1"


@dataclass(frozen=True)
class SigningIn:
    """`lifetime` is that of a link."""

    store: Store
    links: Links
    sessions: Sessions
    composing: Composing
    clock: Clock
    lifetime: timedelta

    def ask(self, address: str, browser: str) -> None:
        """Ask for a link to an e-mail address; `browser` is the secret that the browser holds.

        Raises `InvalidInputError` for what is no address, by its writing alone, and `RefusedError` where
        there is no key to seal links with, or where so many wait that no more are taken, of anybody.
        """
        subject = subject_of(address)
        if subject is None or subject.kind is not SubjectKind.EMAIL:
            raise InvalidInputError("sign_in.address", phrase("this is not an e-mail address"))
        self.links.require_key()
        now = self.clock()
        asked = SignIn(new_id("sgn", now), _hash(browser), now, now + self.lifetime, subject.value)
        with self.store.write() as tx:
            if tx.sign_ins.count_waiting(MOST_WAITING) >= MOST_WAITING:
                raise RefusedError(
                    "sign_in.busy", phrase("too many requests wait to be sent; ask again in an hour")
                )
            tx.sign_ins.add(asked)

    def post(self) -> int:
        """Queue the letters that wait, `BATCH` at most, and forget what expired, sessions too; returns how
        many requests were done."""
        now = self.clock()
        with self.store.read() as tx:
            waiting = tx.sign_ins.waiting(BATCH) if self.links.can_be_made else []
        for asked in waiting:
            with self.store.write() as tx:
                self._post(tx, asked, now)
        with self.store.write() as tx:
            tx.sign_ins.forget(now, now - MOST_IN)
            tx.sessions.forget(now)
        return len(waiting)

    def _post(self, tx: Transaction, asked: SignIn, now: datetime) -> None:
        tx.sign_ins.done(asked.sign_in_id)
        if asked.address is None or asked.expires_at <= now:
            return
        for card in tx.statements.people(Subject(SubjectKind.EMAIL, asked.address)):
            if tx.sign_ins.letters_to(card.person_id, now - MOST_IN) < MOST_LETTERS:
                self._write_to(tx, card, asked)

    def hand_out(self, person_id: str, lifetime: timedelta) -> str:
        """A link for a person that whoever runs the engine hands to them: no letter goes out, and any browser
        may use it, once. No route makes one.

        Raises `NotFoundError` for nobody on record, and `RefusedError` where they have no mailbox that the
        link could be bound to, or there is no key to seal it with.
        """
        now = self.clock()
        with self.store.write() as tx:
            card = tx.people.card(person_id)
            if card is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
            address = subject_of(card.email or "")
            if address is None:
                raise RefusedError(
                    "sign_in.no_mailbox", f"there is no e-mail address on record of {person_id}"
                )
            return self._link(tx, card, SignIn("", ANY_BROWSER, now, now + lifetime, address.value))

    def _write_to(self, tx: Transaction, card: PersonCard, asked: SignIn) -> None:
        now = self.clock()
        link = self._link(tx, card, asked)
        values = {"link": link, "until": asked.expires_at}
        tx.outbox.queue(
            self.composing.to_person(card, KIND, LETTER, values, now, expires_at=asked.expires_at)
        )

    def _link(self, tx: Transaction, card: PersonCard, asked: SignIn) -> str:
        made = replace(asked, sign_in_id=new_id("sgn", self.clock()), address=None, person_id=card.person_id)
        tx.sign_ins.add(made)
        # The address stands in the seal: a link does not outlive a change of the mailbox that it went to.
        return self.links.make(PATH, _PURPOSE, {"id": made.sign_in_id, "address": asked.address})

    def look(self, link: str, browser: str) -> View:
        """What a link is good for; nothing is used up by looking."""
        with self.store.read() as tx:
            found = self._opened(tx, link)
        return {
            "expires_at": instant_view(found.expires_at),
            "used": found.used_at is not None,
            "this_browser": _is_of(found, browser),
        }

    def redeem(self, link: str, browser: str) -> tuple[Session, str]:
        """A new session and its cookie.

        Raises `NotFoundError` for a link that is none or expired, `ForbiddenError` in another browser than
        the one that asked, and `RefusedError` for a link that was used."""
        with self.store.write() as tx:
            found = self._opened(tx, link)
            if not _is_of(found, browser):
                raise ForbiddenError(
                    "sign_in.browser",
                    phrase(
                        "this link signs in only the browser that asked for it; open it there, or ask for "
                        "another one here"
                    ),
                )
            if not tx.sign_ins.use(found.sign_in_id, self.clock()):
                raise RefusedError("sign_in.used", phrase("this link was used; ask for another one"))
            return self.sessions.for_person(tx, found.person_id or "")

    def _opened(self, tx: Transaction, link: str) -> SignIn:
        told = self.links.opened(_PURPOSE, link)
        found = tx.sign_ins.get(told["id"]) if told else None
        card = tx.people.card(found.person_id) if found and found.person_id else None
        if told is None or found is None or card is None or self.clock() >= found.expires_at:
            raise NotFoundError(
                "sign_in.link", phrase("this link is none, or it has expired; ask for another one")
            )
        now_at = subject_of(card.email or "")
        if now_at is None or now_at.value != told["address"]:
            raise NotFoundError(
                "sign_in.link", phrase("this link is none, or it has expired; ask for another one")
            )
        return found


def _is_of(found: SignIn, browser: str) -> bool:
    return any(hmac.compare_digest(found.browser_hash, one) for one in (ANY_BROWSER, _hash(browser)))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
