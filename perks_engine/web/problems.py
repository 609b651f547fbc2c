"""Errors become HTTP in this one place, as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from perks_engine.services.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    ServiceError,
)


class Problem(BaseModel):
    """A problem detail (RFC 9457). `code` is stable; `detail` says what is so and what would mend it."""

    type: str = Field(examples=["/problems/claim.refused"])
    title: str = Field(examples=["Refused"])
    status: int = Field(examples=[403])
    detail: str
    code: str = Field(examples=["claim.refused"])
    problems: list[str] | None = Field(None, description="each thing that is wrong with the input")


_STATUS: Mapping[type[ServiceError], tuple[int, str]] = {
    NotFoundError: (404, "Not found"),
    RefusedError: (409, "Not possible now"),
    ConflictError: (409, "Conflict"),
    ForbiddenError: (403, "Not allowed"),
    InvalidInputError: (422, "The input cannot be used"),
}


class UnauthenticatedError(Exception):
    """No token, or one that is unknown, expired or revoked."""


def problem(status: int, title: str, code: str, detail: str, **more: Any) -> JSONResponse:
    body = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail, "code": code}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body | more, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(UnauthenticatedError, _unauthenticated)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def _service_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ServiceError):
        raise error
    status, title = next(found for kind, found in _STATUS.items() if isinstance(error, kind))
    more = (
        {"problems": list(error.problems)} if isinstance(error, InvalidInputError) and error.problems else {}
    )
    return problem(status, title, error.code, error.message, **more)


def _unauthenticated(_request: Request, _error: Exception) -> JSONResponse:
    return problem(
        401,
        "Who are you?",
        "access.token",
        "send a token that is neither expired nor revoked, as Authorization: Bearer perks.…",
    )


def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    problems = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
    return problem(422, "The input cannot be used", "request.invalid", "; ".join(problems), problems=problems)


def _http_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    names = {404: "request.no_such_path", 405: "request.method"}
    code = names.get(error.status_code, f"http.{error.status_code}")
    answer = problem(error.status_code, str(error.detail), code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    return problem(500, "Something is broken here", "internal", "it was logged; try again later")


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        401: "No valid token",
        403: "The role or brand does not allow it",
        404: "Not found",
        422: "The input cannot be used",
    }.items()
}
