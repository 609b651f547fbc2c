"""Rectification (GDPR 16, 19): what is wrong about a person is corrected, with who did it, when and why; and
whoever was given it hears that it changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from perks_engine.domain.evidence import Evidence, Location
from perks_engine.domain.judge_values import completed_years
from perks_engine.domain.phrase import said
from perks_engine.domain.time_zones import why_no_zone
from perks_engine.services.access import Actor
from perks_engine.services.composing import Composing
from perks_engine.services.editions import ANY, Seen, edition
from perks_engine.services.erasing import require_keeper
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.holding import reason
from perks_engine.services.keeping_records import DataRequest, Rectification, RequestKind, Route
from perks_engine.services.people import LOWEST_AGE, value_view
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.promotion_review import PromotionReview
from perks_engine.services.records import PersonCard
from perks_engine.services.views import View

TEMPLATE = "templates/messages/record_corrected"
OWN_FIELDS = ("name", "handle", "email", "speaks", "time_zone")
"""What people correct themselves; the rest is evidence, which somebody has to have looked at."""
STAFF_FIELDS = (*OWN_FIELDS, "born_on", "address")
_NAMED = ("name", "handle")
"""What stands on lists that brands were given."""
_FIELD = {"speaks": "language"}
_SHAPES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "name": (re.compile(r"[^\x00-\x1f\x7f]{1,200}"), "a name of at most 200 characters"),
    "handle": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,79}"), "an identifier without spaces"),
    "email": (re.compile(r"(?=.{1,254}$)[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address"),
    "speaks": (re.compile(r"[a-z]{2}"), "a language such as en, es or fr"),
}
_PARTS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "country": (re.compile(r"[A-Z]{2}"), "a country such as US"),
    "region": (re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}"), "a region such as US-NY"),
    "postal_code": (re.compile(r"[A-Z0-9][A-Z0-9 -]{1,11}"), "a postal code such as 11201"),
}


@dataclass(frozen=True, slots=True)
class Rectifying:
    store: Store
    clock: Clock
    composing: Composing
    review: PromotionReview

    def edition_for(self, actor: Actor, person_id: str) -> str:
        require_keeper(actor)
        return self.edition(person_id)

    def edition(self, person_id: str) -> str:
        """Of what can be corrected; raises `NotFoundError`."""
        with self.store.read() as tx:
            return _edition(tx, person_id)

    def correct_own(self, person_id: str, changes: Mapping[str, Any], looked: Seen = ANY) -> View:
        """The person corrects what they know best. Raises `InvalidInputError` naming each value that cannot
        be, and `StaleError` where something was corrected since they looked."""
        for field in changes:
            if field not in OWN_FIELDS:
                raise InvalidInputError(
                    "record.field",
                    f"{field} is corrected by our staff, who has to see what shows it; write to them",
                )
        by = f"person {person_id}"
        return self._correct(person_id, changes, said("asked for it"), Route.OWN, by, looked)

    def correct_for(
        self, actor: Actor, person_id: str, changes: Mapping[str, Any], why: str, looked: Seen = ANY
    ) -> View:
        """Staff corrects what a person told them, or what it has seen."""
        require_keeper(actor)
        return self._correct(person_id, changes, reason(why), Route.STAFF, actor.name, looked)

    def _correct(
        self, person_id: str, changes: Mapping[str, Any], why: str, route: Route, by: str, looked: Seen
    ) -> View:
        now = self.clock()
        problems = [problem for field, value in changes.items() for problem in _problems(field, value, now)]
        if problems or not changes:
            wanted = problems or [f"nothing to correct was given; there are {', '.join(STAFF_FIELDS)}"]
            raise InvalidInputError("record.correction", "the correction cannot be used", wanted)
        with self.store.write() as tx:
            card = tx.keeping.lock(person_id)
            if card is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
            looked.require(lambda: _edition(tx, person_id))
            done: list[str] = []
            for field, value in changes.items():
                was = _written(tx, card, field, value, now)
                if was is not None:
                    tx.keeping.add_rectification(Rectification(person_id, field, was.value, now, by, why))
                    done.append(field)
            self.review.of(tx, person_id, now)
            told = self._tell(tx, person_id, done, now)
            tx.keeping.add_request(DataRequest(person_id, RequestKind.RECTIFICATION, route, by, now, "done"))
            # Last, for until the end of this transaction no list can be given.
            names = {field: changes[field] for field in done if field in _NAMED}
            tx.namings.record({person_id: names}, now)
        return {"person": person_id, "corrected": done, "told": told}

    def _tell(self, tx: Transaction, person_id: str, done: list[str], now: datetime) -> list[str]:
        """The brands that were given a list with the person on it: it names them otherwise than is right."""
        if not set(done) & set(_NAMED):
            return []
        told: list[str] = []
        receipts = tx.people.receipts(person_id)
        for brand in sorted({one.brand for one in receipts}):
            since = min(one.received_at for one in receipts if one.brand == brand)
            exports = [one.export_id for one in tx.exports.latest([brand], None, None) if one.as_of >= since]
            if not exports:
                continue
            values = {"exports": exports}
            campaign = next(one.campaign for one in receipts if one.brand == brand)
            tx.outbox.queue(
                self.composing.to_staff(brand, "record_corrected", TEMPLATE, values, now, campaign)
            )
            told.append(brand)
        return told


def _edition(tx: Transaction, person_id: str) -> str:
    """Of what staff can correct, which is more than what people can themselves."""
    card = tx.people.card(person_id)
    if card is None:
        raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
    facts = [
        (one.attribute, one.source, str(value_view(one.value)))
        for one in tx.people.evidence(person_id)
        if one.attribute == "born_on" or (one.attribute, one.source) == ("location", "verified_address")
    ]
    return edition([card.name, card.handle, card.email, card.language, card.time_zone, sorted(facts)])


@dataclass(frozen=True, slots=True)
class _Was:
    """What was there before; None for nothing."""

    value: str | None


def _written(tx: Transaction, card: PersonCard, field: str, value: Any, now: datetime) -> _Was | None:
    """Write the right value; what was there before, None where it was so already."""
    if field in ("born_on", "address"):
        return _replaced(tx, card.person_id, field, value, now)
    column = _FIELD.get(field, field)
    current = tx.people.card(card.person_id) or card
    was: str | None = getattr(current, column)
    if was == value:
        return None
    if field == "handle" and tx.people.known_handles([value]).get(value) not in (None, card.person_id):
        raise RefusedError("record.handle_taken", f"the handle {value} belongs to somebody else")
    tx.people.save(replace(current, **{column: value}))
    return _Was(was)


def _replaced(tx: Transaction, person_id: str, field: str, value: Any, now: datetime) -> _Was | None:
    """Put the right fact in the place of the wrong ones."""
    if field == "born_on":
        attribute, source, fact = "born_on", "verified_document", date.fromisoformat(value)
        of_source = None  # what any source says is wrong
    else:
        attribute, source, fact = "location", "verified_address", Location(**value)
        of_source = source
    known = [
        one
        for one in tx.people.evidence(person_id)
        if one.attribute == attribute and of_source in (None, one.source)
    ]
    if known and all(one.value == fact for one in known):
        return None
    tx.keeping.drop_evidence(person_id, attribute, of_source)
    tx.people.record_evidence(person_id, [Evidence(attribute, fact, source, now)], now)
    return _Was("; ".join(str(value_view(one.value)) for one in known) or None)


def _problems(field: str, value: Any, now: datetime) -> list[str]:
    if field not in STAFF_FIELDS:
        return [f"{field}: there is no such field; there are {', '.join(STAFF_FIELDS)}"]
    if field == "born_on":
        return _problems_of_a_birthday(value, now)
    if field == "address":
        return _problems_of_an_address(value)
    if field == "time_zone":
        # Nothing is fine, too: then the zones of their country count again.
        why = "" if value is None else why_no_zone(str(value))
        return [f"{field}: {why}"] if why else []
    shape, expected = _SHAPES[field]
    fits = isinstance(value, str) and shape.fullmatch(value) and value == value.strip()
    return [] if fits else [f"{field}: expected {expected}"]


def _problems_of_a_birthday(value: Any, now: datetime) -> list[str]:
    try:
        born_on = date.fromisoformat(str(value))
    except ValueError:
        return ["born_on: expected a date such as 1990-04-01"]
    today = now.astimezone(UTC).date()
    if born_on > today:
        return ["born_on: it lies in the future"]
    if completed_years(born_on, today) < LOWEST_AGE:
        return [f"born_on: below {LOWEST_AGE} nobody is kept on record; erase the record instead"]
    return []


def _problems_of_an_address(value: Any) -> list[str]:
    if not isinstance(value, Mapping) or set(value) - set(_PARTS) or not value.get("country"):
        return ["address: expected a country, and a region and a postal code where they are known"]
    given = {name: part for name, part in value.items() if part is not None}
    return [
        f"address.{name}: expected {expected}"
        for name, (shape, expected) in _PARTS.items()
        if name in given and not (isinstance(given[name], str) and shape.fullmatch(given[name]))
    ]
