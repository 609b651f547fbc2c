"""Consent: given, confirmed and withdrawn, each act with its proof, and effective at once.

A yes names the hash of the words that were on the screen. Only the words of today can be agreed to: who was
shown others is told both. What was agreed to is kept, so that a version never means other words than it did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from perks_engine.domain.consent import (
    Ask,
    ConsentAct,
    ConsentText,
    Proof,
    Purposes,
    Through,
    latest_acts,
)
from perks_engine.domain.phrase import phrase, said, word
from perks_engine.services.access import Actor, Permission
from perks_engine.services.consent_letters import ConsentLetters
from perks_engine.services.consent_records import ConsentRequest
from perks_engine.services.consent_views import act_view, pending, person_view, request_view, text_view
from perks_engine.services.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from perks_engine.services.identifiers import new_id
from perks_engine.services.links import Links
from perks_engine.services.once import retried
from perks_engine.services.own_ways import DEVICE, LOCATION
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.records import PersonCard
from perks_engine.services.views import View

CONFIRM_PATH = "/v1/consent-links"
CONFIRM = "perks-engine consent links 1"
LIFETIME = timedelta(days=7)
_OVER_HTTP = said("asked over HTTP with their own token")
LONGEST_WHY = 500
_BY_CONSENT_ALONE = {(LOCATION, DEVICE): (LOCATION, DEVICE)}
"""Evidence, by attribute and source, that is on record by a consent alone, and goes when that ends."""
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose word is written down, and how it came here: the proof but for the words that were shown."""

    person_id: str
    through: Through
    recorded_by: str
    how: str
    origin: str = ""
    why: str = ""


def own_word(person_id: str, origin: str, how: str = _OVER_HTTP) -> Speaker:
    return Speaker(person_id, Through.OWN, f"person {person_id}", how, origin)


def on_behalf(actor: Actor, person_id: str, why: str) -> Speaker:
    """Staff writes down what a person said to them. Raises `ForbiddenError`, and `InvalidInputError` where no
    reason is given."""
    require_staff(actor)
    why = " ".join(why.split())
    if not 1 <= len(why) <= LONGEST_WHY:
        raise InvalidInputError(
            "consent.why", f"say why you write this down for {person_id}, in at most {LONGEST_WHY} characters"
        )
    return Speaker(person_id, Through.STAFF, actor.name, said("written down by staff"), why=why)


def require_staff(actor: Actor) -> None:
    """A person's consents are no matter of one brand."""
    actor.require(Permission.RECORD_CONSENTS)
    if actor.reach is not None:
        raise ForbiddenError("access.brand", "consents are of all brands; this token reaches only some")


@dataclass(frozen=True, slots=True)
class Consents:
    store: Store
    clock: Clock
    purposes: Purposes
    links: Links
    letters: ConsentLetters

    def of(self, person_id: str, language: str = "") -> View:
        """What the person can be asked, what they said to it, and all that they ever said; in the language,
        else in theirs."""
        now = self.clock()
        with self.store.read() as tx:
            card = _card(tx, person_id)
            card = replace(card, language=language or card.language)
            return person_view(card, self.purposes, tx.consents.acts(person_id), _requests(tx, card), now)

    def seen_by(self, actor: Actor, person_id: str) -> View:
        require_staff(actor)
        return self.of(person_id)

    def give(self, speaker: Speaker, purpose: str, channel: str, shown: str) -> View:
        """Say yes to the words whose hash is `shown`. What is agreed to already is not written down twice.

        Raises `NotFoundError` for what nobody is asked, and `ConflictError` where these are not the words of
        today; with both versions. Of a double opt-in the answer is `pending`, and a letter is on its way.
        """
        ask = self._ask(purpose, channel)

        def write(tx: Transaction, now: datetime) -> None:
            card = _locked(tx, speaker.person_id)
            text = self._shown(tx, ask, shown, card)
            latest = latest_acts(tx.consents.acts(card.person_id)).get((purpose, channel))
            if latest is not None and latest.given and latest.proof.text_sha256 == text.sha256:
                return
            self._keep_text(tx, ask, text, now)
            if ask.double_opt_in:
                self._ask_to_confirm(tx, card, ask, text, speaker, now)
            else:
                tx.people.record_consents([_act(ask, True, speaker, _after(latest, now), text)], now)

        return self._written(write, speaker.person_id, purpose, channel)

    def withdraw(self, speaker: Speaker, purpose: str, channel: str) -> View:
        """Say no: effective from this moment, and for good until the person says yes again. What was never
        agreed to can be refused as well, and is not asked again."""

        def write(tx: Transaction, now: datetime) -> None:
            card = _locked(tx, speaker.person_id)
            acts = tx.consents.acts(card.person_id)
            latest = latest_acts(acts).get((purpose, channel))
            # What is declared no longer can still be withdrawn.
            ask = self.purposes.ask(purpose, channel) if latest is None else None
            if latest is None and ask is None:
                raise self._unknown(purpose, channel)
            waits = pending(purpose, channel, latest, tx.consents.requests(card.person_id), now)
            if latest is not None and not latest.given and waits is None:
                return
            at = _after(latest, now) if waits is None else max(_after(latest, now), waits.asked_at)
            proof = _proof(speaker, None)
            said = ConsentAct(card.person_id, purpose, channel, False, at, speaker.how, proof)
            tx.people.record_consents([said], now)
            evidence = _BY_CONSENT_ALONE.get((purpose, channel))
            if evidence is not None and not tx.keeping.holds(card.person_id):
                tx.keeping.drop_evidence(card.person_id, *evidence)

        return self._written(write, speaker.person_id, purpose, channel)

    def reader(self, link: str) -> str | None:
        """Who would confirm something by it; None for what is no link, or of nobody on record."""
        told = self.links.opened(CONFIRM, link)
        with self.store.read() as tx:
            request = tx.consents.request(told["request"]) if told else None
        return request.person_id if request else None

    def look(self, link: str) -> View:
        """What a link confirms; looking confirms nothing."""
        with self.store.read() as tx:
            request = self._opened(tx, link)
            card = _card(tx, request.person_id)
            text = tx.consents.text(request.text_sha256)
            purpose = self.purposes.by_name.get(request.purpose)
            title = purpose.title(card.language) if purpose else request.purpose
            return request_view(request, title, text)

    def confirm(self, link: str, origin: str) -> View:
        """Whoever holds the mailbox says that the yes is theirs. Once: a link that was used, or that the
        person said no after, makes nobody agree again.

        Raises `NotFoundError` for what is no link or expired, alike, and `ConflictError` where the words have
        changed meanwhile.
        """

        def write(tx: Transaction, now: datetime) -> tuple[str, str, str]:
            request = self._opened(tx, link)
            whose = (request.person_id, request.purpose, request.channel)
            card = _locked(tx, request.person_id)
            request = self._opened(tx, link)
            latest = latest_acts(tx.consents.acts(card.person_id)).get(whose[1:])
            if request.confirmed_at is not None:
                if latest is not None and latest.proof.request_id == request.request_id:
                    return whose
                raise RefusedError("consent.link_used", "this link was used; nothing was changed by it now")
            if latest is not None and not latest.given and latest.acted_at >= request.asked_at:
                raise RefusedError(
                    "consent.withdrawn_since", "you said no after this link was sent; ask anew if you want it"
                )
            ask = self._ask(request.purpose, request.channel)
            text = self._shown(tx, ask, request.text_sha256, card)
            proof = Proof(
                through=Through.LINK,
                text_version=text.version,
                text_sha256=text.sha256,
                language=text.language,
                origin=origin,
                recorded_by=request.recorded_by,
                why=request.why,
                request_id=request.request_id,
                confirmed_at=now,
            )
            act = ConsentAct(*whose, True, _after(latest, now), f"{request.how}; confirmed by mail", proof)
            tx.people.record_consents([act], now)
            return whose

        person_id, purpose, channel = self._write(write)
        return self._state(person_id, purpose, channel)

    def _ask_to_confirm(
        self,
        tx: Transaction,
        card: PersonCard,
        ask: Ask,
        text: ConsentText,
        speaker: Speaker,
        now: datetime,
    ) -> None:
        """One letter for each yes: who asks again while one is on its way gets no second one."""
        latest = latest_acts(tx.consents.acts(card.person_id)).get((ask.purpose, ask.channel))
        waits = pending(ask.purpose, ask.channel, latest, tx.consents.requests(card.person_id), now)
        if waits is not None and waits.text_sha256 == text.sha256:
            return
        if card.email is None:
            raise RefusedError(
                "consent.no_mailbox", "there is no e-mail address on record to which a link could be sent"
            )
        # Told apart from a no of the same moment, which came before it.
        asked_at = now if latest is None else max(now, latest.acted_at + timedelta(microseconds=1))
        request = ConsentRequest(
            new_id("cns", now),
            *(card.person_id, ask.purpose, ask.channel),
            *(text.version, text.sha256, text.language),
            *(asked_at, now + LIFETIME),
            *(speaker.how, speaker.origin, speaker.recorded_by, speaker.why),
        )
        tx.consents.add_request(request)
        link = self.links.make(CONFIRM_PATH, CONFIRM, {"request": request.request_id})
        title = self.purposes.by_name[ask.purpose].title(card.language)
        self.letters.confirm(tx, card, request, title, text, link)

    def _shown(self, tx: Transaction, ask: Ask, shown: str, card: PersonCard) -> ConsentText:
        """The text of today that has this hash; raises `ConflictError` with both where there is none."""
        text = ask.known(shown)
        if text is not None and ask.is_current(text):
            recorded = tx.consents.recorded_text(ask, text.version, text.language)
            if recorded in (None, text.sha256):
                return text
            before = tx.consents.text(recorded)
            raise ConflictError(
                "consent.text_edited",
                phrase(
                    "version {version} of the words on {purpose} is on record with other words; its operator "
                    "has to give the changed ones a version of their own",
                    version=text.version,
                    purpose=word(ask.purpose),
                ),
                {"shown": text_view(text), "recorded": text_view(before) if before else None},
            )
        older, current = text or tx.consents.text(shown), ask.current(card.language)
        unknown = phrase("words that are none of ours")
        which = phrase("version {version}", version=older.version) if older else unknown
        raise ConflictError(
            "consent.text_changed",
            phrase(
                "what was shown is {which}, and the words on {purpose} are now version {version}; show "
                "these, and ask again",
                which=which,
                purpose=word(ask.purpose),
                version=current.version,
            ),
            {"shown": text_view(older) if older else {"sha256": shown}, "current": text_view(current)},
        )

    def _keep_text(self, tx: Transaction, ask: Ask, text: ConsentText, now: datetime) -> None:
        if tx.consents.recorded_text(ask, text.version, text.language) is None:
            tx.consents.keep_text(ask, text, now)

    def _ask(self, purpose: str, channel: str) -> Ask:
        ask = self.purposes.ask(purpose, channel)
        if ask is None:
            raise self._unknown(purpose, channel)
        return ask

    def _unknown(self, purpose: str, channel: str) -> NotFoundError:
        known = ", ".join(f"{ask.purpose}/{ask.channel}" for _, ask in self.purposes.asks())
        return NotFoundError(
            "consent.purpose", f"nobody is asked about {purpose}/{channel}; there are {known}"
        )

    def _opened(self, tx: Transaction, link: str) -> ConsentRequest:
        told = self.links.opened(CONFIRM, link)
        request = tx.consents.request(told["request"]) if told else None
        is_live = request is not None and self.clock() < request.expires_at
        # Of who was erased only the proof is left: their link is as good as expired.
        if request is None or not is_live or tx.people.card(request.person_id) is None:
            raise NotFoundError("consent.link", "this link is none, or it has expired; ask for another one")
        return request

    def _written(
        self, write: Callable[[Transaction, datetime], None], person_id: str, purpose: str, channel: str
    ) -> View:
        self._write(write)
        return self._state(person_id, purpose, channel)

    def _write(self, write: Callable[[Transaction, datetime], Done]) -> Done:
        now = self.clock()

        def once() -> Done:
            with self.store.write() as tx:
                return write(tx, now)

        try:
            return retried(once)
        except KeyTakenError:
            # Two people agreed to a new text at the same moment, or one link was used twice.
            return retried(once)

    def _state(self, person_id: str, purpose: str, channel: str) -> View:
        for one in self.of(person_id)["consents"]:
            if (one["purpose"], one["channel"]) == (purpose, channel):
                return one
        # Declared no longer, and withdrawn just now.
        with self.store.read() as tx:
            return act_view(latest_acts(tx.consents.acts(person_id))[purpose, channel])


def _card(tx: Transaction, person_id: str) -> PersonCard:
    card = tx.people.card(person_id)
    if card is None:
        raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
    return card


def _locked(tx: Transaction, person_id: str) -> PersonCard:
    tx.consents.lock(person_id)
    return _card(tx, person_id)


def _requests(tx: Transaction, card: PersonCard) -> list[ConsentRequest]:
    return tx.consents.requests(card.person_id)


def _after(latest: ConsentAct | None, now: datetime) -> datetime:
    """When a new act took place: never before the one that it ends, whichever clock ran ahead."""
    return now if latest is None else max(now, latest.acted_at)


def _proof(speaker: Speaker, text: ConsentText | None) -> Proof:
    return Proof(
        through=speaker.through,
        text_version=text.version if text else None,
        text_sha256=text.sha256 if text else "",
        language=text.language if text else "",
        origin=speaker.origin,
        recorded_by=speaker.recorded_by,
        why=speaker.why,
    )


def _act(ask: Ask, given: bool, speaker: Speaker, at: datetime, text: ConsentText) -> ConsentAct:
    return ConsentAct(
        speaker.person_id, ask.purpose, ask.channel, given, at, speaker.how, _proof(speaker, text)
    )
