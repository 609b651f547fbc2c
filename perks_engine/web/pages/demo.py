"""The first page of a demo: who is who, what to do as whom, and a button to be each of them. Only `perks
demo` puts it into its service: whoever reaches this page can be anybody on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from perks_engine.bootstrap import Application
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.web.callers import CookiesOf, Engine
from perks_engine.web.pages.console_entrance import require_own
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.shell import show

_LOOKING = Actor("demo", Role.OPERATOR, (ALL_BRANDS,))
MOST = 50
_STEPS = ("written", "approved", "opened", "claimed", "sent", "received", "posted", "reviewed")


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody whom a visitor can be: by a person of the record, or by a token of staff."""

    name: str
    person: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """`file` is a campaign to write, of `brand`; `claims` by whom its steps are told as done."""

    players: Sequence[Player]
    file: str
    brand: str
    receives: str


def put_on_stage(app: FastAPI, stage: Stage) -> FastAPI:
    """The app with the guide as its first page, in place of the one that it has."""
    router = APIRouter(include_in_schema=False)
    by_name = {one.name.lower(): one for one in stage.players}

    @router.get("/")
    def guide(engine: Engine, request: Request) -> Response:
        values = {"file": stage.file, "brand": stage.brand, "done": _done(engine, stage)}
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


def _done(engine: Application, stage: Stage) -> dict[str, bool]:
    """Which steps were taken, by what is on record of the first campaign of the brand."""
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
        "claimed": bool(claims),
        "sent": where in ("in_transit", "recipient"),
        "received": where == "recipient",
        "posted": bool(posts),
        "reviewed": any(one["state"] == "pass" for one in posts),
    }
