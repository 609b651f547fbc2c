"""The first page of a demo: who is who, what to do as whom, and a button to be each of them. Only `perks
demo` puts it into its service: whoever reaches this page can be anybody on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.middleware.base import RequestResponseEndpoint

from perks_engine.bootstrap import Application
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.web.callers import CookiesOf, Engine
from perks_engine.web.cookies import Cookies
from perks_engine.web.pages.console_entrance import require_own
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.shell import show

_LOOKING = Actor("demo", Role.OPERATOR, (ALL_BRANDS,))
MOST = 50
_PERK = re.compile(r"/my/perks/([a-z0-9-]+)")
_STEPS = ("written", "approved", "opened", "told", "claimed", "sent", "received", "posted", "reviewed")


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody whom a visitor can be: by a person of the record, or by a token of staff."""

    name: str
    person: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """`file` is a campaign to write, of `brand`; `receives` and `refused` are those by whose acts its steps
    are told as done."""

    players: Sequence[Player]
    file: str
    brand: str
    receives: str
    refused: str


def put_on_stage(app: FastAPI, stage: Stage) -> FastAPI:
    """The app with the guide as its first page, in place of the one that it has."""
    router = APIRouter(include_in_schema=False)
    by_name = {one.name.lower(): one for one in stage.players}

    looked = set[tuple[str, str]]()

    @app.middleware("http")
    async def note(request: Request, go_on: RequestResponseEndpoint) -> Response:
        """That a perk was looked at leaves no record, so the guide remembers it, as long as the demo runs."""
        answer = await go_on(request)
        found = _PERK.fullmatch(request.url.path)
        if found and (request.method, answer.status_code) == ("GET", 200):
            engine: Application = app.state.engine
            session = Cookies(engine.settings.public_url).read(request, "session")
            actor = await run_in_threadpool(engine.sessions.actor, session)
            looked.add((actor.person_id or "" if actor else "", found[1]))
        return answer

    @router.get("/")
    def guide(engine: Engine, request: Request) -> Response:
        values = {"file": stage.file, "brand": stage.brand, "done": _done(engine, stage, looked)}
        return show(engine, request, "demo", values)

    @router.post("/demo/{who}")
    def be(who: str, engine: Engine, cookies: CookiesOf, request: Request) -> Response:
        """Sign in as one of them, and out as whoever one was."""
        require_own(request)
        cookies.require_safe()
        player = by_name.get(who)
        if player is None:
            return see("/")
        engine.sessions.end(cookies.read(request, "session"))
        if player.person:
            with engine.store.write() as tx:
                session, text = engine.sessions.for_person(tx, player.person)
        else:
            session, text = engine.console.token_sign_in.start(player.token)
        answer = see("/home")
        cookies.put(answer, "session", text, session.expires_at - session.created_at)
        return answer

    app.state.guide = True
    app.router.routes[:0] = router.routes
    return app


def _done(engine: Application, stage: Stage, looked: AbstractSet[tuple[str, str]]) -> dict[str, bool]:
    """Which steps were taken, by what is on record of the first campaign of the brand, and by who `looked` at
    which perk."""
    seen = [one for one in engine.campaigning.seen_by(_LOOKING, None, MOST) if one["brand"] == stage.brand]
    if not seen:
        return dict.fromkeys(_STEPS, False)
    name = seen[0]["campaign"]
    latest = engine.campaigning.show_to(_LOOKING, name)["versions"][0]
    claims = engine.own_claims.of_campaign(stage.receives, name)
    where = claims[0]["where"] if claims else ""
    posts = engine.recipients.judging.own(stage.receives, claims[0]["claim"]) if claims else []
    return {
        "written": True,
        "approved": "approved_at" in latest,
        "opened": seen[0]["state"] == "open",
        "told": (stage.refused, name) in looked,
        "claimed": bool(claims),
        "sent": where in ("in_transit", "recipient"),
        "received": where == "recipient",
        "posted": bool(posts),
        "reviewed": any(one["state"] == "pass" for one in posts),
    }
