"""Posts of recipients: those that wait for somebody to look, and how each discloses."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from perks_engine.domain.disclosing_failures import WORDS, Failure
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.judgement_records import Outcome, PostState
from perks_engine.services.judging import Seen
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import LINES, Cursor, Filter, form_key, skipped, tried, wanted
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import Form, Reading, Sent
from perks_engine.web.pages.shell import show

router = APIRouter(prefix="/console/posts", include_in_schema=False)
PostId = Annotated[int, Path(ge=1, le=2**53)]


@router.get("")
def posts(
    engine: Engine,
    reader: Reading,
    request: Request,
    brand: Filter = "",
    state: Filter = PostState.WAITING.value,
    cursor: Cursor = "",
    done: Filter = "",
) -> Response:
    """The queue: those that wait, or any others."""
    actor, after = reader.actor, skipped(cursor)
    chosen = None if state == "all" else _state(state)
    found = engine.recipients.judging.posts(actor, wanted(brand), None, chosen, after or None, LINES + 1)
    values = {
        "posts": found[:LINES],
        "next": str(found[LINES - 1]["post"]) if len(found) > LINES else "",
        "at": cursor,
        "asked": {"brand": brand, "state": state},
        "brands": engine.campaigning.brands_seen_by(actor),
        "states": [one.value for one in PostState],
        "done": done,
    }
    return show(engine, request, "console/posts", values)


def _state(text: str) -> PostState:
    try:
        return PostState(text)
    except ValueError as error:
        told = phrase("no post is '{text}'; choose one of the filters on the page", text=text[:20])
        raise InvalidInputError("console.state", told) from error


@router.get("/{post}")
def post_to_judge(post: PostId, engine: Engine, reader: Reading, request: Request) -> Response:
    """One post, what was seen of it so far, and the form to judge it."""
    return show(engine, request, "console/post", _values(engine, reader, post, Form()))


@router.post("/{post}/judgement")
def judge(post: PostId, engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """Judge whether a post discloses clearly."""
    actor = reader.actor

    def work() -> None:
        seen = Seen(_outcome(form.text("outcome")), _failures(form.all_of("failures")), form.text("note"))
        engine.recipients.judging.judge(actor, post, seen, form.text("key"))

    return tried(
        engine,
        request,
        work,
        lambda _done: see("/console/posts?done=judged"),
        "console/post",
        lambda: _values(engine, reader, post, form),
    )


def _values(engine: Engine, reader: Reading, post: int, form: Form) -> View:
    return {
        "post": engine.recipients.judging.show(reader.actor, post),
        "outcomes": [one.value for one in Outcome],
        "failures": failure_words(),
        "given": {
            "outcome": form.text("outcome"),
            "failures": form.all_of("failures"),
            "note": form.text("note"),
        },
        "key": form_key(engine),
    }


def failure_words() -> list[tuple[str, Phrase]]:
    return [(one.value, WORDS[one][0]) for one in Failure]


def _outcome(text: str) -> Outcome:
    try:
        return Outcome(text)
    except ValueError as error:
        raise InvalidInputError(
            "judgement.outcome", phrase("say whether the disclosure passes, fails or cannot be judged")
        ) from error


def _failures(given: list[str]) -> tuple[Failure, ...]:
    try:
        return tuple(dict.fromkeys(Failure(one) for one in given))
    except ValueError as error:
        raise InvalidInputError("judgement.why", phrase("one of the failures is not known here")) from error
