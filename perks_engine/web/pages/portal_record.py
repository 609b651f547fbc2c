"""The portal's record: all that is held about me, what I can correct in it, the statement of the ledger about
me, and to leave, in one action and with a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.delivery.localising import LANGUAGES
from perks_engine.domain.phrase import Phrase
from perks_engine.domain.statements import Subject, SubjectKind
from perks_engine.exports.statement_files import statement_json
from perks_engine.services.editions import ANY, Seen
from perks_engine.services.errors import InvalidInputError, RefusedError, StaleError
from perks_engine.services.views import View
from perks_engine.web.callers import CookiesOf, Engine
from perks_engine.web.page_languages import language_for, words_for
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.portal_claims import Done
from perks_engine.web.pages.readers import Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.told_errors import told, told_of_fields

router = APIRouter(prefix="/my", include_in_schema=False)
_FIRST = ("decision", "claim", "message", "entry", "evidence", "consent", "dispute", "person")
"""What most look for, by table; all else after it."""
_MOST = 200
"""Promotions on the page."""
_FIELDS = ("name", "handle", "email", "speaks", "time_zone")


@router.get("/record")
def my_record(engine: Engine, reader: Reading, request: Request, done: Done = "") -> Response:
    """Everything that is held about me, why, and for how long; every decision and every letter is in it."""
    return _shown(engine, reader, request, done=done)


@router.post("/record")
def correct(engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """Correct what I know best."""
    given = {name: form.text(name) for name in _FIELDS if name in form.fields}
    # What the form says of the other fields is what it showed: not to be written over what came since.
    looked = Seen(frozenset((form.text("edition"),))) if "edition" in form.fields else ANY
    held = engine.people.own_fields(reader.person)
    changes: dict[str, Any] = {
        name: text or None for name, text in given.items() if text != (held[name] or "")
    }
    if not changes:
        return see("/my/record?done=same")
    try:
        engine.records.rectifying.correct_own(reader.person, changes, looked)
    except StaleError as error:
        return _shown(engine, reader, request, wrong=[told(error)], status=412)
    except (InvalidInputError, RefusedError) as error:
        problems = error.problems if isinstance(error, InvalidInputError) else ()
        wrong = told_of_fields(problems) or [told(error)]
        return _shown(engine, reader, request, wrong=wrong, given=given, status=422)
    return see("/my/record?done=corrected")


@router.post("/statement")
def my_statement(engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """What the ledger says about me, signed: as a PDF that carries its proof, or as JSON."""
    statement = engine.stating.make(Subject(SubjectKind.PERSON, reader.person))
    if form.text("format") == "json":
        data, ending, kind = statement_json(statement).encode(), "json", "application/json"
    else:
        data = engine.statement_document(statement, language_for(engine, request, reader.person))
        ending, kind = "pdf", "application/pdf"
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="statement.{ending}"',
    }
    return Response(data, media_type=kind, headers=headers)


@router.get("/leave")
def before_leaving(engine: Engine, reader: Reading, request: Request) -> Response:
    """What leaving does."""
    _ = reader.person
    return show(engine, request, "portal/leave", {"missing": False})


@router.post("/leave")
def leave(engine: Engine, reader: Reading, form: Sent, cookies: CookiesOf, request: Request) -> Response:
    """Erase my record, at once and whole; the answer is the receipt."""
    if not form.text("sure"):
        return show(engine, request, "portal/leave", {"missing": True}, status=422)
    spoken = language_for(engine, request, reader.person)  # afterwards nobody knows any more
    receipt = engine.records.erasing.erase_own(reader.person)
    answer = show(engine, request, "portal/left", receipt, language=spoken)
    cookies.drop(answer, "session")
    return answer


def _place(section: View) -> int:
    return _FIRST.index(section["table"]) if section["table"] in _FIRST else len(_FIRST)


def _shown(
    engine: Engine,
    reader: Reading,
    request: Request,
    done: str = "",
    wrong: Sequence[Phrase | str] = (),
    given: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    say = words_for(engine, request, reader.person)
    edition = engine.records.rectifying.edition(reader.person)  # first: never newer than what is shown
    record = engine.records.recording.own(reader.person, say)
    own = {name: text or "" for name, text in engine.people.own_fields(reader.person).items()}
    shown_of_me = engine.promoting.about(reader.person, None, _MOST)
    mistakes = engine.incident_reports.own(reader.person, say)
    values = {
        **record,
        "sections": sorted(record["sections"], key=_place),
        "promotions": shown_of_me,
        "mistakes": mistakes,
        "own": own | (given or {}),
        "edition": edition,
        "done": done,
        "wrong": wrong,
        "spoken": LANGUAGES,
    }
    return show(
        engine, request, "portal/record", values | {"can_state": engine.sealing.has_keys}, status=status
    )
