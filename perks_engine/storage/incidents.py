"""Incidents: what is long is read as it comes and written in batches, so that few rows are held at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from perks_engine.domain.codec import decode, encode
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.domain.promotion import LIVE
from perks_engine.services.incident_records import (
    Done,
    Harm,
    Incident,
    IncidentAct,
    IncidentEvent,
    Line,
    Planned,
    Position,
    Scope,
    Step,
    Told,
)
from perks_engine.services.offering import KIND as OFFER
from perks_engine.services.offering import PERKS
from perks_engine.storage import tables
from perks_engine.storage.feedback_tables import feedback_request
from perks_engine.storage.incident_tables import (
    incident,
    incident_done,
    incident_event,
    incident_line,
    incident_reason,
    incident_step,
)
from perks_engine.storage.offer_tables import offer
from perks_engine.storage.promotion_tables import promotion

AT_A_TIME = 500


class SqlIncidentBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, given: Incident) -> None:
        values = {
            "incident_id": given.incident_id,
            "brand": given.brand,
            **asdict(given.scope),
            "wrong": given.wrong,
            "opened_by": given.opened_by,
            "opened_at": given.opened_at,
        }
        self._connection.execute(insert(incident).values(**values))

    def get(self, incident_id: str) -> Incident | None:
        query = select(incident).where(incident.c.incident_id == incident_id)
        row = self._connection.execute(query).one_or_none()
        return _incident(row) if row else None

    def find(self, brands: Sequence[str] | None, after: str | None, limit: int) -> list[Incident]:
        query = select(incident).order_by(incident.c.incident_id).limit(limit)
        if brands is not None:
            query = query.where(incident.c.brand.in_(brands))
        if after is not None:
            query = query.where(incident.c.incident_id > after)
        return [_incident(row) for row in self._connection.execute(query)]

    def record(self, event: IncidentEvent) -> None:
        values = asdict(event) | {"act": event.act.value, "numbers": encode(event.numbers)}
        self._connection.execute(insert(incident_event).values(**values))

    def events(self, incident_id: str) -> list[IncidentEvent]:
        query = (
            select(incident_event)
            .where(incident_event.c.incident_id == incident_id)
            .order_by(incident_event.c.event_id)
        )
        return [
            IncidentEvent(
                row.incident_id, IncidentAct(row.act), row.subject, row.acted_by, row.acted_at, row.numbers
            )
            for row in self._connection.execute(query)
        ]

    def told(self, decisions: Sequence[str]) -> dict[str, Told]:
        claim, message = tables.claim, tables.message
        query = select(claim.c.decision_id, claim.c.claim_id, claim.c.outcome).where(
            claim.c.decision_id.in_(decisions)
        )
        claims = {row.claim_id: row for row in self._connection.execute(query)}
        letters: dict[str, list[tuple[str, str, str]]] = {}
        query = (
            select(message.c.claim_id, message.c.message_id, message.c.kind, message.c.purpose)
            .where(message.c.claim_id.in_(claims))
            .order_by(message.c.message_id)
        )
        for row in self._connection.execute(query):
            letters.setdefault(row.claim_id, []).append((row.message_id, row.kind, row.purpose))
        listed = self._listed_wrongly(list(claims))
        promoted = self._promoted(list(claims))
        query = select(feedback_request.c.claim_id).where(feedback_request.c.claim_id.in_(claims))
        asked = set(self._connection.execute(query).scalars())
        query = select(offer.c.decision_id, offer.c.message_id).where(offer.c.decision_id.in_(decisions))
        offered = {
            row.decision_id: Told(None, granted=False, messages=((row.message_id, OFFER, PERKS),), listed=())
            for row in self._connection.execute(query)
        }
        return offered | {
            row.decision_id: Told(
                claim_id,
                row.outcome == "granted",
                tuple(letters.get(claim_id, ())),
                tuple(listed.get(claim_id, ())),
                tuple(promoted.get(claim_id, ())),
                claim_id in asked,
            )
            for claim_id, row in claims.items()
        }

    def _promoted(self, claims: Sequence[str]) -> dict[str, list[str]]:
        """What is live of them, by claim."""
        query = (
            select(promotion.c.claim_id, promotion.c.promotion_id)
            .where(promotion.c.claim_id.in_(claims), promotion.c.state.in_([one.value for one in LIVE]))
            .order_by(promotion.c.promotion_id)
        )
        found: dict[str, list[str]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.claim_id, []).append(row.promotion_id)
        return found

    def _listed_wrongly(self, claims: Sequence[str]) -> dict[str, list[tuple[datetime, datetime | None]]]:
        """Receipts that were voided since: from when to when lists showed them."""
        entry, later = tables.entry, tables.entry.alias("later")
        query = (
            select(entry.c.claim_id, entry.c.recorded_at, later.c.recorded_at.label("ended_at"))
            .join(later, later.c.corrects == entry.c.entry_id)
            .where(
                entry.c.claim_id.in_(claims),
                entry.c.target == Account.RECIPIENT.value,
                later.c.move == MoveKind.VOID.value,
            )
        )
        found: dict[str, list[tuple[datetime, datetime | None]]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.claim_id, []).append((row.recorded_at, row.ended_at))
        return found

    def add_lines(self, incident_id: str, replay: str, lines: Iterable[tuple[Line, Any, Any]]) -> None:
        rows, words = [], []
        for line, was, now in lines:
            values = {one.name: getattr(line, one.name) for one in fields(line)}
            values |= {name: list(values[name]) for name in _LISTS}
            values["harms"] = [harm.value for harm in line.harms]
            rows.append(values | {"incident_id": incident_id, "replay": replay})
            words.append({"replay": replay, "place": line.place, "was": was, "now": now})
        if rows:
            self._connection.execute(insert(incident_line), rows)
            self._connection.execute(insert(incident_reason), words)

    def lines(
        self,
        replay: str,
        after: int = 0,
        limit: int | None = None,
        by_person: bool = False,
        person_id: str | None = None,
    ) -> Iterator[Line]:
        table = incident_line
        query = select(table).where(table.c.replay == replay, table.c.place > after).limit(limit)
        if person_id is not None:
            query = query.where(table.c.person_id == person_id)
        order = (table.c.person_id, table.c.place) if by_person else (table.c.place,)
        # Of one person there are few, and a cursor of the server takes three journeys.
        read = self._stream if person_id is None else self._connection.execute
        for row in read(query.order_by(*order)):
            values = {one.name: getattr(row, one.name) for one in fields(Line)}
            values |= {name: tuple(values[name]) for name in _LISTS}
            values["harms"] = tuple(Harm(one) for one in row.harms)
            yield Line(**values)

    def reasons(self, replay: str, place: int) -> tuple[list[Any], list[Any]]:
        table = incident_reason
        query = select(table.c.was, table.c.now).where(table.c.replay == replay, table.c.place == place)
        row = self._connection.execute(query).one_or_none()
        return (row.was, row.now) if row else ([], [])

    def add_steps(self, incident_id: str, plan: str, steps: Sequence[Step]) -> None:
        rows = [
            {
                "plan": plan,
                "number": one.number,
                "incident_id": incident_id,
                "person_id": one.person_id,
                "actions": encode(one.actions),
            }
            for one in steps
        ]
        if rows:
            self._connection.execute(insert(incident_step), rows)

    def steps(self, plan: str, after: int = 0, limit: int | None = None) -> Iterator[Step]:
        table = incident_step
        query = select(table).where(table.c.plan == plan, table.c.number > after)
        for row in self._stream(query.order_by(table.c.number).limit(limit)):
            yield Step(row.number, row.person_id, decode(tuple[Planned, ...], row.actions))

    def positions(self, claims: Sequence[str]) -> dict[str, Position]:
        table = tables.holding
        query = select(table).where(table.c.claim_id.in_(claims))
        return {
            row.claim_id: Position(Account(row.account), row.entry_id)
            for row in self._connection.execute(query)
        }

    def is_done(self, incident_id: str, person_id: str) -> bool:
        table = incident_done
        query = select(table.c.number).where(
            table.c.incident_id == incident_id, table.c.person_id == person_id
        )
        return self._connection.execute(query).one_or_none() is not None

    def add_done(self, done: Done) -> None:
        self._connection.execute(
            insert(incident_done).values(**asdict(done) | {"outcomes": encode(list(done.outcomes))})
        )

    def done(self, incident_id: str) -> Iterator[Done]:
        table = incident_done
        query = select(table).where(table.c.incident_id == incident_id).order_by(table.c.plan, table.c.number)
        return map(_done, self._stream(query))

    def done_for(self, person_id: str) -> list[Done]:
        table = incident_done
        query = select(table).where(table.c.person_id == person_id).order_by(table.c.incident_id)
        return [_done(row) for row in self._connection.execute(query)]

    def _stream(self, query: Any) -> Iterator[Row[Any]]:
        return iter(self._connection.execute(query, execution_options={"yield_per": AT_A_TIME}))


_LISTS = ("was_codes", "now_codes", "harms", "messages", "exports")


def _incident(row: Row[Any]) -> Incident:
    scope = Scope(*(getattr(row, one.name) for one in fields(Scope)))
    return Incident(row.incident_id, row.brand, scope, row.wrong, row.opened_by, row.opened_at)


def _done(row: Row[Any]) -> Done:
    return Done(*(getattr(row, one.name) for one in fields(Done)))
