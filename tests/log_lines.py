"""What a server would log, as lines of JSON, while a test runs."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from perks_engine.bootstrap.logs import OURS, formatter


@dataclass
class Lines:
    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def requests(self, *answers: httpx.Response) -> list[dict[str, Any]]:
        """The lines of requests that were answered so: each is written when its answer is on its way."""
        ids = [one.headers["x-request-id"] for one in answers]
        until = time.monotonic() + 10
        while time.monotonic() < until:
            found = {line["request_id"]: line for line in self.of("request")}
            if set(ids) <= set(found):
                return [found[one] for one in ids]
            time.sleep(0.005)
        raise AssertionError(f"no lines of {ids} in:\n{self.text}")

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all if line["event"] == event]


def _as_configured(record: logging.LogRecord) -> bool:
    """As `log_settings` has it: of other libraries what they warn of."""
    return record.name.partition(".")[0] in OURS or record.levelno >= logging.WARNING


@contextmanager
def logging_lines() -> Generator[Lines]:
    """Everything, down to what is for debugging."""
    lines = Lines()
    handler = logging.StreamHandler(lines.stream)
    handler.setFormatter(formatter("json"))
    handler.addFilter(_as_configured)
    loggers = [logging.getLogger(name) for name in OURS]
    before = [one.level for one in loggers]
    logging.getLogger().addHandler(handler)
    for one in loggers:
        one.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)
