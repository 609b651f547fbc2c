"""One POST to somebody else's server: no redirect is followed, the answer is read no further than its status,
and all of it has an end however slowly the other side speaks."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Timer
from urllib.parse import SplitResult, urlsplit

TIMEOUT_S = 10.0
"""The longest silence."""
LONGEST_S = 20.0
"""The longest that all of it takes, but for looking up the name."""

Addresses = Callable[[str, int], Sequence[str]]
"""The addresses of a host that may be connected to, one at least; raises `OSError`."""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    reason: str
    retry_after: str


class UnreachableError(Exception):
    """There was no answer; the message says why."""


def any_address(host: str, port: int) -> list[str]:
    """All that the name stands for."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@cache
def authorities(more: Path | None = None) -> ssl.SSLContext:
    """Those that the machine trusts, and those in the PEM file `more`."""
    trusted = ssl.create_default_context()
    if more is not None:
        trusted.load_verify_locations(more)
    return trusted


class _Connection(HTTPConnection):
    """To addresses that were looked at before: a name that stands for another one a moment later leads
    nowhere else. The certificate has to be that of the name."""

    def __init__(
        self, host: str, port: int, addresses: Sequence[str], trusted: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self.addresses = addresses
        self.trusted = trusted
        self.is_over = False

    def connect(self) -> None:
        for place, address in enumerate(self.addresses, start=1):
            try:
                self.sock = socket.create_connection((address, self.port), self.timeout)
                break
            except OSError:
                if place == len(self.addresses) or self.is_over:
                    raise
        if self.is_over:
            raise TimeoutError
        if self.trusted is not None:
            self.sock = self.trusted.wrap_socket(self.sock, server_hostname=self.host)

    def end(self) -> None:
        """Whoever waits for the other side waits no longer."""
        self.is_over = True
        if self.sock is not None:
            with suppress(OSError):  # it may have ended by itself
                self.sock.shutdown(socket.SHUT_RDWR)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    addresses: Addresses = any_address,
    trusted: ssl.SSLContext | None = None,
) -> Answered:
    """The answer, whatever it says; raises `UnreachableError`, and what `addresses` raises but `OSError`."""
    parts = urlsplit(url)
    connection: _Connection | None = None
    clock: Timer | None = None
    try:
        host, port = host_and_port(parts)
        tls = (trusted or authorities()) if parts.scheme == "https" else None
        connection = _Connection(host, port, addresses(host, port), tls)
        clock = Timer(LONGEST_S, connection.end)
        clock.daemon = True
        clock.start()
        connection.request("POST", _target(parts), body, dict(headers))
        answer = connection.getresponse()
        return Answered(answer.status, answer.reason, answer.headers.get("Retry-After", ""))
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(
            f"its certificate is not trusted: {error.verify_message}; if it is of an authority of your own, "
            "the operator can name that in PERKS_AUTHORITIES"
        ) from error
    except (OSError, HTTPException, ValueError) as error:
        if connection is not None and connection.is_over:
            raise UnreachableError(f"it did not answer within {LONGEST_S:.0f} seconds") from error
        raise UnreachableError(" ".join(str(error).split()) or type(error).__name__) from error
    finally:
        if clock is not None:
            clock.cancel()
        if connection is not None:
            connection.close()


def host_and_port(parts: SplitResult) -> tuple[str, int]:
    """Raises `ValueError`."""
    if not parts.hostname:
        raise ValueError("it names no host")
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
