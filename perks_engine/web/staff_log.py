"""Writes down what staff did before the answer goes out: what cannot be written down is not acknowledged."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

import anyio.to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perks_engine.bootstrap import Application
from perks_engine.services.access import Actor
from perks_engine.web.access_rules import WATCHED
from perks_engine.web.acting import watching
from perks_engine.web.cookies import SAFE
from perks_engine.web.limits import refuse
from perks_engine.web.methods import IS_HEAD
from perks_engine.web.page_rules import UNCHANGED, WATCHED_PAGES
from perks_engine.web.request_log import REQUEST_ID, route_of

log = logging.getLogger(__name__)
_WORDS = (
    "it may be done already, but could not be written to the log of what staff does; send the same request "
    "again in a moment, with the same Idempotency-Key"
)


@dataclass
class _Asked:
    route: str
    about: dict[str, str]
    request_id: str
    status: int = 500
    code: str = ""


class StaffLog:
    """Below `RequestLog`, for the request has its id by then; around all that answers by a route."""

    def __init__(self, app: ASGIApp, engine: Application) -> None:
        self.app = app
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with watching() as actors:
            answer = _Answer(self, scope, send, actors)
            try:
                await self.app(scope, receive, answer.send)
            except Exception:
                await answer.failed()
                raise

    async def written(self, actor: Actor, asked: _Asked) -> bool:
        try:
            await anyio.to_thread.run_sync(self.engine.staff_actions.record, actor, asked)
        except Exception:
            log.exception("what staff did could not be written down")
            return False
        return True


@dataclass
class _Answer:
    """The head of an answer is held back until its first part is there, which says why it is as it is."""

    to: StaffLog
    scope: Scope
    onward: Send
    actors: list[Actor]
    head: Message | None = None
    is_replaced: bool = False

    async def send(self, message: Message) -> None:
        if self.is_replaced:
            return
        if message["type"] == "http.response.start" and self._is_watched():
            self.head = message
            return
        if self.head is not None:
            head, self.head = self.head, None
            if not await self.to.written(self.actors[-1], self._asked(head, message)):
                self.is_replaced = True
                await _unwritten(self.onward)
                return
            await self.onward(head)
        await self.onward(message)

    async def failed(self) -> None:
        """Something broke on the way to an answer."""
        if self._is_watched():
            await self.to.written(self.actors[-1], self._asked(None, None))

    def _is_watched(self) -> bool:
        if not self.actors or self.actors[-1].person_id is not None or self.scope.get(IS_HEAD):
            return False
        route = self._route
        if self.scope["method"] in SAFE:
            return route in WATCHED or route in WATCHED_PAGES
        return route not in UNCHANGED

    @property
    def _route(self) -> str:
        return f"{self.scope['method']} {route_of(self.scope)}"

    def _asked(self, head: Message | None, part: Message | None) -> _Asked:
        about = {name: str(value) for name, value in self.scope.get("path_params", {}).items()}
        asked = _Asked(self._route, about, str(self.scope["state"].get(REQUEST_ID, "")))
        if head is None or part is None:
            return asked
        asked.status = int(head["status"])
        if asked.status >= 400:
            try:
                asked.code = str(json.loads(part.get("body", b""))["code"])
            except (ValueError, KeyError, TypeError):
                asked.code = ""
        return asked


async def _unwritten(send: Send) -> None:
    more = [(b"retry-after", b"5")]
    await refuse(send, 503, "The log of staff cannot be written", "staff_log.unavailable", _WORDS, more)
