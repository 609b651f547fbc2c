"""What happens to a unit after the grant: shipments, deliveries, losses, returns, receipts, expiry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Perk
from perks_engine.domain.contents import Contents, is_of_the_same
from perks_engine.domain.fulfillment import RECORDABLE, Fulfillment, IllegalMoveError, MoveKind
from perks_engine.domain.phrase import Phrase, phrase, said, word
from perks_engine.services.access import Actor, Permission
from perks_engine.services.after_moves import AfterMoves
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.letters import Letters
from perks_engine.services.moving import Unit, append_move, check_time, unit_of
from perks_engine.services.once import once, retried
from perks_engine.services.ports import (
    Clock,
    ContentionError,
    OutOfStockError,
    Store,
    Transaction,
    UnitMovedError,
)
from perks_engine.services.records import Entry
from perks_engine.services.versions import Versions

NO_UNIT_LEFT = "stock.exhausted"


class _RowError(Exception):
    """One row cannot be recorded; the words say why."""

    def __init__(self, code: str, words: Phrase) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class _DryRunError(Exception):
    """Ends a transaction that was only tried."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Fulfilling:
    store: Store
    versions: Versions
    letters: Letters
    clock: Clock
    after: AfterMoves
    batch: int = 500
    """How many reservations expire in one go."""

    def record(
        self,
        rows: Sequence[Fulfillment],
        actor: Actor,
        names: Sequence[str] = (),
        key: str | None = None,
        dry_run: bool = False,
    ) -> Mapping[str, Any]:
        """Record what happened, all rows or none; a row that is recorded already is counted, not repeated.

        A row without a claim is about the unit that was shipped under its reference. `names` says what each
        row is called in messages (`ships.csv:3`); a `dry_run` leaves nothing behind. Raises
        `InvalidInputError` naming every row that cannot be recorded.
        """
        actor.require(Permission.RECORD_FULFILLMENT)
        now = self.clock()
        called = names or [f"record {number}" for number in range(1, len(rows) + 1)]

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            answer = self._record_all(tx, rows, called, actor, now)
            keep(answer)
            return answer

        try:
            if key is None:
                return retried(lambda: self._record_without_key(rows, called, actor, now, dry_run))
            request = {"operation": "fulfillment", "rows": list(rows)}
            return once(self.store, f"staff:{actor.name}", key, request, now, work)
        except _DryRunError as tried:
            return tried.answer
        except UnitMovedError as error:
            raise RefusedError(
                "fulfillment.moved", phrase("a unit was moved by somebody else meanwhile; try again")
            ) from error
        except OutOfStockError as error:
            raise RefusedError(
                NO_UNIT_LEFT, phrase("the last unit went to somebody else meanwhile")
            ) from error

    def _record_without_key(
        self,
        rows: Sequence[Fulfillment],
        names: Sequence[str],
        actor: Actor,
        now: datetime,
        dry_run: bool,
    ) -> Mapping[str, Any]:
        with self.store.write() as tx:
            answer = self._record_all(tx, rows, names, actor, now)
            if dry_run:
                raise _DryRunError(answer)
            return answer

    def _record_all(
        self, tx: Transaction, rows: Sequence[Fulfillment], names: Sequence[str], actor: Actor, now: datetime
    ) -> Mapping[str, Any]:
        problems: dict[int, Phrase] = {}
        rows = _addressed(tx, rows, names, problems)
        recorded = repeated = 0
        # By claim, so that of two batches over the same claims one waits for the other and both get through.
        # And by time, whatever the order of the file.
        places = [place for place in range(len(rows)) if place not in problems]
        for place in sorted(places, key=lambda place: (rows[place].claim_id, rows[place].occurred_at)):
            name, row = names[place], rows[place]
            try:
                if self._record_one(tx, row, actor, now):
                    recorded += 1
                else:
                    repeated += 1
            except _RowError as error:
                problems[place] = _of_row(name, error.code, error.words)
            except IllegalMoveError as error:
                problems[place] = _of_row(name, error.code, error.words)
        if problems:
            one = said("{number} of 1 row cannot be recorded, so none was")
            many = said("{number} of {all} rows cannot be recorded, so none was")
            raise InvalidInputError(
                "fulfillment.rows",
                phrase(one if len(rows) == 1 else many, number=len(problems), all=len(rows)),
                [problems[place] for place in sorted(problems)],
            )
        return {"recorded": recorded, "already_recorded": repeated}

    def _record_one(self, tx: Transaction, row: Fulfillment, actor: Actor, now: datetime) -> bool:
        """Whether a new entry was appended; False where this very thing stands in the ledger already."""
        unit = self._unit(tx, row.claim_id, actor)
        if _is_on_record(tx.ledger.entries(row.claim_id), row, unit.campaign.perk):
            return False
        if row.move not in RECORDABLE:
            able = ", ".join(RECORDABLE)
            words = phrase("'{move}' cannot be recorded; {able} can", move=word(row.move), able=word(able))
            raise _RowError("fulfillment.move", words)
        check_time(unit.holding, row, now)
        _require_acknowledged(tx, unit, row.move)
        if row.move is MoveKind.REPLACE and not tx.ledger.free_units(unit.claim.campaign):
            raise _RowError(NO_UNIT_LEFT, phrase("no unit is left in stock that could replace it"))
        self.after.follow(tx, append_move(tx, unit, row, now, actor.name))
        self._tell(tx, unit, row, now)
        return True

    def _unit(self, tx: Transaction, claim_id: str, actor: Actor) -> Unit:
        claim = tx.claims.get(claim_id)
        record = tx.campaigns.get(claim.campaign) if claim else None
        if claim is None or record is None or not actor.may(Permission.RECORD_FULFILLMENT, record.brand):
            words = phrase("there is no claim {claim_id} that you can record for", claim_id=claim_id)
            raise _RowError("claim.unknown", words)
        unit = unit_of(tx, self.versions, claim)
        if unit is None:
            words = phrase("the claim {claim_id} was refused, so there is no unit to move", claim_id=claim_id)
            raise _RowError("claim.refused", words)
        return unit

    def _tell(self, tx: Transaction, unit: Unit, row: Fulfillment, now: datetime) -> None:
        """The person is told that something else comes: what they have to disclose is another item."""
        card = tx.people.card(unit.claim.person_id)
        if row.move is MoveKind.SUBSTITUTE and card is not None:
            self.letters.substituted(tx, card, unit.claim, unit.campaign, row, now)

    def expire_reservations(self) -> int:
        """Give back the units whose reservation ran out, the first `batch` of them; returns how many."""
        now = self.clock()
        with self.store.read() as tx:
            ended = tx.ledger.expired(now, self.batch)
        return sum(self._expire(holding.claim_id, now) for holding in ended)

    def _expire(self, claim_id: str, now: datetime) -> bool:
        try:
            with self.store.write() as tx:
                claim = tx.claims.get(claim_id)
                unit = unit_of(tx, self.versions, claim) if claim else None
                if unit is None:
                    return False
                row = Fulfillment(claim_id, MoveKind.EXPIRE, now, note="the reservation ran out")
                moved = append_move(tx, unit, row, now, "clock")
                self.after.follow(tx, moved, phrase("the reservation ran out"))
        except (IllegalMoveError, UnitMovedError, ContentionError):
            return False  # shipped or cancelled at the same moment; what is left is for the next round
        return True


def _require_acknowledged(tx: Transaction, unit: Unit, move: MoveKind) -> None:
    claim_id = unit.claim.claim_id
    if not unit.campaign.disclosure.acknowledge_first or move not in (MoveKind.PACK, MoveKind.SHIP):
        return
    if claim_id not in tx.instructing.acknowledgements([claim_id]):
        words = phrase(
            "the person of {claim_id} has not acknowledged how to disclose, and {campaign} ships to nobody "
            "before; they acknowledge it with POST /v1/claims/{claim_id}/acknowledgement",
            claim_id=claim_id,
            campaign=unit.campaign.name,
        )
        raise _RowError("disclosure.not_acknowledged", words)


def _addressed(
    tx: Transaction, rows: Sequence[Fulfillment], names: Sequence[str], problems: dict[int, Phrase]
) -> Sequence[Fulfillment]:
    """The rows, each with the claim that it is about; what cannot be told is put into `problems`."""
    here: dict[str, set[str]] = {}
    for row in rows:
        if row.move is MoveKind.SHIP and row.claim_id:
            here.setdefault(row.reference, set()).add(row.claim_id)
    found: list[Fulfillment] = []
    for place, row in enumerate(rows):
        if row.claim_id:
            found.append(row)
            continue
        claims = sorted({*here.get(row.reference, ()), *tx.ledger.shipped_under(row.reference)})
        if len(claims) != 1:
            problems[place] = _of_row(names[place], *unclear_shipment(row.reference, claims))
        found.append(replace(row, claim_id=claims[0]) if len(claims) == 1 else row)
    return found


def _of_row(name: str, code: str, words: Phrase) -> Phrase:
    return phrase("{row}: {code}: {words}", row=name, code=code, words=words)


def unclear_shipment(tracking_number: str, claims: Sequence[str]) -> tuple[str, Phrase]:
    """Why a tracking number does not say which unit is meant: a code, and words."""
    if not claims:
        words = said("nothing was shipped under the tracking number {number}")
        return "tracking.unknown", phrase(words, number=tracking_number)
    words = said("several were shipped under {number}: {which}; name the claim")
    return "tracking.ambiguous", phrase(words, number=tracking_number, which=", ".join(claims))


def _is_on_record(entries: Sequence[Entry], row: Fulfillment, perk: Perk) -> bool:
    before: Contents | None = None
    for entry in entries:
        told = (entry.move, entry.occurred_at, entry.reference)
        is_known = told == (row.move, row.occurred_at, row.reference)
        if is_known and is_of_the_same(row, perk, before, entry.contents):
            return True
        before = entry.contents
    return False
