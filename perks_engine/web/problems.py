"""Errors become HTTP in this one place, as problem details (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnectionError
from starlette.exceptions import HTTPException

from perks_engine.services.errors import (
    ConflictError,
    InvalidInputError,
    ServiceError,
)
from perks_engine.services.ports import ContentionError, KeyTakenError
from perks_engine.web.closed_links import CLOSED, NOT_SIGNED_IN
from perks_engine.web.link_pages import wants_page
from perks_engine.web.methods import allowed_methods
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.states import is_for_pages, sign_in_first, state
from perks_engine.web.pages.told_errors import told as told_to_people
from perks_engine.web.statuses import status_of

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """A problem detail (RFC 9457). `code` is stable; `detail` says what is so and what would mend it."""

    type: str = Field(examples=["/problems/claim.refused"])
    title: str = Field(examples=["Refused"])
    status: int = Field(examples=[403])
    detail: str
    code: str = Field(examples=["claim.refused"])
    problems: list[str] | None = Field(None, description="each thing that is wrong with the input")


BUSY_S = 5
"""After how many seconds a caller that found us busy may try again."""


class UnauthenticatedError(Exception):
    """No token, or one that is unknown, expired or revoked."""


class SignInFirstError(Exception):
    """A page for somebody signed in, opened by nobody who is."""


class ForgedError(Exception):
    """A write by a session, of which nothing shows that the page of this engine asks for it."""


class ErasedError(Exception):
    """The token was that of a person who was erased."""


def problem(status: int, title: str, code: str, detail: str, **more: Any) -> JSONResponse:
    body = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail, "code": code}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body | more, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    app.add_exception_handler(ServiceError, _or_page(_service_error))
    app.add_exception_handler(UnauthenticatedError, _unauthenticated)
    app.add_exception_handler(SignInFirstError, sign_in_first)
    app.add_exception_handler(ErasedError, _or_page(_erased))
    app.add_exception_handler(ForgedError, _or_page(_forged))
    app.add_exception_handler(RequestValidationError, _or_page(_invalid_request))
    app.add_exception_handler(HTTPException, _or_page(_http_error))
    for passing in (OperationalError, NoFreeConnectionError, ContentionError, KeyTakenError):
        app.add_exception_handler(passing, _or_page(_unavailable))
    app.add_exception_handler(DBAPIError, _or_page(_lost))
    app.add_exception_handler(Exception, _or_page(_unexpected))


def _or_page(told: Callable[[Request, Exception], Response]) -> Callable[[Request, Exception], Response]:
    """A browser that asks for a page is told of an error on a page."""

    def tell(request: Request, error: Exception) -> Response:
        answer = told(request, error)
        if not is_for_pages(request):
            return answer
        body: Mapping[str, Any] = json.loads(bytes(answer.body))
        words = told_to_people(error) if isinstance(error, ServiceError) else None
        shown = state(request, answer.status_code, body["code"], words or body["detail"])
        kept = ("allow", "retry-after")
        shown.headers.update({name: answer.headers[name] for name in kept if name in answer.headers})
        return shown

    return tell


def _service_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ServiceError):
        raise error
    status, title = status_of(error)
    if error.code in CLOSED and wants_page(request):
        engine = request.app.state.engine
        person = engine.consents.reader(request.path_params.get("link", ""))
        message = CLOSED[error.code] or error.phrase or f"{error.message}."
        told = {"message": message, "detail": error.message, "code": error.code}
        page = "links/not_signed_in" if error.code in NOT_SIGNED_IN else "links/closed"
        shown = show(engine, request, page, told, person=person, status=status)
        if status == 503:
            shown.headers["Retry-After"] = str(BUSY_S)
        return shown
    more: Mapping[str, Any] = error.more if isinstance(error, ConflictError) else {}
    if isinstance(error, InvalidInputError) and error.problems:
        more = {"problems": list(error.problems)}
    answer = problem(status, title, error.code, error.message, **more)
    if status == 503:
        answer.headers["Retry-After"] = str(BUSY_S)
    return answer


def _unauthenticated(_request: Request, _error: Exception) -> JSONResponse:
    return problem(
        401,
        "Who are you?",
        "access.token",
        "send a token that is neither expired nor revoked, as Authorization: Bearer perks.…",
    )


def _forged(_request: Request, _error: Exception) -> JSONResponse:
    return problem(
        403,
        "Not allowed",
        "access.csrf",
        "a browser that is signed in writes with the header X-CSRF-Token; GET /v1/session says which",
    )


def _erased(_request: Request, _error: Exception) -> JSONResponse:
    return problem(
        410,
        "Your record was erased",
        "record.erased",
        "nothing is on record about you any more; DELETE /v1/record with this token shows the receipt again",
    )


def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(tuple(one["loc"]) == ("body",) for one in found) and not _says_json(request):
        return problem(
            415,
            "The body is not said to be JSON",
            "request.media_type",
            "send the body as JSON, with the header Content-Type: application/json",
        )
    problems = [_told(one) for one in found]
    return problem(422, "The input cannot be used", "request.invalid", "; ".join(problems), problems=problems)


def _says_json(request: Request) -> bool:
    """Whether the request names JSON as the type of its body; one without a body need not."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "") != "0"
    return not has_body or kind == "application/json" or kind.endswith("+json")


_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "there is no such field",
    "string_unicode": "is not text in Unicode",
    "string_pattern_mismatch": "holds the character U+0000, which cannot be kept",
    "timezone_aware": "has no zone, such as Z or +02:00 at its end",
    "model_attributes_type": "is not a JSON object",
}


def _told(one: Mapping[str, Any]) -> str:
    """`body.records[0].claim: is missing`: where something is wrong, and what."""
    if one["type"] == "json_invalid":
        at = one["loc"][-1]
        where = f", at character {at + 1}" if isinstance(at, int) else ""
        return f"body: is not JSON: {one['ctx']['error']}{where}"
    place = str(one["loc"][0])
    for part in one["loc"][1:]:
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    words = str(one["ctx"]["error"]) if one["type"] == "value_error" else one["msg"]
    return f"{place}: {_WORDS.get(one['type'], words)}"


_OF_STATUS: Mapping[int, tuple[str, str, str]] = {
    400: ("The request cannot be read", "request.unreadable", "the body is not JSON in UTF-8, or too deep"),
    404: ("Not found", "request.no_such_path", "there is nothing at {path}; /docs shows what there is"),
    405: ("Not possible here", "request.method", "{path} does not answer {method}, only {allowed}"),
}


def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    detail = str(error.detail)
    title, code, words = _OF_STATUS.get(error.status_code, (detail, f"http.{error.status_code}", detail))
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed_methods(request.app.router.routes, request.scope))
    if error.status_code in _OF_STATUS:
        path = request.url.path if len(request.url.path) <= 100 else f"{request.url.path[:97]}..."
        words = words.format(path=path, method=request.method, allowed=headers.get("Allow"))
    answer = problem(error.status_code, title, code, words)
    answer.headers.update(headers)
    return answer


def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    """The database is away, or busy beyond patience. Where it went away at the very end it may have kept what
    was written: the same key finds that, so that it is never done twice."""
    log.error("the database did not answer", exc_info=error)
    answer = problem(
        503,
        "The database does not answer",
        "database.unavailable",
        "send the same request again in a moment, with the same Idempotency-Key; it is never done twice",
    )
    answer.headers["Retry-After"] = "2"
    return answer


def _lost(request: Request, error: Exception) -> Response:
    """Where the connection broke, the database is away; any other error of it is a fault of ours."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _unavailable(request, error)
    raise error


def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    return problem(500, "Something is broken here", "internal", "it was logged; try again later")


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        401: "No valid token",
        410: "The record of who bears this token was erased",
        403: "The role or brand does not allow it",
        404: "Not found",
        422: "The input cannot be used",
    }.items()
}
