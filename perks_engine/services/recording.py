"""A person's whole record: everything that is held about them, by table (GDPR 15, 20)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from perks_engine.domain.codec import decode, evidence_from_json, value_from_json
from perks_engine.domain.phrase import said
from perks_engine.domain.reasons import reason_from_json
from perks_engine.services.access import Actor
from perks_engine.services.erasing import require_keeper, whose_of
from perks_engine.services.errors import NotFoundError
from perks_engine.services.incident_records import Planned
from perks_engine.services.incident_reports import own_incident
from perks_engine.services.incident_views import kept_reasons_view, outcome_view, planned_view
from perks_engine.services.inventory_tables import INVENTORY
from perks_engine.services.keeping_records import DataRequest, RequestKind, Route, Whose
from perks_engine.services.people import fact_view, value_view
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.spans import Spans
from perks_engine.services.views import Say, View, instant_view, tree_view

_RIGHTS = said(
    "You can have what is wrong corrected (PATCH /v1/record), take back each consent (DELETE "
    "/v1/consents/PURPOSE/CHANNEL), and have all of it erased (DELETE /v1/record); or tell our staff to."
)


@dataclass(frozen=True, slots=True)
class Recording:
    store: Store
    clock: Clock
    spans: Spans
    mailboxes: Callable[[str], tuple[str, ...]]

    def own(self, person_id: str, say: Say = str) -> View:
        """The person asks for their own; `say` gives its words in their language."""
        return self._record(person_id, Route.OWN, f"person {person_id}", say)

    def of(self, actor: Actor, person_id: str, say: Say = str) -> View:
        """Staff makes it for a person who asked them."""
        require_keeper(actor)
        return self._record(person_id, Route.STAFF, actor.name, say)

    def requests(self, actor: Actor) -> list[View]:
        """The log of requests about one's own data: who asked for what, when, and what came of it."""
        require_keeper(actor)
        with self.store.read() as tx:
            return [
                {
                    "person": one.person_id,
                    "kind": one.kind.value,
                    "through": one.through.value,
                    "asked_by": one.asked_by,
                    "asked_at": instant_view(one.asked_at),
                    "outcome": one.outcome,
                }
                for one in tx.keeping.requests()
            ]

    def _record(self, person_id: str, route: Route, by: str, say: Say) -> View:
        """Raises `NotFoundError`. That it was asked for is kept, and stands in the next one."""
        now = self.clock()
        with self.store.read() as tx:
            card = tx.people.card(person_id)
            if card is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
            whose = whose_of(tx, card, self.mailboxes)
            sections = [self._section(tx, one.table, whose, say) for one in INVENTORY.about_people()]
        with self.store.write() as tx:
            tx.keeping.add_request(DataRequest(person_id, RequestKind.ACCESS, route, by, now, "given"))
        return {
            "person": person_id,
            "made_at": instant_view(now),
            "sections": [one for one in sections if one["rows"]],
            "nothing_of": [one["what"] for one in sections if not one["rows"]],
            "rights": _RIGHTS,
        }

    def _section(self, tx: Transaction, table: str, whose: Whose, say: Say) -> View:
        held = INVENTORY.of(table)
        days = self.spans.days(held.span)
        return {
            "table": table,
            "what": held.what,
            "why": held.why,
            "basis": held.basis,
            "span": held.span.value,
            "days": days,
            "kept": f"{held.span.value}: {days:,} days" if days else held.span.value,
            "rows": [_row_view(tx, table, row, say) for row in tx.personal.rows(table, whose)],
        }


def _row_view(tx: Transaction, table: str, row: Mapping[str, Any], say: Say) -> View:
    made = _IN_WORDS.get(table)
    return {name: plain(value) for name, value in {**row, **(made(tx, row, say) if made else {})}.items()}


def _decision(_tx: Transaction, row: Mapping[str, Any], say: Say) -> View:
    return {
        "reason": tree_view(reason_from_json(row["reason"]), say),
        "standing": [tree_view(reason_from_json(one), say) for one in row["standing"]],
        "evidence": [fact_view(fact) for fact in evidence_from_json(row["evidence"])],
    }


def _incident_reasons(_tx: Transaction, row: Mapping[str, Any], say: Say) -> View:
    return {name: kept_reasons_view(row[name], say) for name in ("was", "now")}


def _incident_done(tx: Transaction, row: Mapping[str, Any], say: Say) -> View:
    """With what was wrong, what it did to them and what was done, as their letter said it."""
    done = next(
        one for one in tx.incidents.done_for(row["person_id"]) if one.incident_id == row["incident_id"]
    )
    told = own_incident(tx, done, say)
    outcomes = [outcome_view(one, say) for one in done.outcomes]
    return {"outcomes": outcomes, **{name: told[name] for name in ("wrong", "happened", "done")}}


_IN_WORDS: Mapping[str, Callable[[Transaction, Mapping[str, Any], Say], Mapping[str, Any]]] = {
    "evidence": lambda _tx, row, _say: {"value": value_view(value_from_json(*row["value"]))},
    "decision": _decision,
    "incident_reason": _incident_reasons,
    "incident_step": lambda _tx, row, say: {
        "actions": [planned_view(one, say) for one in decode(tuple[Planned, ...], row["actions"])]
    },
    "incident_done": _incident_done,
}


def plain(value: Any) -> Any:
    """A value of a row as JSON has it."""
    match value:
        case datetime():
            return instant_view(value)
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Decimal():
            return str(value)
        case Mapping():
            return {str(name): plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return value
