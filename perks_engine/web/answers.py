"""Answers that are asked for most: the same JSON, by the writer of pydantic, in a third of the time."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse
from pydantic_core import to_json


class Json(JSONResponse):
    def render(self, content: Any) -> bytes:
        return to_json(content)
