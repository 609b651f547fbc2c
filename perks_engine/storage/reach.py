"""By which conditions the rows about a person are found, table by table. By default that is
`person_id`, else the claim."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, Text, and_, cast, func, select, tuple_

from perks_engine.domain.codec import evidence_from_json, value_from_json
from perks_engine.domain.evidence import Location
from perks_engine.services.keeping_records import Whose
from perks_engine.storage import list_tables, log_tables, table_model, tables

Condition = ColumnElement[bool]

BY_CLAIM = ("entry", "acknowledgement", "sighting", "receipt_denial")
"""Tables whose rows are found by the claim although they name the person: those have no index on it."""


def table_named(name: str) -> Table:
    return table_model.metadata.tables[name]


@dataclass
class Reach:
    """Where the data of one person are."""

    connection: Connection
    whose: Whose

    @property
    def claims(self) -> Select[Any]:
        table = tables.claim
        return select(table.c.claim_id).where(table.c.person_id == self.whose.person_id)

    @cached_property
    def claim_ids(self) -> Sequence[str]:
        return self.connection.execute(self.claims).scalars().all()

    @cached_property
    def _locations(self) -> list[Location]:
        """Every place that was ever known of them: as evidence, and as a decision saw it."""
        person_id, found = self.whose.person_id, list[Any]()
        evidence, decision = tables.evidence, tables.decision
        for value in self.connection.execute(
            select(evidence.c.value).where(
                evidence.c.person_id == person_id, evidence.c.attribute == "location"
            )
        ).scalars():
            found.append(value_from_json(*value))
        for facts in self.connection.execute(
            select(decision.c.evidence).where(decision.c.person_id == person_id)
        ).scalars():
            found += [fact.value for fact in evidence_from_json(facts)]
        return [one for one in found if isinstance(one, Location)]

    def of(self, name: str) -> tuple[Condition, ...]:
        """Conditions, each of which finds some of the rows."""
        special = getattr(self, f"_of_{name}", None)
        if special is not None:
            return special()
        table = table_named(name)
        if name in BY_CLAIM or "person_id" not in table.c:
            return (table.c.claim_id.in_(self.claims),)
        return (table.c.person_id == self.whose.person_id,)

    def _of_message(self) -> tuple[Condition, ...]:
        table, email = tables.message, self.whose.card.email
        mine: tuple[Condition, ...] = (table.c.person_id == self.whose.person_id,)
        if email:
            mine += (and_(table.c.address.is_not(None), func.lower(table.c.address) == email.lower()),)
        return mine

    def _of_message_delivery(self) -> tuple[Condition, ...]:
        table, message = tables.message_delivery, tables.message
        return tuple(
            table.c.message_id.in_(select(message.c.message_id).where(one)) for one in self._of_message()
        )

    def _of_statement_request(self) -> tuple[Condition, ...]:
        table, card = tables.statement_request, self.whose.card
        subjects = [card.person_id, *self.whose.handles, *([card.handle] if card.handle else [])]
        mine: tuple[Condition, ...] = (
            table.c.subject.in_(subjects),
            table.c.mailbox.in_(self.whose.mailboxes),
        )
        return (*mine, func.lower(table.c.subject) == card.email.lower()) if card.email else mine

    def _of_sign_in(self) -> tuple[Condition, ...]:
        table, email = table_named("sign_in"), self.whose.card.email
        mine: tuple[Condition, ...] = (table.c.person_id == self.whose.person_id,)
        return (*mine, func.lower(table.c.address) == email.lower()) if email else mine

    def _of_geocoding(self) -> tuple[Condition, ...]:
        table = table_named("geocoding")
        texts = {hashlib.sha256(one.text.encode()).hexdigest() for one in self._locations if one.text}
        return (table.c.text_hash.in_(sorted(texts)),)

    def _of_idempotency(self) -> tuple[Condition, ...]:
        """Those under the person's own keys; and of the staff's those that speak of the person, of a claim or
        promotion of theirs, or of a file that was given for them."""
        table, person_id = tables.idempotency, self.whose.person_id
        answer = cast(table.c.answer, Text)
        file, promotion = table_named("dispute_file"), self._promotions
        given = select(file.c.file_id).where(*self._of_dispute_file())
        more = [one for query in (given, promotion) for one in self.connection.execute(query).scalars()]
        spoken_of = [f'"{one}"' for one in (person_id, *self.claim_ids, *more)]
        return (
            table.c.scope == f"person:{person_id}",
            *(
                and_(table.c.scope.startswith("staff:"), answer.contains(one, autoescape=True))
                for one in spoken_of
            ),
        )

    def _of_guard_count(self) -> tuple[Condition, ...]:
        table, decision = tables.guard_count, tables.decision
        points = {f"{one.disc.lat:.6f},{one.disc.lon:.6f}" for one in self._locations if one.disc}
        campaigns = select(decision.c.campaign).where(decision.c.person_id == self.whose.person_id)
        return (and_(table.c.campaign.in_(campaigns), table.c.key.in_(sorted(points))),)

    def _of_dispute_file(self) -> tuple[Condition, ...]:
        table, event = table_named("dispute_file"), tables.dispute_event
        mine = select(event.c.dispute_id).where(event.c.person_id == self.whose.person_id)
        return (table.c.dispute_id.in_(mine),)

    def _of_incident_reason(self) -> tuple[Condition, ...]:
        table, line = table_named("incident_reason"), table_named("incident_line")
        mine = select(line.c.replay, line.c.place).where(line.c.person_id == self.whose.person_id)
        return (tuple_(table.c.replay, table.c.place).in_(mine),)

    def _of_promotion_event(self) -> tuple[Condition, ...]:
        return (table_named("promotion_event").c.promotion_id.in_(self._promotions),)

    def _of_promotion_told(self) -> tuple[Condition, ...]:
        return (table_named("promotion_told").c.promotion_id.in_(self._promotions),)

    @property
    def _promotions(self) -> Select[Any]:
        """The row of a promotion bears a pseudonym by now, its claim stays the same."""
        table = tables.promotion
        return select(table.c.promotion_id).where(table.c.claim_id.in_(self.claim_ids))

    def _of_leaf_salt(self) -> tuple[Condition, ...]:
        table, leaf, entry = log_tables.leaf_salt, log_tables.log_leaf, tables.entry
        entries = select(entry.c.entry_id).where(entry.c.claim_id.in_(self.claims))
        return (table.c.position.in_(select(leaf.c.position).where(leaf.c.entry_id.in_(entries))),)

    def _of_carrier_report(self) -> tuple[Condition, ...]:
        table, entry = table_named("carrier_report"), tables.entry
        shipped = select(entry.c.reference).where(
            entry.c.claim_id.in_(self.claims), entry.c.move == "ship", entry.c.reference != ""
        )
        return (table.c.claim_id.in_(self.claims), table.c.tracking_number.in_(shipped))

    def _of_disclosure_export(self) -> tuple[Condition, ...]:
        chosen = cast(list_tables.disclosure_export.c.chosen, Text)
        return (chosen.contains(f'"{self.whose.person_id}"', autoescape=True),)

    def _of_erasure(self) -> tuple[Condition, ...]:
        return (tables.erasure.c.pseudonym == self.whose.person_id,)

    def _of_suppression(self) -> tuple[Condition, ...]:
        return (table_named("suppression").c.pseudonym == self.whose.person_id,)
