"""A page for each problem that this service can answer with: what its `type` leads to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from perks_engine.services.errors import NotFoundError
from perks_engine.web.callers import Engine
from perks_engine.web.link_pages import wants_page
from perks_engine.web.pages.shell import show

router = APIRouter(prefix="/problems", tags=["problems"])

_MENDS: Mapping[int, str] = {
    401: "Send a credential that is good. Asking again with the same one changes nothing.",
    403: "Asking again changes nothing, unless somebody gives the caller the right to it.",
    404: "Look at how it is called. What a caller does not reach is answered as what is not there.",
    408: "Nothing was done. Send the same request again, with the same Idempotency-Key.",
    409: "The state of things stands in the way. Look at it again; the same request may be possible later.",
    410: "What was asked about is gone for good.",
    413: "Send less at a time.",
    415: "Say in the header Content-Type what the body is.",
    422: "Mend the input, and send it under a new Idempotency-Key. `problems` names each fault.",
    429: "Wait for as long as Retry-After says, then send the same request again.",
    500: "It is our fault, and it was logged. The same request may be sent again, with the same key.",
    503: "Nothing was done. Send the same request again after Retry-After, with the same Idempotency-Key.",
}
_ANY = "What `detail` says about the very request tells more than this page can."
_HEADERS = {"Cache-Control": "public, max-age=3600", "Vary": "Accept"}


@cache
def known() -> Mapping[str, Mapping[str, Any]]:
    """By code: `statuses`, `title` and what it `says`, made from the code by `tools.problem_types`."""
    text = files("perks_engine.web").joinpath("problem_types.json").read_text(encoding="utf-8")
    return json.loads(text)


@router.get("", responses={200: {"content": {"text/html": {}}}})
def list_problems(request: Request, engine: Engine) -> Response:
    """All problems there are, as JSON or as a page."""
    if not wants_page(request):
        return JSONResponse({"problems": [_view(code) for code in known()]}, headers=_HEADERS)
    values = {"problems": [_view(code) for code in known()]}
    return show(engine, request, "problems", values, language="en")


@router.get("/{code}", responses={200: {"content": {"text/html": {}}}, 404: {"description": "No such"}})
def show_problem(
    request: Request, engine: Engine, code: Annotated[str, Path(max_length=100, examples=["claim.refused"])]
) -> Response:
    """What a problem means and what would mend it, as JSON or as a page."""
    if code not in known():
        raise NotFoundError("problem.unknown", "there is no such problem; /problems lists all there are")
    if not wants_page(request):
        return JSONResponse(_view(code), headers=_HEADERS)
    return show(engine, request, "problem", _view(code), language="en")


def _view(code: str) -> dict[str, Any]:
    one = known()[code]
    mends = {str(status): _MENDS.get(status, _ANY) for status in one["statuses"]}
    return {"type": f"/problems/{code}", "code": code, **one, "mends": mends}
