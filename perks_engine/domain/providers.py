"""OpenID providers, and how what they say of somebody becomes a role: data of a deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROLES = ("influencer", "brand_manager", "fulfillment", "compliance", "operator")
INFLUENCER = "influencer"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Each of a key pair: a provider's public key never serves as a shared secret, and `none` is no algorithm."""
CHANGEABLE = ("name", "given_name", "family_name", "nickname", "preferred_username", "profile", "website")
"""Claims that are not unique, or that people change themselves (OpenID Connect Core, 5.7)."""
EMAIL = "email"
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Who has `has` in the claim `claim` acts in this role; without a claim everybody does.

    Brands are written out, or read from the claim `brands_from`. Of an influencer `person` is the claim that
    says who it is: the id here, or for `email` the address that they are reached at. With `service` it is no
    human, and approves nothing."""

    role: str
    claim: str | None = None
    has: str | None = None
    brands: tuple[str, ...] = ()
    brands_from: str | None = None
    person: str | None = None
    service: bool = False

    def fits(self, claims: Claims) -> bool:
        return self.claim is None or self.has in texts_of(claims, self.claim)

    def brands_of(self, claims: Claims) -> tuple[str, ...]:
        """Those from a claim cannot be `*`: that everything is reached is written down here, or nowhere."""
        if self.brands_from is None:
            return self.brands
        return tuple(one for one in texts_of(claims, self.brands_from) if one != "*")


@dataclass(frozen=True, slots=True)
class Provider:
    """`holder` is the claim that names a human of staff, by the name that all their credentials have. With
    `audience`, access tokens that are made out to it are taken as bearer tokens."""

    name: str
    title: str
    issuer: str
    client_id: str
    roles: tuple[RoleRule, ...]
    secret_file: str | None = None
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    holder: str = "sub"
    userinfo: bool = False
    audience: str | None = None

    def rule_for(self, claims: Claims) -> RoleRule | None:
        """The first that fits."""
        return next((rule for rule in self.roles if rule.fits(claims)), None)


def claim_of(claims: Claims, name: str) -> Any:
    """The claim of that name, else what stands there when dots lead into it (`realm_access.roles`)."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def texts_of(claims: Claims, name: str) -> tuple[str, ...]:
    """The texts of a claim that is one or a list of them; empty for all else."""
    found = claim_of(claims, name)
    if isinstance(found, str):
        return (found,)
    if isinstance(found, Sequence):
        return tuple(one for one in found if isinstance(one, str))
    return ()
