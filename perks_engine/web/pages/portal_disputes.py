"""The portal's disputes: what I objected to, what became of it, and what I can add."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import phrase
from perks_engine.services.disputing import LONGEST_WORDS
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.web.callers import Engine
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.portal_claims import LONGEST_KEY, ON_A_PAGE, Done
from perks_engine.web.pages.readers import Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.told_errors import told
from perks_engine.web.routes_disputes import DisputeId, FileId
from perks_engine.web.values import Cursor, page

router = APIRouter(prefix="/my/disputes", include_in_schema=False)
FILES = re.compile(r"/my/disputes/[^/]+/files")
"""Where a body may be as large as a file and the form around it."""
_LONGEST_NAME = 200


@router.get("")
def my_disputes(engine: Engine, reader: Reading, request: Request, cursor: Cursor = None) -> Response:
    """The longest open first."""
    found = engine.disputing.seen_by(reader.actor, False, cursor, ON_A_PAGE + 1)
    shown = page("disputes", found, ON_A_PAGE, "dispute")
    values = {"disputes": shown["disputes"], "next": shown.get("next", ""), "cursor": cursor or ""}
    return show(engine, request, "portal/disputes", values)


@router.get("/{dispute}")
def my_dispute(
    dispute: DisputeId, engine: Engine, reader: Reading, request: Request, done: Done = ""
) -> Response:
    """One of them."""
    return _shown(dispute, engine, reader, request, done=done)


@router.post("/{dispute}/files")
def give_a_file(
    dispute: DisputeId, engine: Engine, reader: Reading, form: Sent, request: Request
) -> Response:
    """Something that shows it: a PDF, a picture or a text."""
    given = form.file("file")
    try:
        if given is None:
            raise InvalidInputError("file.empty", phrase("choose a file first"))
        engine.dispute_files.give(
            *(reader.actor, dispute, given.name[:_LONGEST_NAME], given.media_type, given.content),
            f"portal {form.text('key')[:LONGEST_KEY]}",
        )
    except (InvalidInputError, RefusedError) as error:
        return _shown(dispute, engine, reader, request, wrong=told(error), status=422)
    return see(f"/my/disputes/{dispute}?done=given")


@router.get("/{dispute}/files/{file}")
def take_a_file(dispute: DisputeId, file: FileId, engine: Engine, reader: Reading) -> Response:
    """A file that was given, to be saved: nothing of it is run or shown by the browser."""
    found, data = engine.dispute_files.take(reader.actor, dispute, file)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=found.kind, headers=headers)


@router.post("/{dispute}/withdrawal")
def withdraw(dispute: DisputeId, engine: Engine, reader: Reading, form: Sent) -> Response:
    """I take it back."""
    words = form.text("text")[:LONGEST_WORDS]
    engine.disputing.withdraw(reader.person, dispute, words, f"portal {form.text('key')[:LONGEST_KEY]}")
    return see(f"/my/disputes/{dispute}?done=withdrawn")


def _shown(
    dispute: str, engine: Engine, reader: Reading, request: Request, status: int = 200, **more: Any
) -> Response:
    found = engine.disputing.show(reader.actor, dispute)
    key = new_id("key", engine.clock())
    values = {"dispute": found, "key": key, "longest": LONGEST_WORDS, "done": "", "wrong": "", **more}
    return show(engine, request, "portal/dispute", values, status=status)
