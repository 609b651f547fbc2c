"""What somebody does at the command line stands in the log of what staff does, as what they do on a page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from weakref import WeakSet

import typer

from perks_engine.bootstrap import Application
from perks_engine.cli.output import DONE, NOT_ELIGIBLE, WRONG
from perks_engine.services.access import Actor
from perks_engine.services.errors import ServiceError
from perks_engine.web.statuses import status_of

_NAMED = ("brand", "campaign", "claim", "dispute", "export", "incident", "post", "promotion", "webhook")
"""Of what a command names, what can stand in the log; a person stands in a column of their own."""
_OF_EXIT: Mapping[int, int] = {DONE: 200, NOT_ELIGIBLE: 409, WRONG: 422}
"""The status of a command that ended by itself: done, not possible now, or wrongly asked."""


@dataclass(frozen=True, slots=True)
class _Command:
    """As a request that was answered."""

    route: str
    about: Mapping[str, str]
    status: int = 200
    code: str = ""
    request_id: str = ""


_NOTED = WeakSet[Callable[..., Any]]()
_running: ContextVar[tuple[str, Mapping[str, Any]] | None] = ContextVar("_running", default=None)
"""The command that runs, `perks campaign pause`, with what was typed."""


def noted(app: typer.Typer, path: str = "perks") -> typer.Typer:
    """The same commands; while one runs that says who does it (`--by`), it is known which one it is."""
    for command in app.registered_commands:
        work = command.callback
        if work is not None and work not in _NOTED and "by" in inspect.signature(work).parameters:
            command.callback = _noting(work, f"{path} {command.name or work.__name__.replace('_', '-')}")
    for group in app.registered_groups:
        if group.typer_instance is not None:
            noted(group.typer_instance, f"{path} {group.name or group.typer_instance.info.name}")
    return app


def _noting(work: Callable[..., Any], path: str) -> Callable[..., Any]:
    @wraps(work)
    def done(*given: Any, **named: Any) -> Any:
        before = _running.set((path, named))
        try:
            return work(*given, **named)
        finally:
            _running.reset(before)

    _NOTED.add(done)
    return done


@contextmanager
def written(engine: Application, actor_of: Callable[[str | None], Actor]) -> Generator[None]:
    """Writes down the command that runs, if it is one that says who does it, and what came of it."""
    running = _running.get()
    if running is None:
        yield
        return
    path, given = running
    status, code = 200, ""
    try:
        yield
    except ServiceError as error:
        (status, _), code = status_of(error), error.code
        raise
    except typer.Exit as ended:
        status = _OF_EXIT.get(ended.exit_code, 500)
        raise
    except Exception:
        status = 500
        raise
    finally:
        actor = replace(actor_of(given.get("by")), credential="the command line")
        engine.staff_actions.record(actor, _Command(path, _about(given), status, code))


def _about(given: Mapping[str, Any]) -> dict[str, str]:
    named = {name: given.get(name) for name in (*_NAMED, "person")}
    return {name: str(value) for name, value in named.items() if isinstance(value, str | int) and value != ""}
