"""What came of an incident, told to the public, to a regulator, and to each person hit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Actor, Permission
from perks_engine.services.errors import NotFoundError
from perks_engine.services.incident_letters import told_of
from perks_engine.services.incident_records import Action, Done, Harm, Incident, IncidentAct, IncidentEvent
from perks_engine.services.incident_views import line_view, outcome_view
from perks_engine.services.incidents import event_of, latest, seen_incident
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.views import Say, View, instant_view

FEWEST = 5
"""A smaller count could be somebody that a reader knows: the public is told no more than that it is small."""
FEWER = phrase("fewer than {count}", count=FEWEST)
NOT_SHOWN = phrase("not shown")

_HARMS = {
    Harm.GRANTED: phrase("told that they had it, and should not have been"),
    Harm.REFUSED: phrase("refused, and should not have been"),
    Harm.TOLD: phrase("written to wrongly"),
    Harm.PROMOTED: phrase("named in a promotion wrongly"),
    Harm.SOLICITED: phrase("asked for feedback wrongly"),
    Harm.DISCLOSED: phrase("named on a disclosure list wrongly"),
}
_ACTIONS = {
    Action.VOID: phrase("grants taken back before the item was received"),
    Action.KEEP: phrase("items left with those who had received them; they stay on the disclosure list"),
    Action.OFFER: phrase("offered after all"),
    Action.NO_OFFER: phrase("could not be offered after all"),
    Action.NOTHING_LEFT: phrase("nothing was left to take back"),
    Action.CORRECT: phrase("told what is right"),
    Action.CORRECT_LIST: phrase("disclosure lists corrected"),
    Action.RETRACT: phrase("promotions taken back"),
}


@dataclass(frozen=True, slots=True)
class Reporting:
    store: Store
    clock: Clock

    def for_the_public(self, actor: Actor, incident_id: str, say: Say = str) -> View:
        """No personal data; small counts are hidden, and one more where it would give a hidden one away."""
        with self.store.read() as tx:
            found = seen_incident(tx, actor, incident_id)
            view = self._summary(tx, found, say)
        for name in ("kinds", "done"):
            view[name] = [
                {"what": one["what"], "count": shown}
                for one, shown in zip(
                    view[name], hidden([one["count"] for one in view[name]], say), strict=True
                )
            ]
        view["people"], view["letters"] = (hidden([view[name]], say)[0] for name in ("people", "letters"))
        for private in ("opened_by", "approved_by", "applied_by"):
            del view[private]
        return view

    def for_the_regulator(self, actor: Actor, incident_id: str, names: bool = False, say: Say = str) -> View:
        """The exact counts and who did what, with every line; see `people`. Raises `ForbiddenError` for names
        that the role may not see."""
        if names:
            actor.require(Permission.SEE_LEGAL_NAMES)
        with self.store.read() as tx:
            found = seen_incident(tx, actor, incident_id)
            return self._summary(tx, found, say) | {"lines": list(self._people(tx, found, names, say))}

    def _people(self, tx: Transaction, found: Incident, names: bool, say: Say) -> Iterator[View]:
        """Everybody hit: their decisions, and what was done; by number, or by id, handle and name."""
        replay = latest(tx, found.incident_id, IncidentAct.REPLAYED).subject
        done = {one.person_id: one for one in tx.incidents.done(found.incident_id)}
        grouped = groupby(tx.incidents.lines(replay, by_person=True), key=lambda line: line.person_id)
        for number, (person_id, theirs) in enumerate(grouped, start=1):
            lines = [line_view(tx, replay, one, say) for one in theirs]
            for line in lines:
                del line["person"]
                if not names:
                    del line["reasons_then"], line["reasons_now"]
            who: View = {"person": say(phrase("person {number}", number=str(number)))}
            if names:
                card = tx.people.card(person_id)
                who = {"person": person_id, "handle": card and card.handle, "name": card and card.name}
            yield {**who, "decisions": lines, "done": _done_view(done.get(person_id), say)}

    def _summary(self, tx: Transaction, found: Incident, say: Say) -> View:
        replay = latest(tx, found.incident_id, IncidentAct.REPLAYED)
        applied = event_of(tx, found.incident_id, IncidentAct.APPLIED)
        approved = event_of(tx, found.incident_id, IncidentAct.APPROVED)
        scope, numbers = found.scope, replay.numbers
        done: Mapping[str, Any] = applied.numbers if applied else {"actions": {}, "letters": 0}
        return {
            "incident": found.incident_id,
            "made_at": instant_view(self.clock()),
            "campaign": scope.campaign,
            "source": scope.source,
            "how": found.wrong,
            "since": instant_view(scope.since) or numbers["first"],
            "until": instant_view(scope.until) or numbers["last"],
            "opened_at": instant_view(found.opened_at),
            "opened_by": found.opened_by,
            "approved_by": _by(approved),
            "applied_by": _by(applied),
            "applied_at": instant_view(applied.acted_at) if applied else None,
            "decisions": numbers["decisions"],
            "people": numbers["people"],
            "letters": done["letters"],
            "kinds": [
                {"what": say(words), "count": numbers["kinds"].get(kind.value, 0)}
                for kind, words in _HARMS.items()
            ],
            "done": [
                {"what": say(words), "count": done["actions"].get(action.value, 0)}
                for action, words in _ACTIONS.items()
            ],
        }

    def own(self, person_id: str, say: Say = str) -> list[View]:
        """What a person was hit by and what was done about it, once it was."""
        with self.store.read() as tx:
            return [own_incident(tx, one, say) for one in tx.incidents.done_for(person_id)]

    def own_one(self, person_id: str, incident_id: str, say: Say = str) -> View:
        """Raises `NotFoundError` for an incident that did not hit the person."""
        found = [one for one in self.own(person_id, say) if one["incident"] == incident_id]
        if not found:
            raise NotFoundError("incident.unknown", f"there is no incident {incident_id} about you")
        return found[0]


def own_incident(tx: Transaction, done: Done, say: Say) -> View:
    """What the person reads of it: the same as in their letter, with every decision that was wrong."""
    incident = tx.incidents.get(done.incident_id)
    replay = latest(tx, done.incident_id, IncidentAct.REPLAYED).subject
    lines = [one for one in tx.incidents.lines(replay, person_id=done.person_id) if one.harms]
    decisions = [line_view(tx, replay, one, say) for one in lines]
    for one in decisions:
        del one["person"], one["exports"], one["place"]
    told = told_of(lines, list(done.outcomes))
    return {
        "incident": done.incident_id,
        "wrong": incident.wrong if incident else "",
        "days": [one.isoformat() for one in told["days"]],
        "happened": [say(one) for one in told["happened"]],
        "done": [say(one) for one in told["done"]],
        "decisions": decisions,
        "letter": done.message_id,
        "done_at": instant_view(done.done_at),
    }


def _by(event: IncidentEvent | None) -> str | None:
    return event.acted_by if event else None


def _done_view(done: Done | None, say: Say) -> list[View]:
    return [outcome_view(one, say) for one in done.outcomes] if done else []


def hidden(counts: list[int], say: Say = str) -> list[int | str]:
    """The counts as the public may see them. Where exactly one is hidden, and others are beside it, the
    smallest of those is hidden as well: else the total less the others would give it away."""
    small = [0 < one < FEWEST for one in counts]
    shown: list[int | str] = [
        say(FEWER) if is_small else one for one, is_small in zip(counts, small, strict=True)
    ]
    others = [place for place, one in enumerate(counts) if one >= FEWEST]
    if sum(small) == 1 and others:
        shown[min(others, key=lambda place: counts[place])] = say(NOT_SHOWN)
    return shown
