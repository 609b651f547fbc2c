"""API tokens: issued, rotated, revoked, and who bears one. A token reads `perks.ID.SECRET`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from perks_engine.services.access import (
    ALL_BRANDS,
    Actor,
    Permission,
    Role,
    holder_problem,
    permissions_of,
    same_human,
)
from perks_engine.services.editions import ANY, Seen, edition
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.last_used import LastUsed
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import ClaimFacts
from perks_engine.services.token_records import NewSecret, Token
from perks_engine.services.views import View, instant_view

TOKEN_PREFIX = "perks."  # noqa: S105 - with which each begins; no secret
LONGEST_OVERLAP = timedelta(days=30)
LONGEST_LIFE = timedelta(days=366)
"""Of a token made over HTTP; the operator's command line may make one without an end."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is asked for. `holder` is the human who is to act by it; with `permissions` it may do no more
    than those of what its role may."""

    role: Role
    label: str
    brands: tuple[str, ...] = ()
    person_id: str | None = None
    lifetime: timedelta | None = None
    holder: str | None = None
    permissions: tuple[Permission, ...] | None = None

    def narrowed(self, permissions: tuple[Permission, ...] | None) -> NewToken:
        return replace(self, permissions=permissions)


@dataclass(frozen=True, slots=True)
class Tokens:
    store: Store
    clock: Clock
    last_used: LastUsed

    def issue(
        self,
        role: Role,
        label: str,
        brands: tuple[str, ...] = (),
        person_id: str | None = None,
        lifetime: timedelta | None = None,
        holder: str | None = None,
        permissions: tuple[Permission, ...] | None = None,
        by: str = "",
    ) -> tuple[Token, str]:
        """A new token and its text, which is shown this once and kept nowhere."""
        asked = NewToken(role, label, brands, person_id, lifetime, holder, permissions)
        with self.store.write() as tx:
            return self._add(tx, asked, by)

    def issue_as(self, actor: Actor, asked: NewToken, key: str) -> View:
        """A token for a service, or for the actor's own use; sent again under the same key, the answer is
        without the text.

        Nobody makes one that may do more than they may, or that another human is taken to act by. Raises
        `ForbiddenError` and `InvalidInputError`.
        """
        actor.require(Permission.MANAGE_TOKENS)
        _check(asked)
        _require_within(actor, asked)
        if asked.lifetime is None or not timedelta() < asked.lifetime <= LONGEST_LIFE:
            raise InvalidInputError("token.lifetime", f"a token lives for up to {LONGEST_LIFE.days} days")
        shown: dict[str, str] = {}

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            made, shown["secret"] = self._add(tx, asked, actor.name)
            view = token_view(made, self.clock())
            keep(view)
            return view

        request = {"operation": "token", "role": asked.role.value, "label": asked.label}
        request |= {"brands": list(asked.brands), "holder": asked.holder}
        request |= {"lifetime": asked.lifetime.total_seconds()}
        request |= {"permissions": None if asked.permissions is None else sorted(asked.permissions)}
        return {**once(self.store, f"staff:{actor.name}", key, request, self.clock(), work), **shown}

    def _add(self, tx: Transaction, asked: NewToken, by: str) -> tuple[Token, str]:
        _check(asked)
        now, secret = self.clock(), secrets.token_urlsafe(32)
        token = Token(
            token_id=new_id("tok", now),
            secret_hash=_hash(secret),
            label=asked.label,
            role=asked.role.value,
            brands=(ALL_BRANDS,) if asked.role is Role.OPERATOR else asked.brands,
            person_id=asked.person_id,
            created_at=now,
            expires_at=now + asked.lifetime if asked.lifetime else None,
            holder=asked.holder,
            permissions=None if asked.permissions is None else tuple(sorted(set(asked.permissions))),
            issued_by=by,
        )
        if asked.person_id is not None and tx.people.card(asked.person_id) is None:
            raise NotFoundError("person.unknown", f"nobody is on record as {asked.person_id}")
        tx.tokens.add(token)
        return token, _text(token.token_id, secret)

    def actor(self, text: str) -> Actor | None:
        """Who bears this token, or None where it is unknown, expired or revoked."""
        return self._admitted(self._borne(text))

    def actor_and_facts(
        self, text: str, campaign: str, key: str = ""
    ) -> tuple[Actor, ClaimFacts | None] | None:
        """The same, and what a claim of theirs rests on, found in one look at the database: no facts where
        the token stands for no person."""
        token_id, secret = _taken_apart(text)
        if not secret:
            return None
        with self.store.look() as look:
            found = look.borne(token_id, _hash(secret), campaign, key)
        actor = self._admitted(self._matching(found[0] if found else None, secret))
        return (actor, found[1]) if actor and found else None

    def _admitted(self, token: Token | None) -> Actor | None:
        now = self.clock()
        if token is None or not _is_live(token, now):
            return None
        self.last_used.note(token.token_id, now)
        only = None if token.permissions is None else frozenset(map(Permission, token.permissions))
        name = token.holder or f"{token.label} ({token.token_id})"
        return Actor(
            *(name, Role(token.role), token.brands, token.person_id, token.holder, only, token.token_id)
        )

    def _borne(self, text: str) -> Token | None:
        """The token that this is the text of, live or not."""
        token_id, secret = _taken_apart(text)
        if not secret:
            return None
        with self.store.look() as look:
            token = look.token(token_id)
        return self._matching(token, secret)

    def _matching(self, token: Token | None, secret: str) -> Token | None:
        given = _hash(secret)
        # An unknown token costs the same comparisons as a wrong secret, and one without an older secret too.
        is_newest = hmac.compare_digest(token.secret_hash if token else _hash(""), given)
        is_older = hmac.compare_digest((token.older_hash if token else None) or _hash(""), given)
        if token is None or is_newest:
            return token if is_newest else None
        works_along = token.older_until is not None and self.clock() < token.older_until
        return token if is_older and works_along else None

    def erased(self, text: str) -> str | None:
        """The pseudonym of who bore this token before they were erased; None for every other text."""
        token = self._borne(text)
        if token is None or token.person_id is None:
            return None
        with self.store.read() as tx:
            return token.person_id if tx.keeping.erasure(token.person_id) else None

    def all(self) -> list[Token]:
        self.last_used.flush()
        with self.store.read() as tx:
            return tx.tokens.all()

    def seen_by(self, actor: Actor, after: str | None, limit: int) -> list[View]:
        """All tokens, without their secrets, the oldest first."""
        actor.require(Permission.MANAGE_TOKENS)
        self.last_used.flush()
        with self.store.read() as tx:
            return [token_view(one, self.clock()) for one in tx.tokens.all(after, limit)]

    def show(self, actor: Actor, token_id: str) -> View:
        """One token, without its secrets, for who manages tokens and for its bearer; or `NotFoundError`."""
        _require_manages(actor, token_id)
        self.last_used.flush()
        with self.store.read() as tx:
            found = tx.tokens.get(token_id)
        if found is None:
            raise NotFoundError("token.unknown", f"there is no token {token_id}")
        return token_view(found, self.clock())

    def revoke(self, token_id: str) -> None:
        with self.store.write() as tx:
            if not tx.tokens.revoke(token_id, self.clock()):
                raise NotFoundError("token.unknown", f"there is no live token {token_id}")
            tx.sessions.end_by(token_id)

    def revoke_all(self, holder: str | None, person_id: str | None) -> tuple[int, int]:
        """End all that a member of staff, or a person, acts by: who has left, or lost a device. Returns how
        many tokens and how many sessions; raises `InvalidInputError` unless one of the two is named."""
        if (holder is None) == (person_id is None):
            raise InvalidInputError("token.whose", "name a token, a holder or a person: one of them")
        now = self.clock()
        with self.store.write() as tx:
            ended = [
                tx.tokens.revoke(one.token_id, now)
                for one in tx.tokens.all()
                if (person_id is not None and one.person_id == person_id)
                or (holder is not None and one.holder is not None and same_human(one.holder, holder))
            ]
            return sum(ended), tx.sessions.end_all(person_id, holder)

    def revoke_as(self, actor: Actor, token_id: str) -> None:
        """Who manages tokens ends any; everybody ends the one that they bear."""
        _require_manages(actor, token_id)
        self.revoke(token_id)

    def rotate(
        self, token_id: str, overlap: timedelta, lifetime: timedelta | None = None
    ) -> tuple[Token, str]:
        """A new secret for the token, which keeps its id; the one before works for `overlap` more, any older
        one no more. With `lifetime` the token lives so long from now, else as long as it would have.

        Raises `NotFoundError` where it is not live, and `RefusedError` where it was rotated meanwhile.
        """
        with self.store.write() as tx:
            return self._rotate(tx, token_id, overlap, lifetime, ANY)

    def rotate_as(
        self, actor: Actor, token_id: str, overlap: timedelta, key: str, looked: Seen = ANY
    ) -> View:
        """Who manages tokens rotates those that may do no more than they may; everybody the one they bear.
        Sent again under the same key, nothing is rotated again, and the answer is without the text. Raises
        `StaleError` where it was rotated since one looked: the secret of who did it would soon end."""
        _require_manages(actor, token_id)
        shown: dict[str, str] = {}

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            found = tx.tokens.get(token_id)
            if found is not None and actor.credential != token_id:
                _require_within(actor, _asked_again(found))
            made, shown["secret"] = self._rotate(tx, token_id, overlap, None, looked)
            view = token_view(made, self.clock())
            keep(view)
            return view

        request = {"operation": "rotate", "token": token_id, "overlap": overlap.total_seconds()}
        return {**once(self.store, f"staff:{actor.name}", key, request, self.clock(), work), **shown}

    def _rotate(
        self, tx: Transaction, token_id: str, overlap: timedelta, lifetime: timedelta | None, looked: Seen
    ) -> tuple[Token, str]:
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise InvalidInputError(
                "token.overlap", f"the secret before works along for up to {LONGEST_OVERLAP.days} days"
            )
        now, text = self.clock(), secrets.token_urlsafe(32)
        found = tx.tokens.get(token_id)
        if found is None or not _is_live(found, now):
            raise NotFoundError("token.unknown", f"there is no live token {token_id}")
        # Of what is rotated below: who was faster since this was read is found by its secret.
        looked.require(lambda: token_edition(token_view(found, now)))
        until = now + lifetime if lifetime else found.expires_at
        made = NewSecret(token_id, found.secret_hash, _hash(text), now + overlap, until, now)
        if not tx.tokens.rotate(made):
            raise RefusedError("token.rotated", f"{token_id} was rotated by somebody else at this moment")
        # Whoever signed in by the secret that is no more shows the new one.
        tx.sessions.end_by(token_id)
        rotated = replace(
            found,
            secret_hash=made.secret_hash,
            older_hash=made.before,
            older_until=made.older_until,
            expires_at=until,
            rotated_at=now,
        )
        return rotated, _text(token_id, text)


def _taken_apart(text: str) -> tuple[str, str]:
    """Of a token its id and its secret; no secret where the text is no token's."""
    prefix, _, rest = text.partition(".")
    token_id, _, secret = rest.partition(".")
    return token_id, secret if prefix == "perks" else ""


def _check(asked: NewToken) -> None:
    """Raises `InvalidInputError` for a token that would reach nothing, or be of two."""
    role = asked.role
    if role is Role.INFLUENCER and asked.person_id is None:
        raise InvalidInputError("token.person", "an influencer's token needs the person it stands for")
    if role is not Role.INFLUENCER and asked.person_id is not None:
        raise InvalidInputError("token.person", f"a token of the role {role} stands for no person")
    if role not in (Role.INFLUENCER, Role.OPERATOR) and not asked.brands:
        raise InvalidInputError("token.brand", f"a token of the role {role} needs a brand, or * for all")
    if role is Role.INFLUENCER and asked.holder is not None:
        raise InvalidInputError("token.holder", "an influencer's token has no holder but its person")
    if asked.holder is not None and (fault := holder_problem(asked.holder)):
        raise InvalidInputError("token.holder", f"the holder '{asked.holder}' {fault}")
    if asked.permissions is not None:
        if not asked.permissions:
            raise InvalidInputError("token.permissions", "a token without any permission opens nothing")
        beyond = sorted(set(asked.permissions) - permissions_of(role))
        if beyond:
            raise InvalidInputError(
                "token.permissions",
                f"the role {role} has no permission {', '.join(beyond)}; it has "
                f"{', '.join(sorted(permissions_of(role)))}",
            )


def _require_within(actor: Actor, asked: NewToken) -> None:
    """Raises `ForbiddenError` where the token could do what the actor cannot, or would be another human's."""
    wanted = permissions_of(asked.role) if asked.permissions is None else frozenset(asked.permissions)
    beyond = sorted(wanted - actor.permissions)
    if beyond:
        raise ForbiddenError(
            "token.beyond",
            f"you cannot give what you may not do yourself: {', '.join(beyond)}; name `permissions` without "
            "it, or have it issued on the machine itself (perks token issue)",
        )
    if actor.reach is not None and not set(asked.brands) <= set(actor.reach):
        raise ForbiddenError("token.beyond", "you cannot give a brand that you do not reach yourself")
    if asked.holder is not None and asked.holder != actor.holder:
        raise ForbiddenError(
            "token.other_holder",
            "a token that a human acts by is made by that human, or on the machine itself",
        )


def _asked_again(token: Token) -> NewToken:
    permissions = None if token.permissions is None else tuple(map(Permission, token.permissions))
    asked = NewToken(Role(token.role), token.label, token.brands, token.person_id)
    return replace(asked, holder=token.holder, permissions=permissions)


def _require_manages(actor: Actor, token_id: str) -> None:
    if not actor.credential or actor.credential != token_id:
        actor.require(Permission.MANAGE_TOKENS)


def token_view(token: Token, now: datetime) -> View:
    older = token.older_until if token.older_until and token.older_until > now else None
    return {
        "token": token.token_id,
        "label": token.label,
        "role": token.role,
        "brands": list(token.brands),
        "person": token.person_id,
        "holder": token.holder,
        "permissions": None if token.permissions is None else list(token.permissions),
        "issued_by": token.issued_by,
        "created_at": instant_view(token.created_at),
        "expires_at": instant_view(token.expires_at),
        "revoked_at": instant_view(token.revoked_at),
        "rotated_at": instant_view(token.rotated_at),
        "older_secret_until": instant_view(older),
        "last_used_at": instant_view(token.last_used_at),
    }


def token_edition(view: View) -> str:
    """Of what a rotation changes; that it was used is no edit of anybody."""
    return edition([view[name] for name in ("token", "expires_at", "revoked_at", "rotated_at")])


def _text(token_id: str, secret: str) -> str:
    return f"perks.{token_id}.{secret}"


def _is_live(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
