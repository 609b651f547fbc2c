"""Log lines: each names the request or the chore that it belongs to, and nobody.

What an exception says may quote what somebody wrote, and what other libraries fill into their messages may be
an address; so of an exception its kinds and its places are told, and other libraries' messages stand without
what would be filled in.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

Shape = Literal["auto", "json", "text"]
Level = Literal["debug", "info", "warning", "error"]
OURS = ("perks_engine", "uvicorn")
"""The names of loggers whose lines are written by us, or hold nothing of a request."""
MOST_PLACES = 15
_ADDRESS = re.compile(r"[^\s<>\"'=:;,]+@[^\s<>\"'=:;,]+")
_TOKEN = re.compile(r"perks(?:\.|%2e)[\w.~%-]+", re.IGNORECASE)
_PACKAGES = Path(__file__).parent.parent.parent

_noted: ContextVar[dict[str, str] | None] = ContextVar("noted", default=None)
_NOTHING: Mapping[str, str] = {}
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=_NOTHING)
"""What every line is about. One variable for all of it: structlog's own looks through all that there are, at
each line and twice for each request."""


def new_request_id() -> str:
    return secrets.token_hex(8)


@contextmanager
def noting(**about: str) -> Generator[dict[str, str]]:
    """Every line inside of it bears what it is about. What is noted meanwhile (`note`), in threads that work
    for it as well, stands in the mapping that it yields."""
    noted: dict[str, str] = {}
    noting_before, about_before = _noted.set(noted), _about.set({**_about.get(), **about})
    try:
        yield noted
    finally:
        _about.reset(about_before)
        _noted.reset(noting_before)


def note(**ids: str) -> None:
    """Add ids to the line that is written when the request is over."""
    noted = _noted.get()
    if noted is not None:
        noted.update(ids)


def log_settings(level: str, shape: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything to standard error, in one shape."""
    ours = {"level": level.upper(), "propagate": True, "handlers": []}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "perks_engine.bootstrap.logs.formatter", "shape": shape}},
        "handlers": {
            "lines": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "WARNING", "handlers": ["lines"]},
        "loggers": {name: dict(ours) for name in OURS},
    }


def formatter(shape: str) -> ProcessorFormatter:
    """Of all lines, ours and other libraries'."""
    is_json = shape == "json" or (shape == "auto" and not sys.stderr.isatty())
    chain: list[Processor] = [
        _about_what,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=("told",)),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _spread,
        _places_alone,
        _unfilled,
        _masked,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False) if is_json else _in_text
    )
    kind = _JsonLines if is_json else ProcessorFormatter
    return kind(foreign_pre_chain=chain, processors=[ProcessorFormatter.remove_processors_meta, last])


class _JsonLines(ProcessorFormatter):
    """The line of a request holds ids and templates alone (`told`), and there is one for each: it does not go
    through the chain that looks for what should not be there, which costs as much as judging a rule."""

    def format(self, record: logging.LogRecord) -> str:
        told: Mapping[str, Any] | None = getattr(record, "told", None)
        if told is None or record.exc_info:
            return super().format(record)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        line = {"event": record.msg, **_about.get(), "logger": record.name}
        return _AS_JSON({**line, "level": record.levelname.lower(), "timestamp": moment, **told})


def _about_what(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for name, value in _about.get().items():
        event.setdefault(name, value)
    return event


_AS_JSON = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _spread(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """What `extra={"told": …}` brings stands beside the rest."""
    told: Mapping[str, Any] = event.pop("told", {})
    return {**event, **told}


def _places_alone(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Of an exception its kinds, from the cause on, and the places that it came through."""
    record = event.get("_record")
    event.pop("exc_info", None)
    error = record.exc_info[1] if record is not None and record.exc_info else None
    if record is not None:
        record.exc_info = record.exc_text = None
    if error is None:
        return event
    kinds: list[str] = []
    state = ""
    origin: BaseException = error
    cause: BaseException | None = error
    while cause is not None and len(kinds) < MOST_PLACES:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        state = state or str(getattr(cause, "sqlstate", None) or "")
        origin, cause = cause, cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(origin.__traceback__) or traceback.extract_tb(error.__traceback__)
    places = [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in frames[-MOST_PLACES:]]
    told = {"exception": " < ".join(kinds), "trace": places}
    return {**event, **told, **({"sqlstate": state} if state else {})}


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(_PACKAGES / "perks_engine"):
        return str(path.relative_to(_PACKAGES))
    return "/".join(path.parts[-2:])


def _unfilled(_logger: Any, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if record is not None and record.name.partition(".")[0] not in OURS:
        event["event"] = str(record.msg)
    return event


def masked(text: str) -> str:
    """Without addresses and tokens that found a way into it after all."""
    return _TOKEN.sub("perks.…", _ADDRESS.sub("…@…", text))


def _masked(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["event"] = masked(str(event.get("event", "")))
    return event


_FIRST = ("timestamp", "level", "event")


def _in_text(_logger: Any, _method: str, event: EventDict) -> str:
    rest = " ".join(
        f"{name}={value}" for name, value in event.items() if name not in (*_FIRST, "trace", "logger")
    )
    line = f"{event.get('timestamp', '')} {event.get('level', ''):<7} {event.get('event', '')}"
    places = "".join(f"\n    {place}" for place in event.get("trace", ()))
    return f"{line}  {rest}".rstrip() + places
