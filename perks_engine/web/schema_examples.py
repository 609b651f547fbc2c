"""Examples in the schema of the API: requests that were made of an engine, and what it answered.

They stand in `api_examples.json`, which `python -m tools.api_examples` takes from what went over the wire in
the tests; a test holds each to the schema, and the schema to having one wherever one can be shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SHARED = ({"$ref": "#/components/schemas/Problem"}, {"$ref": "#/components/schemas/Stale"})
FORM = "application/x-www-form-urlencoded"
_FILE = "api_examples.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an example can stand: under the media type of a request (`status` is None) or of an answer.

    What all routes answer alike, a plain problem, has one example for each status, shared by all."""

    route: str
    status: str | None
    media: str
    content: dict[str, Any]

    @property
    def is_shared(self) -> bool:
        return self.content.get("schema") in SHARED

    @property
    def name(self) -> str:
        if self.is_shared:
            return f"problem {self.status}"
        return f"{self.route} {'asks' if self.status is None else self.status} {self.media}"


def places(schema: Mapping[str, Any]) -> Iterator[Place]:
    """Wherever text is asked or answered; a page, a picture or a table of cells is no example to read."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            route = f"{method.upper()} {path}"
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                if _is_text(media):
                    yield Place(route, None, media, content)
            for status, answer in operation["responses"].items():
                for media, content in answer.get("content", {}).items():
                    if _is_text(media):
                        yield Place(route, status, media, content)


def put_into(schema: dict[str, Any]) -> None:
    """Each example at its place; the shared ones once, among the components."""
    found = examples()
    shared: dict[str, Any] = {}
    for place in places(schema):
        if place.name not in found:
            continue
        if place.is_shared:
            name = f"Problem{place.status}"
            shared[name] = {"value": found[place.name]}
            place.content["examples"] = {"problem": {"$ref": f"#/components/examples/{name}"}}
        else:
            place.content["example"] = found[place.name]
    schema["components"]["examples"] = dict(sorted(shared.items()))


@cache
def examples() -> Mapping[str, Any]:
    text = (files("perks_engine.web") / _FILE).read_text(encoding="utf-8")
    return json.loads(text)


def _is_text(media: str) -> bool:
    return media.endswith("json") or media == FORM or (media.startswith("text/") and media != "text/html")
