"""The one letter that everybody hit by an incident gets: what was wrong, what it did to them, what was done.

It answers an act of their own, their claim, and says what was wrong about the answer: it needs no opt-in, and
carries no offer but what they had asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.composing import Composing
from perks_engine.services.incident_records import Action, Harm, Incident, Line
from perks_engine.services.ports import Transaction
from perks_engine.services.versions import Versions

APOLOGY = "templates/messages/incident"
KIND = "incident"


@dataclass(frozen=True, slots=True)
class IncidentLetters:
    versions: Versions
    composing: Composing

    def queue(
        self,
        tx: Transaction,
        incident: Incident,
        replay: str,
        person_id: str,
        outcomes: Iterable[Mapping[str, Any]],
        now: datetime,
    ) -> str | None:
        """The id of the letter, about what `replay` found; None for who was erased, who gets none."""
        card = tx.people.card(person_id)
        if card is None:
            return None
        lines = [one for one in tx.incidents.lines(replay, person_id=person_id) if one.harms]
        values = {
            "incident": incident.incident_id,
            "wrong": incident.wrong,
            "titles": self._titles(tx, lines),
            **told_of(lines, list(outcomes)),
        }
        about = lines[0]
        message = self.composing.to_person(
            card, KIND, APOLOGY, values, now, campaign=about.campaign, claim_id=about.claim_id
        )
        tx.outbox.queue(message)
        return message.message_id

    def _titles(self, tx: Transaction, lines: list[Line]) -> list[str]:
        versions = dict.fromkeys(one.version for one in lines)
        return list(dict.fromkeys(self.versions.get(one, tx).title for one in versions))


_HAPPENED = {
    Harm.GRANTED: phrase("we said that it is yours, and by the rule of the campaign it was not"),
    Harm.REFUSED: phrase("we refused it, and by the rule of the campaign it was yours to have"),
    Harm.TOLD: phrase("what we wrote to you about it was wrong"),
    Harm.PROMOTED: phrase("your name or picture was used, and should not have been"),
    Harm.SOLICITED: phrase("we asked you how you liked it, and should not have"),
    Harm.DISCLOSED: phrase("a list of recipients named you, and you had not received it"),
}
_DONE = {
    Action.VOID: phrase("It was taken back, because it had not reached you yet. Nothing is owed by you."),
    Action.KEEP: phrase(
        "What you received is yours to keep. Because you did receive it, you stay on the list of "
        "those who have to say so when they write about it."
    ),
    Action.OFFER: phrase("It is yours after all: {why}."),
    Action.NO_OFFER: phrase("We would offer it to you after all, and cannot: {why}."),
    Action.NOTHING_LEFT: phrase("Nothing had to be taken back: {why}."),
    Action.RETRACT: phrase("What was published of you is taken back."),
    Action.CORRECT_LIST: phrase(
        "The list no longer names you, and who was given it is given the correction."
    ),
}


def told_of(lines: list[Line], outcomes: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What happened to somebody and what was done, in phrases and days, as a letter says it."""
    harms = {harm for line in lines for harm in line.harms}
    done = [
        Phrase(_DONE[Action(one["action"])].template, {"why": Phrase.from_json(one["why"])})
        for one in outcomes
        if Action(one["action"]) in _DONE
    ]
    days = list(dict.fromkeys(one.decided_at.date() for one in lines))
    return {
        "days": days,
        "happened": [words for harm, words in _HAPPENED.items() if harm in harms],
        "done": list(dict.fromkeys(done)),
    }
