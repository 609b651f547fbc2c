"""The schema of the API as it is published: what FastAPI reads off the routes, and what stands around them.

Errors are problem details wherever they come from; the limits and the checks that each request passes first
answer by themselves, and no route could say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from perks_engine import __version__
from perks_engine.web import schema_examples
from perks_engine.web.access_rules import RULES
from perks_engine.web.cookies import CSRF_HEADER

TITLE = "perks_engine"
_SUMMARY = "Perk campaigns: who may have them and why, who received them, and who has to say so."
JSON, PROBLEM, PAGE = "application/json", "application/problem+json", "text/html"
_REF = {"$ref": "#/components/schemas/Problem"}
_TEXT = {"type": "string"}
_DERIVED = ("HTTPValidationError", "ValidationError")
"""What FastAPI says of bad input by itself; here that is a problem like any other."""
_UNCOUNTED = ("/healthz", "/readyz")
_BODY = {
    "400": "The body cannot be read",
    "408": "The body came too slowly",
    "413": "The body is too large",
    "415": "The header Content-Type names no type that is taken here",
}
_BUSY = {
    "429": "Too many requests; `Retry-After` says when to go on",
    "503": "The database or a provider does not answer; the same request may be sent again",
}
AROUND = (*_BODY, *_BUSY)
"""The answers that all routes have alike."""
_CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "HTTPBearer": {
        "type": "http",
        "description": "a token made by `perks token issue`",
        "scheme": "bearer",
    },
    "Session": {
        "type": "apiKey",
        "description": f"of a browser that is signed in; a write needs the header {CSRF_HEADER}, too",
        "in": "cookie",
        "name": "__Host-perks-session",
    },
}
"""One of them is asked for by each route that has a rule."""
_HEADERS: Mapping[str, Mapping[str, Any]] = {
    "401": {
        "WWW-Authenticate": {"description": "How to say who one is (RFC 9110, 11.6.1)", "schema": _TEXT},
    },
    "429": {
        "Retry-After": {"description": "seconds", "required": True, "schema": {"type": "integer"}},
        "RateLimit": {"description": "what is left", "schema": _TEXT},
        "RateLimit-Policy": {"description": "how much there is", "schema": _TEXT},
    },
    "503": {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}},
}


def install(app: FastAPI) -> None:
    """Have the application publish it, made once."""

    def published() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = described(app.routes)
        return app.openapi_schema

    app.openapi = published


def described(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    schema = get_openapi(title=TITLE, version=__version__, description=_SUMMARY, routes=routes)
    components = schema["components"]["schemas"]
    schema["components"]["securitySchemes"] = _CREDENTIALS
    for method, path, operation in _operations(schema):
        if f"{method.upper()} {path}" in RULES:
            operation["security"] = [{name: []} for name in _CREDENTIALS]
        answers = operation["responses"]
        for status, words in _around(path, operation).items():
            answers.setdefault(status, {"description": words})
        is_page = any(PAGE in answer.get("content", {}) for answer in answers.values())
        for status, answer in answers.items():
            if status >= "400":
                answer["content"] = dict(_as_problem(answer, components, is_page))
            for media, said in answer.get("content", {}).items():
                if media.startswith("text/"):
                    said.setdefault("schema", _TEXT)
            if status in _HEADERS:
                answer["headers"] = {**_HEADERS[status], **answer.get("headers", {})}
        operation["responses"] = dict(sorted(answers.items()))
    for name in _DERIVED:
        components.pop(name, None)
    schema = named(schema)
    schema_examples.put_into(schema)
    return schema


def named(schema: dict[str, Any]) -> dict[str, Any]:
    """With names that read well and stay: operations by what their function is called, and of two schemas
    of one name each by its module, too. Clients are generated from them."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            behind = re.sub(r"\W", "_", f"{path}_{method}")
            operation["operationId"] = operation["operationId"].removesuffix(behind)
    names = {name: _short(name) for name in schema["components"]["schemas"]}
    text = json.dumps(schema)
    for name, short in names.items():
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{short}"')
    renamed: dict[str, Any] = json.loads(text)
    components = renamed["components"]
    components["schemas"] = {names[name]: one for name, one in components["schemas"].items()}
    return renamed


def _short(name: str) -> str:
    """`perks_engine__web__routes_records__Receipt` is `RecordsReceipt`."""
    *_, module, last = ("", *name.split("__"))
    words = module.removeprefix("routes_").split("_")
    return "".join(word.title() for word in words) + last.replace("-", "")


def _operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _around(path: str, operation: Mapping[str, Any]) -> Mapping[str, str]:
    """What a request may be answered with before its route sees it."""
    parameters, has_body = operation.get("parameters", []), "requestBody" in operation
    told = {} if path in _UNCOUNTED else dict(_BUSY)
    if has_body:
        told |= _BODY
    if has_body or parameters:
        told["422"] = "The input cannot be used"
    if any(one["name"] == "Idempotency-Key" for one in parameters):
        told["409"] = "The key was used for another request"
    return told


def _as_problem(
    answer: Mapping[str, Any], components: Mapping[str, Any], is_page: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = answer.get("content", {}).get(JSON, {}).get("schema", _REF)
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in _DERIVED:
        schema = _REF
    elif name and "code" not in components[name]["properties"]:
        yield JSON, {"schema": schema}
        return
    yield PROBLEM, {"schema": schema}
    if is_page:
        yield PAGE, {"schema": _TEXT}
