"""Who may do what: roles, the brands they reach, and the tokens that carry both."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Clock, Store
from perks_engine.services.records import Token


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


_OF_COMPLIANCE = (Permission.SETTLE_DISPUTES, Permission.MAKE_STATEMENTS)

_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.INFLUENCER: frozenset({Permission.CLAIM}),
    Role.BRAND_MANAGER: frozenset(
        {
            Permission.SEE_CAMPAIGNS,
            Permission.EXPORT_DISCLOSURES,
            Permission.APPROVE_CLAIMS,
            Permission.MANAGE_WEBHOOKS,
            Permission.READ_FEEDBACK,
            Permission.JUDGE_POSTS,
            Permission.PROMOTE,
            Permission.RETRACT_PROMOTIONS,
            Permission.MAKE_OFFERS,
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
            *_OF_COMPLIANCE,
        }
    ),
    # Who runs the machines does not decide what a brand says of people.
    Role.OPERATOR: frozenset(set(Permission) - {Permission.CLAIM, Permission.PROMOTE, *_OF_COMPLIANCE}),
}

ALL_BRANDS = "*"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting; no two share a `name`, which the ledger records and idempotency keys belong to.
    `brands` are those that a member of staff reaches, `*` all of them."""

    name: str
    role: Role
    brands: tuple[str, ...] = ()
    person_id: str | None = None

    @property
    def reach(self) -> tuple[str, ...] | None:
        """The brands that this member of staff reaches, None for all."""
        return None if ALL_BRANDS in self.brands else self.brands

    def may(self, permission: Permission, brand: str | None = None) -> bool:
        if permission not in _PERMISSIONS[self.role]:
            return False
        return brand is None or ALL_BRANDS in self.brands or brand in self.brands

    def require(self, permission: Permission, brand: str | None = None) -> None:
        """Raises `ForbiddenError` naming the role or the brand that is missing."""
        if permission not in _PERMISSIONS[self.role]:
            able = " or ".join(role.value for role, held in _PERMISSIONS.items() if permission in held)
            raise ForbiddenError(
                "access.role",
                f"the role {self.role} may not {permission.value.replace('_', ' ')}; {able} may",
            )
        if not self.may(permission, brand):
            raise ForbiddenError("access.brand", f"this token does not reach the brand {brand}")

    def own_person(self) -> str:
        """The person that an influencer's token stands for."""
        self.require(Permission.CLAIM)
        if self.person_id is None:
            raise ForbiddenError("access.person", "this token stands for no person")
        return self.person_id


@dataclass(frozen=True, slots=True)
class Access:
    """Issues, checks and revokes tokens. A token reads `perks.ID.SECRET`."""

    store: Store
    clock: Clock

    def issue(
        self,
        role: Role,
        label: str,
        brands: tuple[str, ...] = (),
        person_id: str | None = None,
        lifetime: timedelta | None = None,
    ) -> tuple[Token, str]:
        """A new token and its text, which is shown this once and kept nowhere."""
        if role is Role.INFLUENCER and person_id is None:
            raise InvalidInputError("token.person", "an influencer's token needs the person it stands for")
        if role is not Role.INFLUENCER and person_id is not None:
            raise InvalidInputError("token.person", f"a token of the role {role} stands for no person")
        if role not in (Role.INFLUENCER, Role.OPERATOR) and not brands:
            raise InvalidInputError("token.brand", f"a token of the role {role} needs a brand, or * for all")
        now = self.clock()
        secret = secrets.token_urlsafe(32)
        token = Token(
            token_id=new_id("tok", now),
            secret_hash=_hash(secret),
            label=label,
            role=role.value,
            brands=(ALL_BRANDS,) if role is Role.OPERATOR else brands,
            person_id=person_id,
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        with self.store.write() as tx:
            if person_id is not None and tx.people.card(person_id) is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
            tx.tokens.add(token)
        return token, f"perks.{token.token_id}.{secret}"

    def actor(self, text: str) -> Actor | None:
        """Who bears this token, or None where it is unknown, expired or revoked."""
        token = self._borne(text)
        if token is None or not _is_live(token, self.clock()):
            return None
        return Actor(f"{token.label} ({token.token_id})", Role(token.role), token.brands, token.person_id)

    def _borne(self, text: str) -> Token | None:
        """The token that this is the text of, live or not."""
        prefix, _, rest = text.partition(".")
        token_id, _, secret = rest.partition(".")
        if prefix != "perks" or not secret:
            return None
        with self.store.read() as tx:
            token = tx.tokens.get(token_id)
        # An unknown token costs the same comparison as a wrong secret.
        expected = token.secret_hash if token else _hash("")
        return token if hmac.compare_digest(expected, _hash(secret)) else None

    def erased(self, text: str) -> str | None:
        """The pseudonym of who bore this token before they were erased; None for every other text."""
        token = self._borne(text)
        if token is None or token.person_id is None:
            return None
        with self.store.read() as tx:
            return token.person_id if tx.keeping.erasure(token.person_id) else None

    def tokens(self) -> list[Token]:
        with self.store.read() as tx:
            return tx.tokens.all()

    def revoke(self, token_id: str) -> None:
        with self.store.write() as tx:
            if not tx.tokens.revoke(token_id, self.clock()):
                raise NotFoundError("token.unknown", f"there is no live token {token_id}")


def _is_live(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
