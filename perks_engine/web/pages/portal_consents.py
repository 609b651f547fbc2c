"""The portal's consents: each a switch, beside the very words that it agrees to, and all that I ever said."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import said
from perks_engine.services.consents import own_word
from perks_engine.services.errors import ConflictError
from perks_engine.web.callers import Engine
from perks_engine.web.link_pages import origin_of
from perks_engine.web.page_languages import language_for
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.portal_claims import Done
from perks_engine.web.pages.readers import Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/my/consents", include_in_schema=False)
Word = Annotated[StorableText, Path(max_length=60)]
_HOW = said("said on their own page")


@router.get("")
def my_consents(engine: Engine, reader: Reading, request: Request, done: Done = "") -> Response:
    """What I can be asked, and what I said to it."""
    return _shown(engine, reader, request, done)


@router.post("/{purpose}/{channel}")
def give(
    purpose: Word, channel: Word, engine: Engine, reader: Reading, form: Sent, request: Request
) -> Response:
    """Yes to the words that stood on the page; where they changed meanwhile, the new ones are shown."""
    speaker = own_word(reader.person, origin_of(request), _HOW)
    try:
        now = engine.consents.give(speaker, purpose, channel, form.text("words"))
    except ConflictError:
        return _shown(engine, reader, request, "changed", status=409)
    return see(f"/my/consents?done={'pending' if now['state'] == 'pending' else 'given'}")


@router.post("/{purpose}/{channel}/withdrawal")
def withdraw(
    purpose: Word, channel: Word, engine: Engine, reader: Reading, _form: Sent, request: Request
) -> Response:
    """No: from this moment on."""
    engine.consents.withdraw(own_word(reader.person, origin_of(request), _HOW), purpose, channel)
    return see("/my/consents?done=withdrawn")


def _shown(engine: Engine, reader: Reading, request: Request, done: str, status: int = 200) -> Response:
    found = engine.consents.of(reader.person, language_for(engine, request, reader.person))
    titles = {one["purpose"]: one["title"] for one in found["consents"]}
    history = [one | {"title": titles.get(one["purpose"], one["purpose"])} for one in found["history"]]
    values = {"consents": found["consents"], "history": history[::-1], "done": done}
    return show(engine, request, "portal/consents", values, status=status)
