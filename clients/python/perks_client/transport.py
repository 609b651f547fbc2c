"""How the client speaks: one bearer of a token, keys for writes, and problems as errors."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter

from perks_client.models import Problem

T = TypeVar("T")


class ProblemError(Exception):
    """The engine refused: `problem` says what is so and what would mend it, `told` is all that it said."""

    def __init__(self, answer: httpx.Response, problem: Problem, told: Mapping[str, Any]) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.answer = answer
        self.problem = problem
        self.told = told

    @property
    def code(self) -> str:
        """Stable, such as `claim.refused`: what a program decides by."""
        return self.problem.code

    @property
    def retry_after_s(self) -> int | None:
        """After how many seconds the same request, under the same key, may be sent again."""
        seconds = self.answer.headers.get("Retry-After", "")
        return int(seconds) if seconds.isdecimal() else None


class UnreadableError(Exception):
    """What answered is not the engine: a proxy, or another service."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url} answered {answer.status_code}")
        self.answer = answer


@dataclass(frozen=True)
class Tagged(Generic[T]):
    """An answer with its edition; given back as `if_match`, an edit is refused where somebody else was
    faster (412 `edition.stale`)."""

    value: T
    etag: str


class Transport:
    """Closed by `close()`, or at the end of a `with`. `http` is a client of your own, with another time limit
    or other authorities; its base URL is that of the engine."""

    def __init__(self, base_url: str, token: str | None = None, http: httpx.Client | None = None) -> None:
        self.http = http or httpx.Client(base_url=base_url, timeout=30)
        self._bears = {"Authorization": f"Bearer {token}"} if token else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()

    def _raw(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: BaseModel | None = None,
        content: bytes | None = None,
        content_type: str | None = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {
            **self._bears,
            **{name: value for name, value in (headers or {}).items() if value is not None},
        }
        if body is not None:
            content = body.model_dump_json(by_alias=True, exclude_unset=True).encode()
            sent["Content-Type"] = "application/json"
        asked = {name: _written(value) for name, value in (query or {}).items() if value is not None}
        answer = self.http.request(method, path, params=asked, headers=sent, content=content, data=form)
        if answer.status_code >= 400:
            raise _error(answer)
        return answer

    def _read(self, kind: type[T] | Any, answer: httpx.Response) -> T:
        return TypeAdapter(kind).validate_json(answer.content)


def new_key() -> str:
    """A key for one write. To send the same write again, keep the key and give it as `idempotency_key`."""
    return uuid.uuid4().hex


def _written(value: Any) -> Any:
    """As an address has it."""
    if isinstance(value, (list, tuple)):
        return [_written(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _error(answer: httpx.Response) -> ProblemError | UnreadableError:
    try:
        told = answer.json()
        return ProblemError(answer, Problem.model_validate(told), told)
    except ValueError:
        return UnreadableError(answer)
