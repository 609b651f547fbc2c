"""The parts of the engine that only pages ask for."""

from __future__ import annotations

from functools import cached_property

from perks_engine.bootstrap.keyed import Keyed
from perks_engine.bootstrap.rules import RuleBook
from perks_engine.exports.checking import checked
from perks_engine.services.consents import Consents
from perks_engine.services.own_claims import OwnClaims
from perks_engine.services.own_evidence import OwnEvidence
from perks_engine.services.promotion_review import PromotionReview
from perks_engine.services.verifying import Verifying
from perks_engine.services.versions import Versions


class Paged(Keyed):
    versions: Versions
    rules: RuleBook
    consents: cached_property[Consents]
    promotion_review: cached_property[PromotionReview]

    @cached_property
    def own_evidence(self) -> OwnEvidence:
        parts = (self.rules.catalogue, self.consents, self.promotion_review)
        return OwnEvidence(self.store, self.versions, *parts, self.clock)

    @cached_property
    def own_claims(self) -> OwnClaims:
        return OwnClaims(self.store, self.versions, self.rules.renderer)

    @cached_property
    def verifying(self) -> Verifying:
        return Verifying(checked, lambda: self.sealing.keys.verifiers if self.sealing.has_keys else ())
