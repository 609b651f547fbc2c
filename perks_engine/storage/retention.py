"""What is removed because its time is over. Of people with a legal hold nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, exists, func, insert, or_, select, update

from perks_engine.domain.fulfillment import Account
from perks_engine.storage import keeping_tables as kept
from perks_engine.storage import tables
from perks_engine.storage.personal_data import MARK
from perks_engine.storage.reach import table_named

_HELD = select(kept.legal_hold.c.person_id).where(kept.legal_hold.c.lifted_at.is_(None))
_GONE = select(kept.erasure.c.pseudonym)
_UNDER_WAY = tuple(
    one.value for one in (Account.RESERVED, Account.CLEARED, Account.PACKED, Account.IN_TRANSIT)
)


class SqlRetention:
    """Each method removes at most `limit` rows that are older than a moment, and returns how many."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, what: str, rows: int, now: datetime) -> None:
        table, day = kept.retention_count, now.astimezone(UTC).date()
        this = and_(table.c.removed_on == day, table.c.what == what)
        more = update(table).where(this).values(rows=table.c.rows + rows)
        if self._connection.execute(more).rowcount == 0:
            self._connection.execute(insert(table).values(removed_on=day, what=what, rows=rows))

    def answers(self, before: datetime, limit: int) -> int:
        """But for those of grants: under its key a grant stays the answer for as long as the claim exists."""
        table = tables.idempotency
        outcome, decision = table.c.answer["outcome"], table.c.answer["decision"]
        is_grant = and_(
            table.c.scope.startswith("person:"),
            func.coalesce(outcome.as_string(), "") == "granted",
            decision.as_string().is_not(None),
        )
        due = select(*table.primary_key).where(table.c.created_at < before, ~is_grant)
        return self._delete(table, due, limit)

    def refused_claims(self, before: datetime, limit: int) -> int:
        """With the decision and the letters. An incident that speaks of the decision keeps it."""
        claim, line, message = tables.claim, table_named("incident_line"), tables.message
        due = select(claim.c.claim_id, claim.c.decision_id).where(
            claim.c.outcome == "refused",
            claim.c.created_at < before,
            claim.c.person_id.not_in(_HELD),
            ~exists().where(line.c.decision_id == claim.c.decision_id),
        )
        found = self._connection.execute(due.order_by(claim.c.claim_id).limit(limit)).all()
        claims, decisions = [row.claim_id for row in found], [row.decision_id for row in found]
        if claims:
            self._connection.execute(delete(message).where(message.c.claim_id.in_(claims)))
            self._connection.execute(delete(claim).where(claim.c.claim_id.in_(claims)))
            table = tables.decision
            self._connection.execute(delete(table).where(table.c.decision_id.in_(decisions)))
        return len(claims)

    def addresses(self, before: datetime, limit: int) -> int:
        """Postal addresses that something was sent to, once it arrived so long ago; as long as something is
        on its way, the person's addresses stay."""
        fact, holding, entry = tables.evidence, tables.holding, tables.entry
        arrived = (
            select(holding.c.claim_id)
            .join(entry, entry.c.entry_id == holding.c.entry_id)
            .where(
                holding.c.person_id == fact.c.person_id,
                holding.c.account == Account.RECIPIENT.value,
                entry.c.occurred_at < before,
                entry.c.occurred_at >= fact.c.recorded_at,
            )
        )
        waits = select(holding.c.claim_id).where(
            holding.c.person_id == fact.c.person_id, holding.c.account.in_(_UNDER_WAY)
        )
        due = select(fact.c.evidence_id).where(
            fact.c.attribute == "location",
            fact.c.source == "verified_address",
            fact.c.recorded_at < before,
            fact.c.person_id.not_in(_HELD),
            arrived.exists(),
            ~waits.exists(),
        )
        return self._delete(fact, due, limit)

    def carrier_words(self, before: datetime, limit: int) -> int:
        """Who signed, and where, as the carrier wrote it; of who was erased at once."""
        table, claim = table_named("carrier_report"), tables.claim
        of_held = select(claim.c.claim_id).where(claim.c.person_id.in_(_HELD))
        of_gone = select(claim.c.claim_id).where(claim.c.person_id.in_(_GONE))
        due = select(table.c.report_id).where(
            table.c.body != "",
            or_(
                and_(table.c.received_at < before, table.c.state != "waiting"),
                table.c.claim_id.in_(of_gone),
            ),
            or_(table.c.claim_id.is_(None), table.c.claim_id.not_in(of_held)),
        )
        return self._change(table, due, {"body": ""}, limit)

    def words_of_erased(self, limit: int) -> int:
        """What came to the ledger after the erasure: the note of a late report, and the tracking number of
        what has arrived since."""
        entry, holding = tables.entry, tables.holding
        under_way = select(holding.c.claim_id).where(
            holding.c.person_id.in_(_GONE), holding.c.account == Account.IN_TRANSIT.value
        )
        mine = select(holding.c.claim_id).where(holding.c.person_id.in_(_GONE))
        due = select(entry.c.entry_id, entry.c.person_id, entry.c.note).where(
            entry.c.claim_id.in_(mine),
            entry.c.claim_id.not_in(under_way),
            or_(entry.c.reference != "", entry.c.note.not_in(("", MARK))),
        )
        found = self._connection.execute(due.limit(limit)).all()
        for row in found:
            values = {"reference": "", "note": MARK if row.note else ""}
            with _Erasing(self._connection, [row.person_id]):
                this = update(entry).where(entry.c.entry_id == row.entry_id).values(values)
                self._connection.execute(this)
        return len(found)

    def messages(self, before: datetime, limit: int) -> int:
        """A letter about a unit stays as long as the last that happened to it is of interest."""
        table, entry = tables.message, tables.entry
        happened = select(entry.c.entry_id).where(
            entry.c.claim_id == table.c.claim_id, entry.c.occurred_at >= before
        )
        due = select(table.c.message_id).where(
            table.c.created_at < before,
            ~happened.exists(),
            or_(table.c.person_id.is_(None), table.c.person_id.not_in(_HELD)),
        )
        return self._delete(table, due, limit)

    def consents(self, before: datetime, limit: int) -> int:
        """The proofs of who was erased so long ago: with the erasure every consent ended."""
        consent, request = tables.consent, table_named("consent_request")
        gone = select(kept.erasure.c.pseudonym).where(kept.erasure.c.erased_at < before)
        waits = or_(
            exists().where(consent.c.person_id == kept.erasure.c.pseudonym),
            exists().where(request.c.person_id == kept.erasure.c.pseudonym),
        )
        people = self._connection.execute(gone.where(waits).limit(limit)).scalars().all()
        removed = 0
        for one in people:
            with _Erasing(self._connection, [one]):
                for table in (consent, request):
                    removed += self._connection.execute(
                        delete(table).where(table.c.person_id == one)
                    ).rowcount
        return removed

    def tokens(self, before: datetime, limit: int) -> int:
        table = tables.api_token
        gone = select(kept.erasure.c.pseudonym).where(kept.erasure.c.erased_at < before)
        return self._delete(table, select(table.c.token_id).where(table.c.person_id.in_(gone)), limit)

    def requests(self, before: datetime, limit: int) -> int:
        """And the holds that were lifted so long ago."""
        table, hold = kept.data_request, kept.legal_hold
        lifted = select(hold.c.hold_id).where(hold.c.lifted_at < before)
        old = select(table.c.request_id).where(table.c.asked_at < before, table.c.person_id.not_in(_HELD))
        return self._delete(table, old, limit) + self._delete(hold, lifted, limit)

    def erasures(self, now: datetime, before: datetime, limit: int) -> int:
        """From then on nothing leads from an address to a pseudonym; that an import is refused stays."""
        table, hashes = kept.erasure, kept.suppression
        due = select(table.c.pseudonym).where(table.c.kept_until < now, table.c.erased_at < before)
        found = self._connection.execute(due.limit(limit)).scalars().all()
        if found:
            loose = update(hashes).where(hashes.c.pseudonym.in_(found)).values(pseudonym=None)
            self._connection.execute(loose)
            self._connection.execute(delete(table).where(table.c.pseudonym.in_(found)))
        return len(found)

    def _delete(self, table: Table, due: Any, limit: int) -> int:
        keys = list(table.primary_key)
        found = self._connection.execute(due.order_by(*keys).limit(limit)).all()
        for row in found:
            this = and_(*(key == value for key, value in zip(keys, row, strict=True)))
            self._connection.execute(delete(table).where(this))
        return len(found)

    def _change(self, table: Table, due: Any, values: dict[str, Any], limit: int) -> int:
        [key] = table.primary_key
        found = self._connection.execute(due.order_by(key).limit(limit)).scalars().all()
        if found:
            self._connection.execute(update(table).where(key.in_(found)).values(values))
        return len(found)


class _Erasing:
    """Within it the triggers let what is kept of these people go."""

    def __init__(self, connection: Connection, people: Sequence[str]) -> None:
        self._connection = connection
        self._people = people

    def __enter__(self) -> None:
        rows = [{"person_id": one} for one in self._people]
        self._connection.execute(insert(kept.erasing), rows)

    def __exit__(self, *_error: object) -> None:
        table = kept.erasing
        self._connection.execute(delete(table).where(table.c.person_id.in_(self._people)))
