"""How often one caller may ask: so many requests of a token or session, so many of an address that shows
neither, or one that opens nothing.

Each answer says what is left (`RateLimit-Policy` and `RateLimit`, draft-ietf-httpapi-ratelimit-headers);
beyond it the answer is 429 with `Retry-After`. Counts are kept in the process, or in Redis for all processes
together. Where Redis is away, requests are answered: this keeps the service in reach, and guards no data.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from limits import RateLimitItem, parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perks_engine.web.limits import refuse
from perks_engine.web.rate_memory import Count, RateMemory

log = logging.getLogger(__name__)

OPEN = frozenset({"/healthz", "/readyz"})
"""Asked by who watches over the service, and answered without looking anything up."""

SESSION = b"perks-session="
OFF = "off"
_MOST = "at most {amount} may come in {seconds} s; wait {wait} s, and send the same request again"


@dataclass(frozen=True, slots=True)
class Left:
    """Of a limit, for one caller, at this moment."""

    name: str
    limit: RateLimitItem
    remaining: int
    resets_in_s: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        policy = f'"{self.name}";q={self.limit.amount};w={self.limit.get_expiry()}'
        left = f'"{self.name}";r={self.remaining};t={self.resets_in_s}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())]


class RateLimit:
    """`per_token` and `per_address` are such as `600/minute`, or `off`; `store` is `memory://` or a URL of
    Redis. Raises `limits.errors.ConfigurationError` where there is no such store."""

    def __init__(self, app: ASGIApp, per_token: str, per_address: str, store: str) -> None:
        self.app = app
        self.per_token = None if per_token == OFF else parse(per_token)
        self.per_address = None if per_address == OFF else parse(per_address)
        self.memory = RateMemory() if store.startswith("memory") else None
        self.limiter = None if self.memory else SlidingWindowCounterRateLimiter(_redis(store))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._while_it_lives(scope, receive, send)
            return
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self.app(scope, receive, send)
            return
        credential, address = _credential(scope), _address(scope)
        if credential:
            left = await self._counted("token", self.per_token, credential)
            # Who has tried one after the other is not given the next try.
            refused = left if _is_over(left) else await self._looked_at("address", self.per_address, address)
        else:
            left = refused = await self._counted("address", self.per_address, address)
        if refused is not None and _is_over(refused):
            await _refuse(send, refused)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                if credential and message["status"] == 401:
                    await self._counted("address", self.per_address, address)
                message = {**message, "headers": [*message["headers"], *(left.headers if left else ())]}
            await send(message)

        await self.app(scope, receive, told)

    async def _while_it_lives(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            # Before it is said that all has ended: afterwards the server waits for nothing.
            bridge = getattr(self.limiter.storage, "bridge", None) if self.limiter else None
            if bridge is not None and message["type"].startswith("lifespan.shutdown"):
                await bridge.storage.aclose()  # the connections to Redis
            await send(message)

        await self.app(scope, receive, told)

    async def _counted(self, name: str, limit: RateLimitItem | None, who: str) -> Left | None:
        """One more request; -1 remain where it was one too many."""
        if limit is None:
            return None
        if self.memory is not None:
            return _left(name, limit, self.memory.count((name, who), limit.amount, limit.get_expiry()))
        try:
            return _left(name, limit, await self._asked(name, limit, who, more=True))
        except Exception:
            log.warning("requests are not counted: the store of rates does not answer", exc_info=True)
            return None

    async def _looked_at(self, name: str, limit: RateLimitItem | None, who: str) -> Left | None:
        if limit is None:
            return None
        if self.memory is not None:
            return _left(name, limit, self.memory.look((name, who), limit.amount, limit.get_expiry()))
        try:
            return _left(name, limit, await self._asked(name, limit, who, more=False))
        except Exception:  # noqa: BLE001 -- whatever a store may raise
            return None

    async def _asked(self, name: str, limit: RateLimitItem, who: str, more: bool) -> Count:
        """Of Redis, for all processes together."""
        limiter: Any = self.limiter
        within = await limiter.hit(limit, name, who) if more else None
        stats = await limiter.get_window_stats(limit, name, who)
        remaining = max(0, stats.remaining)
        return Count(remaining > 0 if within is None else within, remaining, stats.reset_time - time.time())


def _left(name: str, limit: RateLimitItem, counted: Count) -> Left:
    remaining = counted.remaining if counted.within else -1
    return Left(name, limit, remaining, max(1, round(counted.resets_in_s)))


def _redis(url: str) -> Any:
    return storage_from_string(f"async+{url}", implementation="redispy")


def _is_over(left: Left | None) -> bool:
    return left is not None and left.remaining < 0


def _credential(scope: Scope) -> str:
    """Of the token or session that came, a hash; empty where none did."""
    headers = dict(scope["headers"])
    shown = headers.get(b"authorization", b"")
    if not shown:
        cookies = headers.get(b"cookie", b"")
        shown = b"".join(one for one in cookies.split(b";") if SESSION in one)
    return hashlib.sha256(shown).hexdigest() if shown else ""


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return _network(client[0] if client else "")


@lru_cache(maxsize=10_000)
def _network(host: str) -> str:
    """Of IPv6 the network of 64 bits, for whoever has one address of it has them all."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


async def _refuse(send: Send, left: Left) -> None:
    amount, seconds = left.limit.amount, left.limit.get_expiry()
    detail = _MOST.format(amount=amount, seconds=seconds, wait=left.resets_in_s)
    more = [
        (b"retry-after", str(left.resets_in_s).encode()),
        *Left(left.name, left.limit, 0, left.resets_in_s).headers,
    ]
    await refuse(send, 429, "Too many requests", "request.too_many", detail, more)
