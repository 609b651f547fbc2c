"""Incidents as plain data: their history, whom they hit and why, what is done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perks_engine.domain.phrase import Phrase
from perks_engine.domain.reasons import Reason, obstacles, reason_from_json, reason_to_json
from perks_engine.services.incident_records import Incident, IncidentEvent, Line, Planned, Step
from perks_engine.services.ports import Transaction
from perks_engine.services.views import Say, View, instant_view, reason_view


def state_of(events: list[IncidentEvent]) -> str:
    """`open`, or what was done last with what is current: a replay makes a plan old, a plan an approval."""
    acts = [one.act for one in events]
    return acts[-1].value if acts else "open"


def incident_view(found: Incident, events: list[IncidentEvent]) -> View:
    scope = found.scope
    return {
        "incident": found.incident_id,
        "state": state_of(events),
        "brand": found.brand,
        "scope": {
            "campaign": scope.campaign,
            "version": scope.version,
            "source": scope.source,
            "since": instant_view(scope.since),
            "until": instant_view(scope.until),
        },
        "wrong": found.wrong,
        "opened_by": found.opened_by,
        "opened_at": instant_view(found.opened_at),
        "history": [_event_view(one) for one in events],
    }


def _event_view(event: IncidentEvent) -> View:
    return {
        "act": event.act.value,
        "subject": event.subject,
        "by": event.acted_by,
        "at": instant_view(event.acted_at),
        "numbers": dict(event.numbers),
    }


def line_view(tx: Transaction, replay: str, line: Line, say: Say = str) -> View:
    was, now = tx.incidents.reasons(replay, line.place)
    return {
        "place": line.place,
        "decision": line.decision_id,
        "claim": line.claim_id,
        "person": line.person_id,
        "campaign": line.campaign,
        "decided_at": instant_view(line.decided_at),
        "was": line.was,
        "is": line.now,
        "kinds": [one.value for one in line.harms],
        "reasons_then": kept_reasons_view(was, say),
        "reasons_now": kept_reasons_view(now, say),
        "messages": list(line.messages),
        "exports": list(line.exports),
    }


def kept_reasons(reason: Reason) -> list[View]:
    """What stands in the way, as it is kept: to be said in any language later."""
    return [reason_to_json(one) for one in obstacles(reason)]


def kept_reasons_view(kept: Sequence[Mapping[str, Any]], say: Say = str) -> list[View]:
    return [reason_view(reason_from_json(one), say) for one in kept]


def step_view(step: Step, say: Say = str) -> View:
    return {
        "number": step.number,
        "person": step.person_id,
        "actions": [planned_view(one, say) for one in step.actions],
    }


def planned_view(planned: Planned, say: Say = str) -> View:
    return {
        "action": planned.action.value,
        "campaign": planned.campaign,
        "claim": planned.claim_id,
        "ledger_entry": planned.entry_id,
        "why": say(planned.words),
    }


def outcome_view(outcome: Mapping[str, Any], say: Say = str) -> View:
    return {**outcome, "why": say(Phrase.from_json(outcome["why"]))}
