"""Erasure: in one action, at once and whole, with a receipt that says what is gone, what is kept under a
pseudonym, why and until when.

What other services hold about a person they end themselves, by a step; then every table is gone through as
the inventory says. What stays bears a pseudonym that is made of nothing but chance.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.consent import ConsentAct, Proof, Through, latest_acts
from perks_engine.domain.fulfillment import Account, Fulfillment, MoveKind
from perks_engine.domain.phrase import phrase, said
from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.dispute_records import FileStore
from perks_engine.services.erasure_letters import ErasureLetters
from perks_engine.services.errors import ForbiddenError, NotFoundError, RefusedError
from perks_engine.services.inventory_tables import INVENTORY
from perks_engine.services.keeping_records import (
    ENDED,
    GONE,
    KEPT,
    DataRequest,
    Erasure,
    Line,
    RequestKind,
    Route,
    Whose,
)
from perks_engine.services.moving import append_move, unit_of
from perks_engine.services.once import retried
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.records import PersonCard
from perks_engine.services.spans import Spans
from perks_engine.services.suppressing import Suppressing
from perks_engine.services.tombstones import Bury, nowhere
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view

_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 20
"""A hundred random bits: it tells nothing, and nobody comes upon one."""
_ELSEWHERE = {
    "refused": said("refused claims, with their decisions"),
    "letters": said("messages to you"),
}
"""What storage counts beside the tables."""
_GIVEN_BACK = (Account.RESERVED, Account.CLEARED, Account.PACKED)
_MOST_CLAIMS = 1_000_000


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who is being erased, and who asked for it: `by` is what the ledger records, and is the person's own id
    where they asked themselves."""

    whose: Whose
    pseudonym: str
    route: Route
    by: str


Step = Callable[[Transaction, Leaving, datetime], Iterable[Line]]
"""What a service does when somebody is erased, before their data go: retract, cancel, end. Its lines stand in
the receipt, so that they hold nothing of who it is."""


def require_keeper(actor: Actor) -> None:
    """A person's record is no matter of one brand."""
    actor.require(Permission.KEEP_RECORDS)
    if ALL_BRANDS not in actor.brands:
        raise ForbiddenError(
            "access.brand", "a person's record is of all brands; this token reaches only some"
        )


@dataclass(frozen=True, slots=True)
class Erasing:
    """`mailboxes` gives the keyed hashes of an address under which requests for statements are counted;
    `scrub` takes what was deleted out of the database's files; `statements_at` is where anybody can ask for a
    statement; `bury` keeps a tombstone outside of the database."""

    store: Store
    clock: Clock
    spans: Spans
    suppressing: Suppressing
    letters: ErasureLetters
    files: FileStore
    steps: Sequence[Step]
    mailboxes: Callable[[str], tuple[str, ...]]
    scrub: Callable[[], None]
    statements_at: str
    bury: Bury = nowhere

    def erase_own(self, person_id: str) -> View:
        """The person asks themselves."""
        return self._erase(person_id, Route.OWN, f"person {person_id}")

    def erase_for(self, actor: Actor, person_id: str) -> View:
        """Staff does it for a person who told them."""
        require_keeper(actor)
        return self._erase(person_id, Route.STAFF, actor.name)

    def _erase(self, person_id: str, route: Route, by: str) -> View:
        """Raises `RefusedError` while a legal hold is on the record, and `NotFoundError` where nobody is or
        was on record under this id."""
        now = self.clock()

        def once() -> View:
            with self.store.write() as tx:
                return self._erased(tx, person_id, route, by, now)

        try:
            view = retried(once)
        except KeyTakenError:  # two people were the first of all to be erased, at the same moment
            view = retried(once)
        self.finish()
        return view

    def _erased(self, tx: Transaction, person_id: str, route: Route, by: str, now: datetime) -> View:
        card = tx.keeping.lock(person_id)
        if card is None:
            return self._already(tx, person_id)
        hold = next(iter(tx.keeping.holds(person_id)), None)
        if hold is not None:
            raise RefusedError(
                "record.held",
                phrase(
                    "a legal hold is on this record since {set_at}, so that nothing of it may be erased "
                    "now; ask again once it is lifted, or ask the staff for its reason",
                    set_at=str(instant_view(hold.set_at)),
                ),
            )
        whose = whose_of(tx, card, self.mailboxes)
        pseudonym = "gone_" + "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
        leaving = Leaving(whose, pseudonym, route, by)
        lines = [line for step in self.steps for line in step(tx, leaving, now)]
        tx.keeping.add_request(DataRequest(person_id, RequestKind.ERASURE, route, by, now, "done"))
        done = tx.personal.erase(whose, pseudonym, now)
        hashes = self.suppressing.suppress(tx, whose, pseudonym, now)
        received_at = tx.personal.last_receipt(pseudonym)
        lines += self._lines(done | {"suppression": hashes, "erasure": 1}, received_at, now)
        kept_until = max((line.until for line in lines if line.until), default=now)
        receipt = self._receipt(pseudonym, lines, kept_until, bool(card.email), now)
        acted_by = by if route is Route.STAFF else f"person {pseudonym}"
        tx.keeping.add_erasure(Erasure(pseudonym, now, route, acted_by, receipt, kept_until))
        self.letters.receipt(tx, card, receipt, now)
        # Before it is committed: one too many asks for an erasure twice, one too few brings them back.
        self.bury(person_id, now)
        return receipt | {"already": False}

    def _lines(self, done: Mapping[str, int], received_at: datetime | None, now: datetime) -> Iterator[Line]:
        for name, what in _ELSEWHERE.items():
            if done[name]:
                yield Line(GONE, what, done[name])
        for one in INVENTORY.about_people():
            count = done[one.table]
            if count and one.goes:
                yield Line(GONE, one.what, count)
            elif count:
                until = self.spans.until(one.span, received_at, now)
                yield Line(KEPT, one.what, count, one.kept_because, until)

    def _receipt(
        self, pseudonym: str, lines: Sequence[Line], until: datetime, has_mailbox: bool, now: datetime
    ) -> View:
        return {
            "pseudonym": pseudonym,
            "erased_at": instant_view(now),
            **{done: [_line_view(one) for one in lines if one.done == done] for done in (GONE, KEPT, ENDED)},
            "statement": {
                "at": self.statements_at,
                "until": instant_view(until),
                "how": said(
                    "Ask with the e-mail address that was on record: the statement goes to that address. "
                    "Or tell our staff the pseudonym."
                ),
            },
            "letter": "sent to the address that was on record, which is forgotten with it"
            if has_mailbox
            else None,
        }

    def _already(self, tx: Transaction, person_id: str) -> View:
        pseudonym = self.suppressing.pseudonym_of(tx, person_id)
        found = tx.keeping.erasure(pseudonym) if pseudonym else None
        if found is None:
            raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
        return {**found.receipt, "already": True}

    def receipt(self, pseudonym: str) -> View:
        """That of who was erased before; raises `NotFoundError`."""
        with self.store.read() as tx:
            return self._already(tx, pseudonym)

    def finish(self) -> int:
        """Delete the files that belonged to who was erased, and what deleted rows left in the database's own
        files; returns how many files. Done again and again by the clock as well, for an erasure that was cut
        short, and for letters to strangers."""
        with self.store.read() as tx:
            names = tx.keeping.dropped_files()
        for name in names:
            self.files.drop(name)
        if names:
            with self.store.write() as tx:
                tx.keeping.forget_files(names)
        self.scrub()
        return len(names)


def whose_of(tx: Transaction, card: PersonCard, mailboxes: Callable[[str], tuple[str, ...]]) -> Whose:
    hashes = mailboxes(card.email) if card.email else ()
    handles, before = tx.keeping.handles(card.person_id), tx.keeping.called_before(card.person_id)
    return Whose(card, tuple(handles), hashes, tuple(before))


def _line_view(line: Line) -> View:
    until = instant_view(line.until)
    return {"what": line.what, "count": line.count, "why": line.why or None, "until": until}


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Units that were reserved and not sent go back to stock. What was sent stays where it is."""

    versions: Versions

    def __call__(self, tx: Transaction, leaving: Leaving, now: datetime) -> Iterable[Line]:
        given_back = on_the_way = 0
        for claim in tx.claims.of_person(leaving.whose.person_id, None, _MOST_CLAIMS):
            on_the_way += claim.account is Account.IN_TRANSIT
            unit = unit_of(tx, self.versions, claim) if claim.account in _GIVEN_BACK else None
            if unit is None:
                continue
            row = Fulfillment(claim.claim_id, MoveKind.CANCEL, now, note="the record was erased")
            append_move(tx, unit, row, now, leaving.by)
            given_back += 1
        if given_back:
            yield Line(ENDED, said("reservations: the units went back to stock"), given_back)
        if on_the_way:
            why = said("the tracking number is kept until it is known whether they arrive; then it goes")
            yield Line(KEPT, said("things on their way to you"), on_the_way, why)


def end_consents(tx: Transaction, leaving: Leaving, now: datetime) -> Iterable[Line]:
    """Every yes ends, so that its proof is kept from this moment on for no longer than a proof is."""
    person_id, is_own = leaving.whose.person_id, leaving.route is Route.OWN
    live = [act for act in latest_acts(tx.consents.acts(person_id)).values() if act.given]
    proof = Proof(
        Through.OWN if is_own else Through.STAFF,
        recorded_by=leaving.by,
        why="" if is_own else "the record was erased",
    )
    ended = [
        ConsentAct(
            *(person_id, act.purpose, act.channel, False, max(now, act.acted_at)),
            *("the record was erased", proof),
        )
        for act in live
    ]
    tx.people.record_consents(ended, now)
    if ended:
        yield Line(ENDED, said("consents: nothing is done or sent for them any more"), len(ended))
