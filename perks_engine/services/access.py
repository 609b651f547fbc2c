"""Who may do what: roles, the brands they reach, and the human behind whoever acts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.errors import ForbiddenError


class Role(StrEnum):
    INFLUENCER = "influencer"
    BRAND_MANAGER = "brand_manager"
    FULFILLMENT = "fulfillment"
    COMPLIANCE = "compliance"
    OPERATOR = "operator"


class Permission(StrEnum):
    CLAIM = "claim"
    RECORD_FULFILLMENT = "record_fulfillment"
    APPROVE_CLAIMS = "approve_claims"
    EXPORT_DISCLOSURES = "export_disclosures"
    SEE_CAMPAIGNS = "see_campaigns"
    RUN_CAMPAIGNS = "run_campaigns"
    SETTLE_DISPUTES = "settle_disputes"
    MAKE_STATEMENTS = "make_statements"
    SEE_LEGAL_NAMES = "see_legal_names"
    RECORD_SIGHTINGS = "record_sightings"
    EXPORT_TAX = "export_tax"
    RUN_INCIDENTS = "run_incidents"
    RECORD_CONSENTS = "record_consents"
    MANAGE_WEBHOOKS = "manage_webhooks"
    KEEP_RECORDS = "keep_records"
    READ_FEEDBACK = "read_feedback"
    JUDGE_POSTS = "judge_posts"
    PROMOTE = "promote"
    RETRACT_PROMOTIONS = "retract_promotions"
    MAKE_OFFERS = "make_offers"
    MANAGE_TOKENS = "manage_tokens"
    APPROVE_CAMPAIGNS = "approve_campaigns"


_OF_COMPLIANCE = (Permission.SETTLE_DISPUTES, Permission.MAKE_STATEMENTS)

_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.INFLUENCER: frozenset({Permission.CLAIM}),
    Role.BRAND_MANAGER: frozenset(
        {
            Permission.SEE_CAMPAIGNS,
            Permission.RUN_CAMPAIGNS,
            Permission.EXPORT_DISCLOSURES,
            Permission.APPROVE_CLAIMS,
            Permission.MANAGE_WEBHOOKS,
            Permission.READ_FEEDBACK,
            Permission.JUDGE_POSTS,
            Permission.PROMOTE,
            Permission.RETRACT_PROMOTIONS,
            Permission.MAKE_OFFERS,
            Permission.APPROVE_CAMPAIGNS,
        }
    ),
    Role.FULFILLMENT: frozenset({Permission.RECORD_FULFILLMENT, Permission.SEE_CAMPAIGNS}),
    Role.COMPLIANCE: frozenset(
        {
            Permission.EXPORT_DISCLOSURES,
            Permission.SEE_CAMPAIGNS,
            Permission.SEE_LEGAL_NAMES,
            Permission.RECORD_SIGHTINGS,
            Permission.EXPORT_TAX,
            Permission.RUN_INCIDENTS,
            Permission.RECORD_CONSENTS,
            Permission.KEEP_RECORDS,
            Permission.READ_FEEDBACK,
            Permission.JUDGE_POSTS,
            Permission.RETRACT_PROMOTIONS,
            Permission.APPROVE_CAMPAIGNS,
            *_OF_COMPLIANCE,
        }
    ),
    # Who runs the machines does not decide what a brand says of people.
    Role.OPERATOR: frozenset(set(Permission) - {Permission.CLAIM, Permission.PROMOTE, *_OF_COMPLIANCE}),
}

ALL_BRANDS = "*"


def permissions_of(role: Role) -> frozenset[Permission]:
    return _PERMISSIONS[role]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting. `name` is what the ledger records and what idempotency keys belong to: that of the
    human, by whichever credential they act, and of a service one that nobody else has.

    `brands` are those that a member of staff reaches, `*` all of them. `holder` is the human behind a
    credential of staff, None for a service. With `only`, the actor may do no more than those of what the
    role may. `credential` is the id of the token or session."""

    name: str
    role: Role
    brands: tuple[str, ...] = ()
    person_id: str | None = None
    holder: str | None = None
    only: frozenset[Permission] | None = None
    credential: str = ""

    @property
    def reach(self) -> tuple[str, ...] | None:
        """The brands that this member of staff reaches, None for all."""
        return None if ALL_BRANDS in self.brands else self.brands

    @property
    def permissions(self) -> frozenset[Permission]:
        held = _PERMISSIONS[self.role]
        return held if self.only is None else held & self.only

    def may(self, permission: Permission, brand: str | None = None) -> bool:
        if permission not in self.permissions:
            return False
        return brand is None or ALL_BRANDS in self.brands or brand in self.brands

    def require(self, permission: Permission, brand: str | None = None) -> None:
        """Raises `ForbiddenError` naming the role, the permission or the brand that is missing."""
        if permission not in _PERMISSIONS[self.role]:
            able = " or ".join(role.value for role, held in _PERMISSIONS.items() if permission in held)
            raise ForbiddenError(
                "access.role",
                f"the role {self.role} may not {permission.value.replace('_', ' ')}; {able} may",
            )
        if permission not in self.permissions:
            raise ForbiddenError(
                "access.permission",
                f"this token was made without the permission {permission}; use one that has it",
            )
        if not self.may(permission, brand):
            raise ForbiddenError(
                "access.brand", phrase("this token does not reach the brand {brand}", brand=brand or "")
            )

    def require_human(self, what: Phrase) -> str:
        """The human who acts, for what only a human may do: two-person rules count humans, not credentials.

        Raises `ForbiddenError` for a service."""
        if self.holder is None:
            raise ForbiddenError(
                "access.human",
                phrase(
                    "{what} needs a human, and no human stands behind this token; sign in, or use a token "
                    "that was issued to you (perks token issue --holder NAME)",
                    what=what,
                ),
            )
        return self.holder

    def own_person(self) -> str:
        """The person that an influencer's token stands for."""
        self.require(Permission.CLAIM)
        if self.person_id is None:
            raise ForbiddenError("access.person", "this token stands for no person")
        return self.person_id


def same_human(one: str, other: str) -> bool:
    """Whether two names are one human's: `Mara` and `mara ` are."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


LONGEST_HOLDER = 120
_RESERVED = re.compile(r"\(\w+_[0-9a-z]{26}\)|^(person|service) ")


def holder_problem(name: str) -> str | None:
    """What is wrong with a name for a human of staff; it must not read like that of something else."""
    if not name or name != " ".join(name.split()) or not name.isprintable():
        return "is not a name: one line, without spaces at its ends"
    if len(name) > LONGEST_HOLDER:
        return f"has {len(name)} characters; at most {LONGEST_HOLDER}"
    if _RESERVED.search(_folded(name)):
        return "reads like the name of a service or of somebody on record"
    return None
