"""Editions in headers: `ETag` on answers that can be edited, `If-Match` on the edits."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from perks_engine.services.editions import ANY, Seen
from perks_engine.services.views import View
from perks_engine.web.problems import Problem

_STRONG = re.compile(r'(?<![/\w])"([^"]*)"')
TAGGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {"description": "the edition, to be sent as If-Match", "schema": {"type": "string"}}
        }
    }
}


class Stale(Problem):
    """It was changed since you looked; nothing was done."""

    edition: str = Field(description="the present one, as `ETag` of a look now would have it")


ENDS: dict[int | str, dict[str, Any]] = {
    412: {"model": Stale, "description": "It was changed since you looked; nothing was done"},
}
"""Of a route that ends or answers something, so that there is no new edition of it to name."""
EDITS = TAGGED | ENDS
"""Of a route that edits: its answer has the new edition, or says that there is another one."""


async def _seen(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=1_000,
            description="the ETag of what you saw: where it was changed since, nothing is done (412)",
            examples=['"5f1d2c3b4a59687706152433"'],
        ),
    ] = None,
) -> Seen:
    """Weak tags never match, and what is no tag matches nothing."""
    if if_match is None or if_match.strip() == "*":
        return ANY
    return Seen(frozenset(_STRONG.findall(if_match)))


IfMatch = Annotated[Seen, Depends(_seen)]


def tagged(view: View, edition: str) -> JSONResponse:
    return JSONResponse(view, headers={"ETag": f'"{edition}"'})


def with_tag(answer: Response, edition: str) -> Response:
    answer.headers["ETag"] = f'"{edition}"'
    return answer
