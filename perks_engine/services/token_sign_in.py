"""Staff signs a browser in by showing an API token once. Only a human's whole token opens a session: a
service reads no pages, and a session could do more than a token that was narrowed. It ends with the token."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.domain.phrase import phrase
from perks_engine.services.errors import ForbiddenError, RefusedError
from perks_engine.services.ports import Clock, Store
from perks_engine.services.session_records import Session
from perks_engine.services.sessions import Sessions
from perks_engine.services.tokens import Tokens


@dataclass(frozen=True, slots=True)
class TokenSignIn:
    store: Store
    tokens: Tokens
    sessions: Sessions
    clock: Clock

    def start(self, text: str) -> tuple[Session, str]:
        """The session and what its cookie says. Raises `RefusedError` for a token that opens nothing, and
        `ForbiddenError` for one that no session is begun by."""
        actor = self.tokens.actor(text)
        if actor is None:
            raise RefusedError(
                "sign_in.token",
                phrase("this token is unknown, expired or ended; ask who runs the engine for another"),
            )
        if actor.person_id is not None:
            raise ForbiddenError(
                "sign_in.person",
                phrase("this token is an influencer's; sign in by a link to your e-mail address"),
            )
        holder = actor.require_human(phrase("to sign in here"))
        if actor.only is not None:
            raise ForbiddenError(
                "sign_in.narrowed",
                phrase(
                    "this token was made for single permissions, and a session has all of a role; show "
                    "another"
                ),
            )
        now = self.clock()
        with self.store.write() as tx:
            token = tx.tokens.get(actor.credential)
            asked = Session("", "", actor.role.value, now, now, None, holder, actor.brands, actor.credential)
            return self.sessions.start(tx, asked, token.expires_at if token else now)
