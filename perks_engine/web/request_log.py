"""The log of requests names nobody: ids of people, links of letters, callers' addresses, and tokens that
somebody put into an address, stay out of it."""

from __future__ import annotations

import logging
import re
from typing import Any

_LINKS = "people|consent-links|sign-in/links|statements|unsubscribe"
_PRIVATE = re.compile(rf"(?<=/v1/)({_LINKS})/(?!requests\b)[^/?\s]+")
_TOKEN = re.compile(r"perks(?:\.|%2e)[\w.~%-]+", re.IGNORECASE)
_BACK = re.compile(r"(?<=/v1/sign-in/back/)([^?\s]*)\?\S*")
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
    path = _BACK.sub(r"\1?…", path)
    return _TOKEN.sub("perks.…", _QUERY.sub(r"\1…", _PRIVATE.sub(r"\1/…", path)))
