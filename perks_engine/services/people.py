"""People: nobody is on record before they opted in, and nobody below 13 at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from perks_engine.domain.consent import ConsentAct, Purposes, latest_acts
from perks_engine.domain.evidence import Evidence, Location, Person, Value
from perks_engine.domain.judge_values import completed_years
from perks_engine.domain.progress import Report, reported, unreported
from perks_engine.services.consent_records import AgeRefusal
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.gate import known_person
from perks_engine.services.keeping_records import Whose
from perks_engine.services.list_records import Called
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.promotion_review import PromotionReview
from perks_engine.services.records import PersonCard
from perks_engine.services.suppressing import Suppressing
from perks_engine.services.views import View, counted, instant_view

LOWEST_AGE = 13
"""Below it nothing is kept (COPPA, 16 CFR 312)."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A row of an import: who they are, the proof of what they opted in to, and evidence about them.

    `name` is what the row is called in messages (`people.csv:7`).
    """

    name: str
    card: PersonCard
    consents: tuple[ConsentAct, ...]
    facts: tuple[Evidence, ...]
    handles: Mapping[str, str] | None = None
    """Their handle by platform, all that there are; None where the row says nothing of them."""
    unsaid: tuple[str, ...] = ()
    """Fields of the card that the row says nothing of: what is on record stays."""

    def over(self, before: PersonCard | None) -> PersonCard:
        """Their card, with what was on record before where the row says nothing of it."""
        kept = {field: getattr(before, field) for field in self.unsaid} if before else {}
        return replace(self.card, **kept)

    def called(self, before: Called | None) -> dict[str, str | None]:
        """What the row calls them, by field, given what they were called before."""
        on: dict[str, str | None] = {}
        if self.handles is not None:
            on = dict.fromkeys(before.on if before else ()) | dict(self.handles)
        own = {"handle": self.card.handle, "name": self.card.name}
        return {
            **{field: value for field, value in own.items() if field not in self.unsaid},
            **{f"on.{platform}": handle for platform, handle in on.items()},
        }


@dataclass(frozen=True, slots=True)
class People:
    store: Store
    purposes: Purposes
    clock: Clock
    suppressing: Suppressing
    review: PromotionReview

    def bring_in(
        self, newcomers: Sequence[Newcomer], report: Report = unreported, lowest_age: int = LOWEST_AGE
    ) -> dict[str, int]:
        """Record all of them or nobody; who is known already gets newer evidence and consents. `lowest_age`
        is that of a campaign which they are invited to.

        Raises `InvalidInputError` naming every row that cannot be taken. Of those who are too young nothing
        is kept but their number.
        """
        now = self.clock()
        lowest = max(lowest_age, LOWEST_AGE)
        too_young = sum(_is_too_young(one, now, lowest) for one in newcomers)
        if too_young:
            with self.store.write() as tx:
                tx.consents.count_refused(too_young, now)
        with self.store.write() as tx:
            problems = [problem for one in newcomers for problem in _problems(one, now, lowest)]
            problems += [problem for one in newcomers for problem in self._consent_problems(tx, one)]
            problems += _repeated(newcomers)
            problems += _taken_handles(tx, newcomers)
            problems += self._erased(tx, newcomers)
            if problems:
                count = counted(len(problems), "problem")
                raise InvalidInputError("people.rows", f"{count}, so nobody was imported", problems)
            kept = reported(newcomers, "recording people", len(newcomers), report)
            new = sum(self._keep(tx, one, now) for one in kept)
            # Last, for until the end of this transaction no list can be given.
            before = tx.namings.called([one.card.person_id for one in newcomers])
            called = {one.card.person_id: one.called(before.get(one.card.person_id)) for one in newcomers}
            tx.namings.record(called, now)
        return {"added": new, "updated": len(newcomers) - new}

    def _keep(self, tx: Transaction, newcomer: Newcomer, now: datetime) -> bool:
        person_id = newcomer.card.person_id
        # Read right before it is written: many others come before them, and people correct theirs meanwhile.
        before = tx.people.card(person_id)
        card = newcomer.over(before)
        tx.people.save(card)
        known = {(act.purpose, act.channel, act.acted_at) for act in tx.consents.acts(person_id)}
        fresh = [act for act in newcomer.consents if (act.purpose, act.channel, act.acted_at) not in known]
        tx.people.record_consents((self._with_words(tx, act, card, now) for act in fresh), now)
        recorded = set(tx.people.evidence(person_id))
        tx.people.record_evidence(person_id, (fact for fact in newcomer.facts if fact not in recorded), now)
        self.review.of(tx, person_id, now)
        return before is None

    def _consent_problems(self, tx: Transaction, newcomer: Newcomer) -> Iterator[str]:
        """What people are asked is declared, and a no is ended by nobody but the person."""
        said = latest_acts(tx.consents.acts(newcomer.card.person_id))
        for act in newcomer.consents:
            ask = self.purposes.ask(act.purpose, act.channel)
            if ask is None:
                known = ", ".join(f"{one.purpose} by {one.channel}" for _, one in self.purposes.asks())
                what = f"nobody is asked about {act.purpose} by {act.channel}"
                yield f"{newcomer.name}: {what}; there are {known}"
                continue
            version = act.proof.text_version
            language = newcomer.over(tx.people.card(act.person_id)).language if version is not None else ""
            if version is not None and ask.of_version(version, language) is None:
                yield f"{newcomer.name}: the words on {act.purpose} have no version {version}"
            if ask.double_opt_in and act.proof.confirmed_at is None:
                yield (
                    f"{newcomer.name}: a yes to {act.purpose} by {act.channel} is confirmed by mail; "
                    "say when it was, as confirmed_at, or let the person ask for it here"
                )
            before = said.get((act.purpose, act.channel))
            if before is not None and not before.given and act.acted_at > before.acted_at:
                yield (
                    f"{newcomer.name}: {act.person_id} said no to {act.purpose} by {act.channel} on "
                    f"{instant_view(before.acted_at)}; only they can say yes again"
                )

    def _erased(self, tx: Transaction, newcomers: Sequence[Newcomer]) -> Iterator[str]:
        """Who was erased stays so, whatever file they stand in: what they agree to afterwards counts."""
        whose = [Whose(one.card, tuple((one.handles or {}).values())) for one in newcomers]
        erased = self.suppressing.erased_at(tx, whose)
        for one in newcomers:
            since = erased.get(one.card.person_id)
            if since is not None and any(act.acted_at <= since for act in one.consents):
                yield (
                    f"{one.name}: this person was erased at {instant_view(since)}, and their data are not "
                    "taken again; who joins anew agrees to everything anew, after that"
                )

    def _with_words(self, tx: Transaction, act: ConsentAct, card: PersonCard, now: datetime) -> ConsentAct:
        """The act with the words that its proof names a version of."""
        version, ask = act.proof.text_version, self.purposes.ask(act.purpose, act.channel)
        text = ask.of_version(version, card.language) if ask and version is not None else None
        if ask is None or text is None:
            return act
        if tx.consents.recorded_text(ask, text.version, text.language) is None:
            tx.consents.keep_text(ask, text, now)
        proof = replace(act.proof, text_sha256=text.sha256, language=text.language)
        return replace(act, proof=proof)

    def language_of(self, person_id: str) -> str:
        """In which language they are written to; raises `NotFoundError`."""
        return self._card(person_id).language

    def own_fields(self, person_id: str) -> dict[str, str | None]:
        """What people correct themselves, as it is on record, by the names of `rectifying.OWN_FIELDS`; raises
        `NotFoundError`."""
        card = self._card(person_id)
        return {
            "name": card.name,
            "handle": card.handle,
            "email": card.email,
            "speaks": card.language,
            "time_zone": card.time_zone,
        }

    def _card(self, person_id: str) -> PersonCard:
        with self.store.read() as tx:
            card = tx.people.card(person_id)
        if card is None:
            raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
        return card

    def refused_for_age(self) -> list[AgeRefusal]:
        """How many were refused for their age, by day."""
        with self.store.read() as tx:
            return list(tx.consents.refused())

    def as_known(self, person_id: str, now: datetime) -> Person:
        """The person as a rule would see them at `now`; raises `NotFoundError`."""
        with self.store.read() as tx:
            return known_person(tx, person_id, now)

    def show(self, person_id: str) -> View:
        """All that is held about somebody, in plain data; raises `NotFoundError`."""
        with self.store.read() as tx:
            card = tx.people.card(person_id)
            if card is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
            return {
                "person": card.person_id,
                "handle": card.handle,
                "email": card.email,
                "name": card.name,
                "speaks": card.language,
                "time_zone": card.time_zone,
                "handles": dict(tx.namings.called([person_id])[person_id].on),
                "joined_at": instant_view(card.joined_at),
                "consents": [
                    {
                        "purpose": act.purpose,
                        "channel": act.channel,
                        "given_at": instant_view(act.acted_at),
                        "how": act.how,
                    }
                    for act in tx.people.live_consents(person_id)
                ],
                "evidence": [fact_view(fact) for fact in tx.people.evidence(person_id)],
                "claims": [
                    {"claim": claim.claim_id, "campaign": claim.campaign, "outcome": claim.outcome.value}
                    for claim in tx.claims.of_person(person_id, None, 1_000)
                ],
                "messages": [
                    {"kind": one.kind, "subject": one.subject, "at": instant_view(one.created_at)}
                    for one in tx.outbox.of_person(person_id)
                ],
            }


def value_view(value: Value) -> Any:
    """What a piece of evidence says, as plain data."""
    if isinstance(value, Location):
        disc = value.disc
        return {
            "point": [disc.lat, disc.lon] if disc else None,
            "radius_m": disc.radius_m if disc else None,
            "country": value.country,
            "region": value.region,
            "postal_code": value.postal_code,
            "text": value.text,
        }
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [
            {"brand": one.brand, "campaign": one.campaign, "received_at": instant_view(one.received_at)}
            for one in value
        ]
    return value.isoformat() if isinstance(value, date) else value


def fact_view(fact: Evidence) -> View:
    view: View = {"attribute": fact.attribute, "value": value_view(fact.value), "source": fact.source}
    if fact.key:
        view["key"] = fact.key
    return {**view, "observed_at": instant_view(fact.observed_at)}


def _is_too_young(newcomer: Newcomer, now: datetime, lowest: int) -> bool:
    return any(
        fact.attribute == "born_on"
        and isinstance(fact.value, date)
        and completed_years(fact.value, now.astimezone(UTC).date()) < lowest
        for fact in newcomer.facts
    )


def _problems(newcomer: Newcomer, now: datetime, lowest: int) -> list[str]:
    problems: list[str] = []
    if not newcomer.consents:
        problems.append(f"{newcomer.name}: no proof of consent; nobody is recorded before they opted in")
    problems.extend(
        f"{newcomer.name}: the consent to {act.purpose} is dated in the future"
        for act in newcomer.consents
        if act.acted_at > now
    )
    problems.extend(
        f"{newcomer.name}: {fact.attribute} was seen in the future"
        for fact in newcomer.facts
        if fact.observed_at > now
    )
    if _is_too_young(newcomer, now, lowest):
        problems.append(f"{newcomer.name}: below {lowest}; nothing of this row is kept")
    return problems


def _repeated(newcomers: Sequence[Newcomer]) -> list[str]:
    seen: dict[str, str] = {}
    problems: list[str] = []
    for one in newcomers:
        first = seen.setdefault(one.card.person_id, one.name)
        if first != one.name:
            problems.append(f"{one.name}: the person {one.card.person_id} stands in {first} already")
    return problems


def _taken_handles(tx: Transaction, newcomers: Sequence[Newcomer]) -> list[str]:
    by_handle: dict[str, Newcomer] = {}
    problems: list[str] = []
    for one in newcomers:
        if one.card.handle is None:
            continue
        other = by_handle.setdefault(one.card.handle, one)
        if other.card.person_id != one.card.person_id:
            problems.append(f"{one.name}: the handle {one.card.handle} stands in {other.name} already")
    for start in range(0, len(by_handle), 500):
        some = list(by_handle)[start : start + 500]
        for handle, person_id in tx.people.known_handles(some).items():
            if by_handle[handle].card.person_id != person_id:
                problems.append(f"{by_handle[handle].name}: the handle {handle} belongs to somebody else")
    return problems
