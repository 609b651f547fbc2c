"""What people show and say of themselves, so that what is unknown of them becomes known: where their device
is, when they were born, in which country they live, and what the catalogue lets them say (`own`).

Each is evidence like any other, with its source and time; whether that source counts is for the rule to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from perks_engine.campaigns.catalogue import DEFAULT_SOURCE, Attribute, Catalogue
from perks_engine.campaigns.countries import COUNTRIES
from perks_engine.campaigns.shapes import WORD
from perks_engine.campaigns.whereabouts import WIDENED_BY
from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.consent import latest_acts
from perks_engine.domain.evidence import CLAIMED, Evidence, Location, Value
from perks_engine.domain.geography import Disc
from perks_engine.domain.judge_values import OLDEST_AGE, completed_years
from perks_engine.domain.phrase import phrase
from perks_engine.services import campaign_refusals
from perks_engine.services.consents import Consents, Speaker
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.own_ways import BORN_ON, COUNTRY, DEVICE, LOCATION, Ways, named_words, ways_of
from perks_engine.services.people import LOWEST_AGE, fact_view
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.promotion_review import PromotionReview
from perks_engine.services.versions import Versions
from perks_engine.services.views import View

MOST_WORDS = 50
_DIGITS = 5
"""Of degrees: a metre, which is more than a device knows."""
_LEAST_M = 1.0
_SHOWN = (CampaignState.OPEN, CampaignState.SCHEDULED, CampaignState.PAUSED)
_WORD = re.compile(WORD.pattern)
_MOST_SPOKEN = (
    *("ar", "bn", "de", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "ko", "mr", "nl", "pa", "pl", "pt"),
    *("ru", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh"),
)
"""Nobody knows the codes of languages, so that there is a list to choose from."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Fix:
    """What a device reports: WGS 84 degrees, and the radius in metres that is right in 68 % of cases."""

    lat: float
    lon: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class OwnEvidence:
    store: Store
    versions: Versions
    catalogue: Catalogue
    consents: Consents
    review: PromotionReview
    clock: Clock

    def shown(self, person_id: str, language: str = "") -> View:
        """What is known of the person, and what they may show and say of it; what they would agree to in the
        language, else in theirs."""
        with self.store.read() as tx:
            facts = tx.people.evidence(person_id)
            versions = [one.version for one in tx.campaigns.all(_SHOWN) if one.version]
            named = named_words(self.versions.get(one, tx).eligibility for one in versions)
        asked = self.consents.of(person_id, language)["consents"]
        consent = next((one for one in asked if (one["purpose"], one["channel"]) == (LOCATION, DEVICE)), None)
        own = [one for one in self.catalogue.attributes.values() if one.own]
        return {
            "locations": _newest(facts, LOCATION),
            "consent": consent,
            "born_on": next(iter(_newest(facts, BORN_ON)), None),
            "words": [_said_view(one, facts, named.get(one.name, ())) for one in own],
        }

    def ways(self, campaign: str, unknown: Iterable[str]) -> Ways:
        """How a person can mend it that so much is unknown of them, by the live version of a campaign."""
        with self.store.read() as tx:
            record = tx.campaigns.get(campaign)
            if record is None or record.version is None:
                raise campaign_refusals.unknown(campaign)
            rule = self.versions.get(record.version, tx).eligibility
        own = {name for name, one in self.catalogue.attributes.items() if one.own}
        return ways_of(rule, frozenset(unknown), own)

    def share_location(self, speaker: Speaker, fix: Fix, shown: str = "") -> None:
        """Where the person's device is, as it says now. `shown` is the hash of the words on it that were on
        the screen, where they agree to them by this. Decisions keep what they used; beside them only the last
        one is kept.

        Raises `RefusedError` where the person did not agree to it, `ConflictError` where the words have
        changed meanwhile, and `InvalidInputError` for what can be no place.
        """
        radius_m = max(fix.accuracy_m, _LEAST_M) * WIDENED_BY
        disc = Disc(round(fix.lat, _DIGITS), round(fix.lon, _DIGITS), radius_m)
        if fix.accuracy_m <= 0 or not disc.is_sound():
            raise InvalidInputError(
                "evidence.location",
                phrase("Your device could not say where it is. Try it again, near a window or outdoors."),
            )
        if shown:
            self.consents.give(speaker, LOCATION, DEVICE, shown)

        def agreed(tx: Transaction) -> None:
            act = latest_acts(tx.consents.acts(speaker.person_id)).get((LOCATION, DEVICE))
            if act is None or not act.given:
                raise RefusedError(
                    "evidence.no_consent",
                    phrase("You have not agreed to it that your device tells where it is."),
                )

        self._put(speaker.person_id, [(LOCATION, Location(disc), DEVICE)], agreed)

    def say_country(self, person_id: str, country: str) -> None:
        """In which country they live, as they say themselves."""
        if country not in COUNTRIES:
            raise InvalidInputError("evidence.country", phrase("Choose a country from the list."))
        said = [(LOCATION, Location(country=country), CLAIMED), (COUNTRY, country, CLAIMED)]
        self._put(person_id, said)

    def confirm_birth_date(self, person_id: str, text: str) -> None:
        """When they were born; once, for who could try one day after the other would find one that fits. Of
        a day that makes them too young nothing is kept but that somebody was refused (16 CFR 312).

        Raises `RefusedError` for both, and `InvalidInputError` for what is no day of a life.
        """
        now = self.clock()
        born_on, today = _day(text), now.astimezone(UTC).date()
        if born_on is None or not 0 <= completed_years(born_on, today) <= OLDEST_AGE:
            raise InvalidInputError("evidence.birth_date", phrase("This can be no birth date."))
        if completed_years(born_on, today) < LOWEST_AGE:
            with self.store.write() as tx:
                tx.consents.count_refused(1, now)
            raise RefusedError(
                "evidence.too_young",
                phrase(
                    "Nobody below {age} is kept on record, and this day was not kept. If it is right, erase "
                    "your record.",
                    age=LOWEST_AGE,
                ),
            )

        def is_new(tx: Transaction) -> None:
            if any(fact.attribute == BORN_ON for fact in tx.people.evidence(person_id)):
                raise RefusedError(
                    "evidence.known",
                    phrase(
                        "A birth date is on record. Our staff corrects it, once they have seen the right one."
                    ),
                )

        self._put(person_id, [(BORN_ON, born_on, DEFAULT_SOURCE)], is_new)

    def say(self, person_id: str, attribute: str, words: Sequence[str]) -> None:
        """What they say of themselves, in the place of what they said before; no words take it back.

        Raises `NotFoundError` for what nobody says of themselves, `InvalidInputError` for words that it
        cannot have.
        """
        about = self.catalogue.attributes.get(attribute)
        if about is None or not about.own:
            own = ", ".join(name for name, one in self.catalogue.attributes.items() if one.own)
            raise NotFoundError(
                "evidence.not_own", f"people do not say {attribute} of themselves; they say {own}"
            )
        self._put(person_id, [(attribute, _value(about, words), DEFAULT_SOURCE)])

    def _put(
        self,
        person_id: str,
        said: Sequence[tuple[str, Value | None, str]],
        first: Callable[[Transaction], None] | None = None,
    ) -> None:
        """In the place of what was there from the same source, now; under a legal hold beside it."""
        now = self.clock()
        with self.store.write() as tx:
            if tx.keeping.lock(person_id) is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
            if first is not None:
                first(tx)
            held = bool(tx.keeping.holds(person_id))
            for attribute, value, source in said:
                if not held:
                    tx.keeping.drop_evidence(person_id, attribute, source)
                if value is not None:
                    tx.people.record_evidence(person_id, [Evidence(attribute, value, source, now)], now)
            self.review.of(tx, person_id, now)


def _newest(facts: Iterable[Evidence], attribute: str) -> list[View]:
    """The newest of each source, the newest first."""
    found = {one.source: one for one in sorted(facts, key=_seen) if one.attribute == attribute}
    return [fact_view(one) for one in sorted(found.values(), key=_seen, reverse=True)]


def _seen(fact: Evidence) -> Any:
    return fact.observed_at


def _said_view(about: Attribute, facts: Iterable[Evidence], named: Iterable[str]) -> View:
    """`said` is what they chose, `choices` what there is to choose from; where `free`, also other words."""
    own = [one for one in facts if one.attribute == about.name and one.source == DEFAULT_SOURCE]
    said: list[str] = []
    if own:
        value = max(own, key=_seen).value
        said = sorted(value) if isinstance(value, frozenset) else [_in_words(value)]
    is_language = about.name == "language"
    offered = {*named, *said, *(_MOST_SPOKEN if is_language else ())}
    choices = ("yes", "no") if about.type == "flag" else about.values or sorted(offered)
    return {
        "attribute": about.name,
        "title": about.title,
        "several": about.type == "words",
        "choices": list(choices),
        "free": not (about.values or about.type == "flag" or is_language),
        "said": said,
        "others": [one for one in _newest(facts, about.name) if one["source"] != DEFAULT_SOURCE],
    }


def _in_words(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _value(about: Attribute, words: Sequence[str]) -> Value | None:
    """None where nothing is said any more."""
    said = list(dict.fromkeys(one for one in map(_as_word, words) if one))
    if about.type == "flag":
        allowed: Sequence[str] = ("yes", "no")
    else:
        allowed = about.values
    shape = _LANGUAGE if about.name == "language" else _WORD
    wrong = [one for one in said if (one not in allowed if allowed else not shape.fullmatch(one))]
    if wrong or len(said) > MOST_WORDS or any(len(one) > WORD.longest for one in said):
        raise InvalidInputError(
            "evidence.words",
            phrase("“{word}” cannot be used. Words have letters from a to z, digits, - and _.", word=wrong[0])
            if wrong
            else phrase("These are too many words, or too long ones."),
        )
    if not said:
        return None
    if about.type == "words":
        return frozenset(said)
    return said[0] == "yes" if about.type == "flag" else said[0]


def _as_word(text: str) -> str:
    return "_".join(text.lower().split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
