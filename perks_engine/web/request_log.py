"""The log of requests names nobody: ids of people, links of letters and callers' addresses stay out of it."""

from __future__ import annotations

import logging
import re
from typing import Any

_PRIVATE = re.compile(r"(?<=/v1/)(people|consent-links|statements|unsubscribe)/(?!requests\b)[^/?\s]+")
_QUERY = re.compile(r"([?&](?:person|address|handle|name)=)[^&\s]+")


class NamesNobody(logging.Filter):
    """Over uvicorn's records of requests, whose arguments are client, method, path, version and status."""

    def filter(self, record: logging.LogRecord) -> bool:
        told: Any = record.args
        if isinstance(told, tuple) and len(told) == 5:
            _client, method, path, version, status = told
            record.args = ("-", method, masked(str(path)), version, status)
        return True


def masked(path: str) -> str:
    """`/v1/people/…/record` for `/v1/people/ana/record`."""
    return _QUERY.sub(r"\1…", _PRIVATE.sub(r"\1/…", path))
