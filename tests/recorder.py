"""What was asked of engines and what they answered, as it went over the wire: the examples of the API's
schema are taken from it (`python -m tools.api_examples` runs tests with it).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perks_engine.web.request_log import route_of

FOLDER = "PERKS_TEST_RECORDS"
"""In the environment: where each process of the tests writes down what went over the wire, if it is to."""
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, by their media types; what is no text that can be shown is None."""

    route: str
    status: int
    sent: str
    asked: Any
    media: str
    answered: Any


def recorded(app: ASGIApp) -> ASGIApp:
    """The application, or one that keeps a record around it."""
    folder = os.environ.get(FOLDER)
    return _around(app, Path(folder) / f"{os.getpid()}.jsonl") if folder else app


def _around(app: ASGIApp, file: Path) -> ASGIApp:
    async def record(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        asked, answered = bytearray(), bytearray()
        head: Message = {}

        async def received() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                answered.extend(message.get("body", b""))
            await send(message)

        await app(scope, received, sent)
        if head:
            route = f"{scope['method']} {route_of(scope)}"
            media, given = _media(head), _media(scope)
            told = _shown(bytes(asked), given), media, _shown(bytes(answered), media)
            exchange = Exchange(route, int(head["status"]), given, *told)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(f"{json.dumps(asdict(exchange))}\n")

    return record


def _media(told: Mapping[str, Any]) -> str:
    found = {bytes(name).lower(): bytes(value) for name, value in told.get("headers", ())}
    return found.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()


def _shown(data: bytes, media: str) -> Any:
    try:
        text = data.decode()
        if media.endswith("json"):
            return json.loads(text)
    except ValueError:
        return None
    if media == FORM:
        return dict(parse_qsl(text))
    return text if media.startswith("text/") and media != "text/html" else None
