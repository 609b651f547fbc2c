"""What should have been so: the rule, the evidence, the sources by which decisions are judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from perks_engine.campaigns.person_facts import dated
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.codec import decode, encode
from perks_engine.domain.evidence import REGISTER, Evidence
from perks_engine.domain.phrase import phrase
from perks_engine.domain.recorded import Recorded
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.incident_records import Scope
from perks_engine.services.views import View


@dataclass(frozen=True, slots=True)
class Distrust:
    """What a source observed from `since` (included) to `until` (excluded) is not believed."""

    source: str
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, fact: Evidence) -> bool:
        return (
            fact.source == self.source
            and (self.since is None or fact.observed_at >= self.since)
            and (self.until is None or fact.observed_at < self.until)
        )


@dataclass(frozen=True, slots=True)
class Corrected:
    """What should have been so: the rule (`campaign`, named `version`, with the name and the bytes of each of
    its `areas` by SHA-256), what the evidence should have said (undated facts are of the moment of each
    decision), what is not to be believed. `source` is what the facts stand in for; where it is "", for all
    that is said of the same attributes.
    """

    campaign: Campaign | None = None
    version: str = ""
    areas: Mapping[str, tuple[str, bytes]] = field(default_factory=dict[str, tuple[str, bytes]])
    facts: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict[str, tuple[Evidence, ...]])
    facts_sha256: str = ""
    distrust: tuple[Distrust, ...] = ()
    source: str = ""

    def of(self, decision: Recorded) -> Recorded:
        """The decision with the evidence that it should have rested on."""
        person = decision.person
        facts = [fact for fact in person.evidence if not any(one.takes(fact) for one in self.distrust)]
        given = dated(self.facts.get(person.person_id, ()), decision.decided_at)
        if given:
            about = {(fact.attribute, fact.key) for fact in given}
            facts = [fact for fact in facts if not self._is_replaced(fact, about)]
        if len(facts) == len(person.evidence) and not given:
            return decision
        return replace(decision, person=replace(person, evidence=(*facts, *given)))

    def _is_replaced(self, fact: Evidence, about: set[tuple[str, str]]) -> bool:
        if fact.source == REGISTER:
            return False
        return fact.source == self.source if self.source else (fact.attribute, fact.key) in about

    def kept(self) -> View:
        """What a job keeps of it: all but the facts, which are about people, and the areas, which have a
        place of their own."""
        return {
            "version": self.version,
            "campaign": encode(self.campaign),
            "people": len(self.facts),
            "people_sha256": self.facts_sha256,
            "distrust": encode(self.distrust),
        }


def kept_correction(kept: Mapping[str, Any]) -> Corrected:
    """As it was, but for its facts."""
    return Corrected(
        campaign=decode(Campaign, kept["campaign"]) if kept["campaign"] else None,
        version=kept["version"],
        facts_sha256=kept["people_sha256"],
        distrust=decode(tuple[Distrust, ...], kept["distrust"]),
    )


def correction_view(kept: Mapping[str, Any]) -> View:
    return {
        "version": kept["version"] or None,
        "people": kept["people"],
        "people_sha256": kept["people_sha256"] or None,
        "distrust": kept["distrust"],
    }


def check_correction(corrected: Corrected, scope: Scope) -> None:
    """Raises `InvalidInputError` where nothing is corrected or what cannot be."""
    if corrected.campaign is None and not corrected.facts and not corrected.distrust:
        raise InvalidInputError(
            "incident.nothing_corrected",
            phrase(
                "nothing is corrected, so everything would come out as it did; name a version, a file of "
                "people "
                "or a source not to be believed"
            ),
        )
    if corrected.campaign is not None and corrected.campaign.name != scope.campaign:
        raise InvalidInputError(
            "incident.other_campaign",
            phrase(
                "the corrected rule is one of {name}, and the incident is about {what}; name a version of "
                "its own campaign",
                name=corrected.campaign.name,
                what=scope.campaign or phrase("all campaigns"),
            ),
        )
    for one in corrected.distrust:
        if one.source == REGISTER:
            raise InvalidInputError(
                "incident.register",
                phrase(
                    "the engine's own registers are corrected by acts, not by disbelief; name another source"
                ),
            )
        if one.since is not None and one.until is not None and one.since >= one.until:
            raise InvalidInputError(
                "incident.span",
                phrase(
                    "the span over which {source} is not believed ends before it begins", source=one.source
                ),
            )
