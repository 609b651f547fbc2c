"""Cookies of a browser that signs in. Over HTTPS they have the prefix `__Host-` (RFC 6265bis, 4.1.3.2): no
other host and no subdomain can set them. Over plain HTTP there are none, but for this very machine."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request, Response

from perks_engine.domain.phrase import phrase
from perks_engine.services.errors import RefusedError

CSRF_HEADER = "X-CSRF-Token"
SAFE = ("GET", "HEAD", "OPTIONS")
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Cookies:
    """Those of an engine that is reached at `public_url`."""

    public_url: str

    @property
    def is_secure(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"

    def require_safe(self) -> None:
        """Raises `RefusedError` where a cookie would travel in the clear."""
        host = urlsplit(self.public_url).hostname or ""
        if not self.is_secure and not _is_this_machine(host):
            raise RefusedError(
                "sign_in.insecure",
                phrase(
                    "people sign in over HTTPS only; PERKS_PUBLIC_URL is {public_url}",
                    public_url=self.public_url,
                ),
            )

    def name(self, what: str) -> str:
        return f"__Host-perks-{what}" if self.is_secure else f"perks-{what}"

    def read(self, request: Request, what: str) -> str:
        """Empty where there is none, or what cannot be one of ours."""
        found = request.cookies.get(self.name(what), "")
        return found if len(found) <= _LONGEST and found.isascii() else ""

    def put(self, response: Response, what: str, value: str, lifetime: timedelta) -> None:
        response.set_cookie(
            self.name(what),
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, what: str) -> None:
        response.delete_cookie(
            self.name(what), path="/", secure=self.is_secure, httponly=True, samesite="lax"
        )

    def browser(self, request: Request) -> str:
        """What tells this browser from others while it signs in; made where it has none."""
        held = self.read(request, "sign-in")
        return held if len(held) >= _BROWSER_SIGNS else secrets.token_urlsafe(32)


_BROWSER_SIGNS = 43


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
