"""Signing in at an OpenID provider: the code flow with PKCE, state and nonce; its access tokens as bearers.

What the browser has to bring back stands sealed in a cookie of its own, so that any process can go on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from perks_engine.domain.phrase import phrase, said
from perks_engine.domain.providers import EMAIL, INFLUENCER, Claims, Provider, RoleRule, claim_of
from perks_engine.domain.sealed_links import LinkSeal, derived_key
from perks_engine.domain.statements import Subject, SubjectKind, subject_of
from perks_engine.services.access import ALL_BRANDS, Actor, Role, holder_problem
from perks_engine.services.errors import BusyError, ForbiddenError, InvalidInputError, NotFoundError
from perks_engine.services.links import Links
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.session_records import Logout, Session
from perks_engine.services.sessions import Sessions

LIFETIME = timedelta(minutes=10)
"""For signing in at the provider."""
BACK = "/v1/sign-in/back"
LOGOUT = "/v1/sign-in/logout"
LEEWAY = timedelta(seconds=60)
"""By how much the provider's clock may differ from ours."""
LOGOUTS_KEPT = timedelta(days=30)
"""For so long it is known who signed out at a provider; an access token that is older is not taken."""
_PURPOSE = "perks-engine provider sign-in 1"


_UNUSABLE = said(
    "{provider} gave an answer that cannot be used here. Try again; if it goes on, tell whoever runs this."
)
_AWAY = said("{provider} does not answer at the moment. Try again later, or sign in another way.")
_NOT_LET_IN = said("{provider} did not let you in; you may have stopped there. Begin again.")
_NO_ROLE = said("You have no role here. Whoever runs this says who has.")
_NOT_VERIFIED = said("{provider} has not verified your e-mail address. Have it do so, then sign in again.")
_NOT_ONE = said("Nobody is on record here at your address, or more than one person is.")


class NotVouchedError(Exception):
    """The provider, or whoever speaks for it, vouches for nobody; the message says why. `told` are the words
    for who signs in, who can mend little of it."""

    def __init__(self, why: str, told: str = _UNUSABLE) -> None:
        super().__init__(why)
        self.told = told


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the provider is sent, and has to give back or be shown: all of it new for each sign-in."""

    state: str
    nonce: str
    verifier: str

    @property
    def code_challenge(self) -> str:
        """S256 (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OpenIdClient(Protocol):
    """Speaks with providers. Raises `NotVouchedError` for what does not hold, and `BusyError` where the
    provider does not answer."""

    def address(self, provider: Provider, challenge: Challenge, back: str) -> str: ...
    def issuer_of(self, token: str) -> str | None:
        """Who a token says made it; not checked yet. None where it is no JWT."""
        ...

    def by_code(self, provider: Provider, code: str, challenge: Challenge, back: str) -> Claims: ...
    def by_token(self, provider: Provider, token: str) -> Claims: ...
    def by_logout_token(self, provider: Provider, token: str) -> Claims: ...


@dataclass(frozen=True, slots=True)
class Known:
    """Who the claims are of."""

    role: Role
    brands: tuple[str, ...] = ()
    person_id: str | None = None
    holder: str | None = None


@dataclass(frozen=True)
class Vouching:
    """`public_url` is where this engine is reached from outside, without a slash at its end."""

    store: Store
    providers: tuple[Provider, ...]
    client: OpenIdClient
    links: Links
    sessions: Sessions
    clock: Clock
    public_url: str

    def provider(self, name: str) -> Provider:
        for one in self.providers:
            if one.name == name:
                return one
        raise NotFoundError(
            "sign_in.provider_unknown", phrase("nobody signs in with '{name}' here", name=name[:60])
        )

    def start(self, name: str) -> tuple[str, str]:
        """The address to send the browser to, and what it has to bring back, sealed."""
        provider = self.provider(name)
        self.links.require_key()
        challenge = Challenge(*(secrets.token_urlsafe(32) for _ in range(3)))
        ends = (self.clock() + LIFETIME).timestamp()
        held = {
            "provider": name,
            "ends": ends,
            "given": [challenge.state, challenge.nonce, challenge.verifier],
        }
        sealed = LinkSeal(derived_key(self.links.secrets()[0], _PURPOSE)).seal(json.dumps(held))
        with _told_to_people(provider):
            return self.client.address(provider, challenge, self._back(provider)), sealed

    def finish(self, name: str, held: str, brought: Mapping[str, str]) -> tuple[Session, str]:
        """A new session and its cookie. `held` is what the browser held, `brought` what it came back with.

        Raises `ForbiddenError` where the provider does not vouch for them, or they are nobody here."""
        provider = self.provider(name)
        challenge = self._held(provider, held)
        if challenge is None or not hmac.compare_digest(
            challenge.state.encode(), brought.get("state", "").encode()
        ):
            raise ForbiddenError(
                "sign_in.state",
                phrase("this sign-in was not begun in this browser, or too long ago; begin again"),
            )
        with _told_to_people(provider):
            claims = self._claims(provider, challenge, brought)
            with self.store.write() as tx:
                known = _known(tx, provider, claims)
                now = self.clock()
                asked = Session("", "", known.role.value, now, now, known.person_id, known.holder)
                return self.sessions.start(tx, _of(asked, known, provider, claims))

    def _claims(self, provider: Provider, challenge: Challenge, brought: Mapping[str, str]) -> Claims:
        # RFC 9207: an answer of another provider than the one that was asked.
        if brought.get("iss", provider.issuer) != provider.issuer:
            raise NotVouchedError("the answer is that of another provider")
        if "code" not in brought:
            raise NotVouchedError("it did not let you in", _NOT_LET_IN)
        return self.client.by_code(provider, brought["code"], challenge, self._back(provider))

    def actor(self, token: str) -> Actor | None:
        """Who bears this access token, or None where no provider whose tokens are taken made it."""
        issuer = self.client.issuer_of(token)
        for provider in self.providers:
            if provider.audience is not None and provider.issuer == issuer:
                try:
                    claims = self.client.by_token(provider, token)
                    with self.store.read() as tx:
                        self._require_signed_in(tx, provider, claims)
                        return _actor(_known(tx, provider, claims), provider, claims)
                except NotVouchedError:
                    continue
        return None

    def logged_out(self, name: str, token: str) -> int:
        """The provider says that somebody signed out there (OpenID Connect Back-Channel Logout 1.0): their
        sessions here that began before it said so end; returns how many.

        Raises `InvalidInputError` where the provider did not say so."""
        provider = self.provider(name)
        try:
            claims = self.client.by_logout_token(provider, token)
        except NotVouchedError as error:
            raise InvalidInputError("sign_in.logout_token", f"{provider.title}: {error}") from error
        said_at = datetime.fromtimestamp(claims["iat"], UTC)
        with self.store.write() as tx:
            # A token that is sent again later ends nothing that began since.
            whose = (claims.get("sub"), claims.get("sid"))
            subject, session = (_hash(provider, one) if one is not None else None for one in whose)
            logout = Logout(_hash(provider, json.dumps([subject, session])), subject, session, said_at)
            tx.sessions.note_logout(logout, self.clock() - LOGOUTS_KEPT - LEEWAY)
            return tx.sessions.end_at(provider.name, *whose, said_at + LEEWAY)

    def _require_signed_in(self, tx: Transaction, provider: Provider, claims: Claims) -> None:
        """Raises `NotVouchedError` for an access token that was made before its bearer signed out at the
        provider. One that names no session may be of any session of theirs."""
        made_at = datetime.fromtimestamp(claims["iat"], UTC)
        if made_at < self.clock() - LOGOUTS_KEPT:
            raise NotVouchedError("its token is older than what is known of logouts; get a new one")
        session = claims.get("sid")
        session_hash = _hash(provider, session) if isinstance(session, str) else None
        ended_at = tx.sessions.logged_out_at(_hash(provider, claims["sub"]), session_hash)
        # Both times are of the provider's own clock.
        if ended_at is not None and made_at <= ended_at:
            raise NotVouchedError("its token is of somebody who signed out")

    def _held(self, provider: Provider, held: str) -> Challenge | None:
        for secret in self.links.secrets():
            text = LinkSeal(derived_key(secret, _PURPOSE)).opened(held)
            if text is None:
                continue
            told = json.loads(text)
            if told["provider"] == provider.name and self.clock().timestamp() < told["ends"]:
                return Challenge(*told["given"])
        return None

    def _back(self, provider: Provider) -> str:
        """Each provider has an address of its own to come back to, so that none answers for another."""
        return f"{self.public_url}{BACK}/{provider.name}"


def _hash(provider: Provider, text: str) -> str:
    """Whom a provider speaks of, so that it can be looked for and not read."""
    return hashlib.sha256(f"{provider.name}\0{text}".encode()).hexdigest()


@contextmanager
def _told_to_people(provider: Provider) -> Generator[None]:
    """What does not hold, and that the provider is away, with words for who signs in."""
    try:
        yield
    except NotVouchedError as error:
        refused = ForbiddenError("sign_in.provider", f"{provider.title}: {error}")
        refused.phrase = phrase(error.told, provider=provider.title)
        raise refused from error
    except BusyError as error:
        error.phrase = error.phrase or phrase(_AWAY, provider=provider.title)
        raise


def _of(asked: Session, known: Known, provider: Provider, claims: Claims) -> Session:
    session = claims.get("sid")
    values: dict[str, Any] = {"brands": known.brands, "provider": provider.name, "subject": claims["sub"]}
    values["provider_session"] = session if isinstance(session, str) else None
    return Session(
        *(asked.session_id, asked.secret_hash, asked.role, asked.created_at, asked.expires_at),
        *(asked.person_id, asked.holder),
        **values,
    )


def _actor(known: Known, provider: Provider, claims: Claims) -> Actor:
    name = known.holder or f"person {known.person_id}"
    if known.holder is None and known.person_id is None:
        name = f"service {provider.name}: {claims['sub']}"
    return Actor(
        name, known.role, known.brands, known.person_id, known.holder, None, f"{provider.name} token"
    )


def _known(tx: Transaction, provider: Provider, claims: Claims) -> Known:
    """Raises `NotVouchedError` for who has no role here, or is nobody on record."""
    rule = provider.rule_for(claims)
    if rule is None:
        raise NotVouchedError("you have no role here; whoever runs this says who has", _NO_ROLE)
    if rule.role == INFLUENCER:
        return Known(Role.INFLUENCER, person_id=_person(tx, rule, claims))
    brands = (ALL_BRANDS,) if rule.role == Role.OPERATOR else rule.brands_of(claims)
    if not brands:
        raise NotVouchedError("you reach no brand here", _NO_ROLE)
    return Known(Role(rule.role), brands, None, None if rule.service else _holder(provider, claims))


def _holder(provider: Provider, claims: Claims) -> str:
    found = _said(claims, provider.holder)
    name = found.casefold() if provider.holder == EMAIL else found
    if holder_problem(name):
        raise NotVouchedError(f"the claim {provider.holder} holds no name")
    return name


def _person(tx: Transaction, rule: RoleRule, claims: Claims) -> str:
    found = _said(claims, rule.person or "")
    if rule.person != EMAIL:
        if tx.people.card(found) is None:
            raise NotVouchedError("nobody is on record here as you", _NO_ROLE)
        return found
    subject = subject_of(found)
    at = subject.value if subject and subject.kind is SubjectKind.EMAIL else ""
    people = tx.statements.people(Subject(SubjectKind.EMAIL, at)) if at else []
    if len(people) != 1:
        raise NotVouchedError("nobody, or more than one, is reached at your address here", _NOT_ONE)
    return people[0].person_id


def _said(claims: Claims, name: str) -> str:
    """The text of a claim; an address has to be verified by the provider."""
    found = claim_of(claims, name)
    if not isinstance(found, str) or not found:
        raise NotVouchedError(f"it says nothing in the claim {name}")
    if name == EMAIL and claims.get("email_verified") is not True:
        raise NotVouchedError("it has not verified your e-mail address", _NOT_VERIFIED)
    return found
